"""A box in which people have walked: runs at every station, of all three tasks, one of them a published model."""

from __future__ import annotations

import functools
import json
import random
import shutil
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sklearn.datasets import load_breast_cancer, load_diabetes, load_wine
from streamlit.testing.v1 import AppTest

from app.settings import ServeSettings
from app.usecases import runs
from app.usecases.person import Person, person_of
from app.wiring import Appliance, build, use
from engine.modalities.table import ImportLimits, import_table
from store import datasets, run_records, users
from store.datasets import Dataset
from store.folder import DataFolder
from store.identifiers import new_id
from store.run_records import RunRecord
from store.table import now
from store.users import User
from tests.app.usecases.walking import work, work_through
from tests.journeys.browser import free_port
from tests.runs import SETTINGS, write_table

#: A column and a class that would like to be markup.
COLUMN = '<img src=x onerror="alert(1)"> **bold** :red[x] $x^2$'
RED = "**red** <i>wine</i> [a](javascript:alert(1))"
QUICK = ["decision_tree"]
_ROWS = 240


@dataclass(frozen=True)
class Walked:
    """The ids of the runs in the folder. All are Bob's; `published` is version 1 of the model "tumours"."""

    root: Path
    waiting: str
    prepared: str
    published: str
    wine: str
    diabetes: str


@pytest.fixture(scope="session")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Walked:
    """A data folder, closed; look, and copy it before you touch it."""
    return _walk(tmp_path_factory.getbasetemp())


@functools.cache
def _walk(folder: Path) -> Walked:
    """Walk once in a session, in however many rooms the fixture is imported."""
    place = folder / "walks"  # the factory itself is no key: it cannot be hashed
    place.mkdir()
    root = place / "data"
    DataFolder(root).create()
    box = build(DataFolder(root), SETTINGS, ServeSettings())
    with closing(box.db), closing(box.jobs):
        bob = _bob(box)
        tumours = _dataset(box, bob, place, "Tumours", _tumours())
        waiting = runs.create_run(box, bob, tumours, target="finding", name="Not begun")
        box.jobs.cancel(runs.prepare(box, bob, waiting.id).id)
        prepared = _run(box, bob, tumours, "finding", "Prepared", until="split")
        published = _run(box, bob, tumours, "finding", "Walked to its end")
        work(box, runs.publish(box, bob, published, name="tumours", description="Tells *tumours* apart."))
        wine = _run(box, bob, _dataset(box, bob, place, "Wines", _wines()), "kind", "Kinds of wine")
        sugar = _dataset(box, bob, place, "Diabetes", _diabetes())
        diabetes = _run(box, bob, sugar, "progression", "How it goes on")
    return Walked(root, waiting.id, prepared, published, wine, diabetes)


@pytest.fixture
def walked_box(walked: Walked, tmp_path: Path) -> Iterator[Appliance]:
    """A box on a copy of the folder, in use by this process; no inference plane listens, nothing runs by itself."""
    folder = DataFolder(Path(shutil.copytree(walked.root, tmp_path / "data")))
    box = build(folder, SETTINGS, ServeSettings(inference_port=free_port()))
    with closing(box.db), closing(box.jobs):
        use(box)
        yield box
        use(None)


def bob_of(box: Appliance) -> Person:
    """Return the owner of every run in the folder, a member."""
    return person_of(next(user for user in users.list(box.db) if user.name == "bob"))


def set_run(box: Appliance, run_id: str, **facts: Any) -> RunRecord:
    """Write facts of a run's record: a hostile name, say."""
    with box.db.write() as tx:
        run_records.update(tx, run_id, **facts)
    found = run_records.get(box.db, run_id)
    assert found is not None
    return found


def _bob(box: Appliance) -> Person:
    user = User(
        id=new_id(),
        name="bob",
        display="Bob",
        role="member",
        password_hash="!",
        created_at=datetime.now(UTC),
    )
    with box.db.write() as tx:
        users.add(tx, user)
    return person_of(user)


def _run(box: Appliance, who: Person, dataset: str, target: str, name: str, *, until: str = "") -> str:
    run = runs.create_run(box, who, dataset, target=target, name=name, time_limit_s=60)
    work_through(box, run.id)
    if until != "split":
        runs.change_run(box, who, run.id, revision=run.revision, families=QUICK)
        work(box, runs.start_training(box, who, run.id))
    return run.id


def _dataset(box: Appliance, who: Person, place: Path, name: str, columns: dict[str, list[object]]) -> str:
    made = Dataset(
        id=new_id(), name=name, state="ready", source_name=f"{name}.csv", bytes=1, rows=len(columns["id"]),
        created_by=who.id, created_at=now(),
    )  # fmt: skip
    folder = box.folder.dataset(made.id)
    (folder / "source").mkdir(parents=True)
    (folder / "dataset").mkdir()
    file = write_table(folder / "source" / f"{name}.csv", columns)
    import_table(file, folder / "dataset", limits=ImportLimits(), progress=lambda share: None)
    with box.db.write() as tx:
        datasets.add(tx, made)
    return made.id


def _tumours() -> dict[str, list[object]]:
    """Two columns leak: `verdict` says the target in other words, `id` names the row."""
    bunch, dice, rows = load_breast_cancer(), random.Random(7), range(_ROWS)
    columns: dict[str, list[object]] = {
        str(name): bunch.data[:_ROWS, i].tolist() for i, name in enumerate(bunch.feature_names[:5])
    }
    columns[COLUMN] = [dice.choice(["north", "south", "<b>it's</b>"]) for _ in rows]
    columns["id"] = [f"case-{i:05d}" for i in rows]
    columns["verdict"] = ["gut" if y else "schlecht" for y in bunch.target[:_ROWS]]
    columns["finding"] = ["benign" if y else "malignant" for y in bunch.target[:_ROWS]]
    return columns


def _wines() -> dict[str, list[object]]:
    bunch = load_wine()
    columns: dict[str, list[object]] = {
        str(name): bunch.data[:, i].tolist() for i, name in enumerate(bunch.feature_names[:5])
    }
    columns["id"] = [f"wine-{i:05d}" for i in range(len(bunch.target))]
    columns["kind"] = [(RED, "white", "rosé")[y] for y in bunch.target]
    return columns


def _diabetes() -> dict[str, list[object]]:
    bunch = load_diabetes()
    columns: dict[str, list[object]] = {
        str(name): bunch.data[:_ROWS, i].tolist() for i, name in enumerate(bunch.feature_names[:6])
    }
    columns["id"] = [f"case-{i:05d}" for i in range(_ROWS)]
    columns["progression"] = bunch.target[:_ROWS].tolist()
    return columns


def tick_column(page: AppTest, column: str, *, use: bool) -> AppTest:
    """Tick or clear a column in the table of the step "features", and let the page answer.

    Streamlit's own test cannot edit a table yet: the edit is put among the widgets' states as the browser sends it.
    """
    (editor,) = page.data_editor
    row = list(editor.value["column"]).index(column)
    states = page._tree.get_widget_states()
    edit = states.widgets.add()
    edit.id = editor.proto.id
    edit.string_value = json.dumps(
        {"edited_rows": {str(row): {"use": use}}, "added_rows": [], "deleted_rows": []}
    )
    return page._run(states)


def press(page: AppTest, *keys: str) -> AppTest:
    """Press buttons at once: a dialog's button with the one that opens it, since a test draws whole pages only."""
    for key in keys:
        page.button(key=key).click()
    return page.run()
