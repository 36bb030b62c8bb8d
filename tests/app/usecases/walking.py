"""A box with a small ready dataset, and a worker that does a run's jobs in this very process."""

from __future__ import annotations

import random
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from app.jobs.kinds import KINDS, resolve
from app.settings import ServeSettings
from app.usecases.person import Person
from app.usecases.pipeline import continue_run
from app.usecases.runs import create_run
from app.wiring import Appliance, build
from engine.modalities.table import ImportLimits, import_table
from store import datasets, jobs, run_records
from store.datasets import Dataset
from store.folder import DataFolder
from store.identifiers import new_id
from store.jobs import JobRecord
from store.run_records import RunRecord
from store.table import now
from tests.runs import SETTINGS, write_table

ADA = Person(id=new_id(), name="ada", display="Ada", role="admin")
BOB = Person(id=new_id(), name="bob", display="Bob", role="member")
#: Characters that a path, a page and a query each might stumble over.
FILE_NAME = "肿瘤 <b>'data'.csv"
UNTIL = {"prepare_run": "split", "train_run": "evaluation", "publish_run": None}


@pytest.fixture(scope="session")
def imported(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset's folder as an import leaves it: 300 rows, a leak, an identifier, a date, a constant."""
    bunch = load_breast_cancer()
    dice = random.Random(7)
    rows = range(300)
    columns: dict[str, list[object]] = {
        str(name): bunch.data[:300, i].tolist() for i, name in enumerate(bunch.feature_names[:6])
    }
    columns["ward"] = [dice.choice(["north", "south", "it's"]) for _ in rows]
    columns["seen"] = [f"2024-{1 + i % 12:02d}-{1 + i % 28:02d}" for i in rows]
    columns["case"] = [f"case-{i:05d}" for i in rows]
    columns["clinic"] = ["one" for _ in rows]
    columns["verdict"] = ["gut" if y else "schlecht" for y in bunch.target[:300]]
    columns["finding"] = ["benign" if y else "malignant" for y in bunch.target[:300]]
    folder = tmp_path_factory.mktemp("dataset")
    (folder / "source").mkdir()
    (folder / "dataset").mkdir()
    write_table(folder / "source" / FILE_NAME, columns)
    import_table(
        folder / "source" / FILE_NAME,
        folder / "dataset",
        limits=ImportLimits(),
        progress=lambda share: None,
    )
    return folder


@pytest.fixture(scope="session")
def walked(imported: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder, closed, with one ready dataset of Ada's and one run of Bob's that waits at the split."""
    root = tmp_path_factory.mktemp("walked") / "data"
    with opened(root) as made:
        dataset = add_dataset(made, imported)
        run = create_run(made, BOB, dataset.id, target="finding", time_limit_s=60)
        work_through(made, run.id)
    return root


@pytest.fixture
def box(walked: Path, tmp_path: Path) -> Iterator[Appliance]:
    """An appliance on a copy of `walked`; nothing of it runs by itself."""
    with opened(Path(shutil.copytree(walked, tmp_path / "data"))) as made:
        yield made


@pytest.fixture
def dataset_id(box: Appliance) -> str:
    """The id of the dataset in `box`."""
    return datasets.list(box.db)[0].id


@pytest.fixture
def prepared(box: Appliance) -> RunRecord:
    """The run in `box`, whose plan and split wait for a person."""
    return run_records.list(box.db)[0]


@contextmanager
def opened(root: Path) -> Iterator[Appliance]:
    """An appliance on a data folder, closed at the end."""
    made = build(DataFolder(root), SETTINGS, ServeSettings())
    try:
        yield made
    finally:
        made.jobs.close()
        made.db.close()


def add_dataset(box: Appliance, imported: Path) -> Dataset:
    """Put an imported dataset's folder and row into `box`."""
    made = Dataset(
        id=new_id(),
        name="Tumours",
        state="ready",
        source_name=FILE_NAME,
        bytes=(imported / "source" / FILE_NAME).stat().st_size,
        rows=300,
        created_by=ADA.id,
        created_at=now(),
    )
    shutil.copytree(imported, box.folder.dataset(made.id))
    with box.db.write() as tx:
        datasets.add(tx, made)
    return made


def work(box: Appliance, job: JobRecord) -> JobRecord:
    """Do a run's job here and now, settle it and write that it has succeeded.   Raises: what the work raises."""
    with box.db.write() as tx:
        jobs.update(tx, job.id, state="running")
    run_id = job.subject.partition(":")[2]
    continue_run(box.folder.run(run_id), SETTINGS, lambda event: None, UNTIL[job.kind])
    with box.db.write() as tx:
        jobs.update(tx, job.id, state="succeeded")
    ended = jobs.get(box.db, job.id)
    assert ended is not None
    settle = next(kind.settle for kind in KINDS if kind.name == job.kind)
    resolve(settle)(box.db, box.folder, ended)
    return ended


def work_through(box: Appliance, run_id: str) -> None:
    """Do whatever waits for a run."""
    for job in jobs.active(box.db, f"run:{run_id}"):
        work(box, job)


def together(*actions: object) -> list[BaseException | None]:
    """Call functions at the same moment in threads of their own; return what each raised."""
    barrier = threading.Barrier(len(actions))
    raised: list[BaseException | None] = [None] * len(actions)

    def call(position: int) -> None:
        barrier.wait()
        try:
            actions[position]()  # type: ignore[operator]
        except Exception as error:  # noqa: BLE001 - handed to the test, which looks at it
            raised[position] = error

    threads = [threading.Thread(target=call, args=(i,)) for i in range(len(actions))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return raised
