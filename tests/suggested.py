"""A set of coloured pictures, and a published model that was trained on it and names the strongest colour."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pyarrow.parquet

from app.usecases.person import Person
from app.usecases.registering import VersionFile
from app.wiring import Appliance
from engine.files import write_json
from engine.modalities.image.describe import describe_pictures
from engine.specs.codec import to_json
from engine.specs.picture_findings import LabelSuspect, PictureFindings
from engine.specs.report import Report
from engine.specs.schema import Schema
from engine.specs.training import TaskSpec
from store import datasets, models, run_records
from store.datasets import Dataset
from store.identifiers import new_id
from store.models import Model, ModelVersion
from store.run_records import RunRecord
from store.table import now
from tests.engine.published_pictures import SCHEMA, batch, picture_card, picture_task

#: The columns of the set: its pictures, their labels, and where they came from.
COLUMNS = SCHEMA.without("brightness")


def write_colours(folder: Path, count: int = 24) -> Path:
    """Write the folder of a dataset of colours as an import would; return its table."""
    data = folder / "dataset" / "data.parquet"
    data.parent.mkdir(parents=True)
    rows = batch(count)
    pyarrow.parquet.write_table(pyarrow.Table.from_batches([rows]), data, row_group_size=10)
    write_json(data.parent / "schema.json", to_json(COLUMNS))
    describe_pictures(data, COLUMNS, folder)
    return data


def put_colours(box: Appliance, who: Person, *, count: int = 24) -> str:
    """Put a ready dataset of colours into a box and return its id."""
    record = Dataset(
        id=new_id(), name="Colours", state="ready", source_name="colours.zip", bytes=4096, created_by=who.id,
        created_at=now(), rows=count, columns=len(COLUMNS.columns), rejected=0,
    )  # fmt: skip
    write_colours(box.folder.dataset(record.id), count)
    with box.db.write() as tx:
        datasets.add(tx, record)
    return record.id


def publish_for(
    box: Appliance,
    who: Person,
    dataset_id: str,
    content: bytes,
    *,
    name: str = "colours",
    task: TaskSpec | None = None,
    reads: Schema | None = None,
    suspects: tuple[LabelSuspect, ...] = (),
) -> ModelVersion:
    """Publish the model file `content` as the next version of a model from a run on a dataset.

    task, reads: what it says about itself.   suspects: the labels that were doubted after its training.
    """
    task, moment = task or picture_task(), now()
    run = RunRecord(
        id=new_id(), name="Colours", dataset_id=dataset_id, dataset_name="Colours", target=task.target,
        created_by=who.id, created_at=moment, updated_at=moment,
    )  # fmt: skip
    model = models.by_name(box.db, name) or Model(
        id=new_id(), name=name, title=name, description="", created_by=who.id, created_at=moment
    )
    sha256 = hashlib.sha256(content).hexdigest()
    version = ModelVersion(
        model_id=model.id, run_id=run.id, task=task.task, target=task.target, metric=task.metric, score=1.0,
        baseline=0.3, rows=20, bytes=len(content), sha256=sha256, created_by=who.id, created_at=moment,
    )  # fmt: skip
    with box.db.write() as tx:
        run_records.add(tx, run)
        if models.get(tx, model.id) is None:
            models.add_model(tx, model)
        version = models.add_version(tx, version)
    folder = box.folder.model_version(model.id, version.version)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(content)
    about = VersionFile(
        model=name, number=version.version, card=picture_card(task), task=task, run_id=run.id, run_name=run.name,
        schema=reads or COLUMNS.without("label", "path"), dataset_id=dataset_id, dataset_name="Colours",
        sha256=sha256, bytes=len(content), created_at=moment.isoformat(), created_by=who.id,
    )  # fmt: skip
    write_json(folder / "version.json", to_json(about))
    findings = PictureFindings(image="image", rows=4, judged=4, suspected=len(suspects), suspects=suspects)
    write_json(
        folder / "report.json",
        to_json(Report(title="Colours", created_at=moment.isoformat(), task=task, pictures=findings)),
    )
    return version
