"""A file of rows becomes a file of answers, one for each row."""

from __future__ import annotations

import csv
import io

import pyarrow.parquet as pq
import pytest

from app.usecases.predictions import answers_file, predict_upload
from app.usecases.refusals import Conflict, NotFound
from tests.app.jobs.handlers.conftest import ADA, Walk, ended, upload

pytestmark = pytest.mark.slow


def test_every_row_is_answered(walk: Walk) -> None:
    assert walk.predicted.state == "succeeded", walk.predicted
    path = answers_file(walk.box, ADA, walk.predicted.id)
    answers = list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8"))))
    truth = [line.rpartition(",")[2] for line in walk.table.decode().splitlines()[1:]]
    right = sum(answer["label"] == label for answer, label in zip(answers, truth, strict=True))
    assert right > 0.9 * len(truth)
    assert walk.predicted.result["rows"] == len(truth) == 400
    assert walk.predicted.result["bytes"] == path.stat().st_size
    assert not walk.predicted.result["out"].startswith("/")


def test_parquet_and_bare_answers_on_request(walk: Walk) -> None:
    given = upload(walk.box, "a.csv", walk.table)
    job = predict_upload(walk.box, ADA, "tumours", 1, given.id, format="parquet", keep_columns=False)
    done = ended(walk.box, job)
    assert done.state == "succeeded", done
    table = pq.read_table(answers_file(walk.box, ADA, job.id))
    assert table.column_names[:2] == ["row", "label"] and table.num_rows == 400


def test_a_file_without_the_columns_fails_clearly(walk: Walk) -> None:
    given = upload(walk.box, "other.csv", b"a,b\n1,2\n3,4\n")
    job = predict_upload(walk.box, ADA, "tumours", 1, given.id)
    with pytest.raises(Conflict):
        answers_file(walk.box, ADA, job.id)
    failed = ended(walk.box, job)
    assert (failed.state, failed.error_class) == ("failed", "USER")
    assert "other.csv" in failed.message and str(walk.box.folder.root) not in failed.message


def test_what_is_not_there_is_not_predicted_with(walk: Walk) -> None:
    given = upload(walk.box, "a.csv", walk.table)
    for model, version in (("tumours", 2), ("nothing", 1)):
        with pytest.raises(NotFound):
            predict_upload(walk.box, ADA, model, version, given.id)
    with pytest.raises(NotFound):
        answers_file(walk.box, ADA, walk.trained.id)
    first = predict_upload(walk.box, ADA, "tumours", 1, given.id)
    with pytest.raises(Conflict):
        predict_upload(walk.box, ADA, "tumours", 1, given.id)
    assert ended(walk.box, first).state == "succeeded"
