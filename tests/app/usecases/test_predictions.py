"""A file is answered only with what is there; the answering itself is shown where jobs are tested."""

from __future__ import annotations

import pytest

from app.usecases import uploads
from app.usecases.predictions import answers_file, predict_upload
from app.usecases.refusals import Conflict, NotFound
from app.wiring import Appliance
from store import jobs, models
from store.identifiers import new_id
from store.models import Model, ModelVersion
from store.table import now
from tests.app.usecases.walking import ADA, BOB


def add_model(box: Appliance) -> Model:
    model = Model(id=new_id(), name="m", title="M", description="", created_by=ADA.id, created_at=now())
    version = ModelVersion(
        model_id=model.id,
        run_id=new_id(),
        task="binary",
        target="y",
        metric="roc_auc",
        score=None,
        baseline=None,
        rows=1,
        bytes=1,
        sha256="0" * 64,
        created_by=ADA.id,
        created_at=now(),
    )
    with box.db.write() as tx:
        models.add_model(tx, model)
        models.add_version(tx, version)
    return model


def test_an_upload_goes_into_the_job_and_waits_there(box: Appliance) -> None:
    add_model(box)
    begun = uploads.begin(box, ADA, "../rows.csv", 4)
    with pytest.raises(Conflict):
        predict_upload(box, ADA, "m", 1, begun.id)
    uploads.part_of(box.folder, begun).write_bytes(b"a\n1\n")
    upload = uploads.finish(box, begun)
    with pytest.raises(NotFound):
        predict_upload(box, BOB, "m", 1, upload.id)
    job = predict_upload(box, ADA, "m", 1, upload.id, format="parquet")
    assert (job.state, job.title, job.arguments["format"]) == ("queued", "rows.csv", "parquet")
    source = box.folder.job(job.id) / "source" / "rows.csv"
    assert source.read_bytes() == b"a\n1\n" and not box.folder.upload(upload.id).exists()
    with pytest.raises(Conflict, match="not ready"):
        answers_file(box, BOB, job.id)


def test_what_cannot_be_used_is_refused_and_the_upload_stays(box: Appliance) -> None:
    model = add_model(box)
    begun = uploads.begin(box, ADA, "rows.csv", 4)
    uploads.part_of(box.folder, begun).write_bytes(b"a\n1\n")
    upload = uploads.finish(box, begun)
    with pytest.raises(NotFound):
        predict_upload(box, ADA, "m", 2, upload.id)
    with box.db.write() as tx:
        models.withdraw(tx, model.id, 1, now())
    with pytest.raises(Conflict, match="withdrawn"):
        predict_upload(box, ADA, "m", 1, upload.id)
    assert box.folder.upload(upload.id).exists()
    assert not [job for job in jobs.list(box.db) if job.kind == "predict_file"]
