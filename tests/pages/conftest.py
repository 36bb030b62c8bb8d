"""Pages as a person sees them: a real box in a folder of its own, somebody signed in, and pages opened by name."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import pytest
from streamlit.testing.v1 import AppTest

from app.navigation import BY_NAME
from app.settings import ServeSettings
from app.usecases import uploads
from app.usecases.datasets import create_from_upload
from app.usecases.person import Person, person_of
from app.wiring import Appliance, build, use
from store import datasets, users
from store.datasets import Dataset
from store.folder import DataFolder
from store.identifiers import new_id
from store.users import User
from tests.drawn import components_looked_for_once as components_looked_for_once
from tests.runs import SETTINGS
from tests.walked import walked as walked
from tests.walked import walked_box as walked_box

REPOSITORY = Path(__file__).resolve().parents[2]
PATIENCE_S = 60.0
#: A name that tries everything a name can try.
HOSTILE = ':material/home: <img src=x onerror="alert(1)"> **bold** [link](javascript:alert(1)) :red[x] $x^2$ `c` http://e.example'

OpenPage = Callable[..., AppTest]


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Appliance]:
    """A box over an empty folder, in use by this process; nothing in it runs by itself."""
    folder = DataFolder(tmp_path / "data")
    folder.create()
    made = build(folder, SETTINGS, ServeSettings())
    use(made)
    yield made
    use(None)
    made.jobs.close()
    made.db.close()


@pytest.fixture
def ada(box: Appliance) -> Person:
    """An administrator."""
    return add_person(box, "ada", "Ada Lovelace", role="admin")


@pytest.fixture
def open_page(box: Appliance, ada: Person, caplog: pytest.LogCaptureFixture) -> Iterator[OpenPage]:
    """Return what opens a page: `open_page("dataset", id=…)`, or `open_page("jobs", who=…, language="zh-CN")`."""

    def opened(name: str, /, *, who: Person = ada, language: str = "en-GB", **query: str) -> AppTest:
        page = AppTest.from_file(str(REPOSITORY / "app" / "main.py"), default_timeout=30)
        page.user = {
            "id": who.id, "name": quote(who.name), "display": quote(who.display), "role": who.role
        }  # fmt: skip
        page.context = {"locale": language, "timezone": "Europe/Berlin"}
        if name != "home":
            page.run()
            page.switch_page(str(BY_NAME[name].file))
        for key, value in query.items():
            page.query_params[key] = value
        return page.run()

    yield opened
    # A page turns an error it did not expect into a calm box; a test must not pass over it.
    faults = [record for record in caplog.get_records("call") if record.name == "aimass.pages"]
    assert not faults, faults[0].exc_info


def add_person(box: Appliance, name: str, display: str, *, role: str = "member") -> Person:
    """Write a user without the cost of a password."""
    user = User(
        id=new_id(), name=name, display=display, role=role, password_hash="!", created_at=datetime.now(UTC)
    )
    with box.db.write() as tx:
        users.add(tx, user)
    return person_of(user)


def bring(box: Appliance, who: Person, name: str, content: bytes) -> Dataset:
    """Bring a file as an upload does; its import waits for `work_off`."""
    upload = uploads.begin(box, who, name, len(content))
    uploads.part_of(box.folder, upload).write_bytes(content)
    return create_from_upload(box, who, uploads.finish(box, upload).id)


def work_off(box: Appliance) -> None:
    """Let the box do its work until none is left."""
    deadline = time.monotonic() + PATIENCE_S
    while True:
        box.jobs.tick()
        left = box.db.read("SELECT count(*) AS n FROM jobs WHERE state IN ('queued', 'running')")[0]["n"]
        if not left:
            return
        assert time.monotonic() < deadline, f"{left} jobs are not done"
        time.sleep(0.05)


def put_dataset(box: Appliance, who: Person, name: str, **facts: object) -> Dataset:
    """Write a record of a dataset without its files."""
    record = Dataset(
        id=new_id(), name=name, state="ready", source_name="table.csv", bytes=2048, created_by=who.id,
        created_at=datetime.now(UTC), rows=12, columns=3, rejected=0,
    )  # fmt: skip
    with box.db.write() as tx:
        datasets.add(tx, record)
        if facts:
            datasets.update(tx, record.id, **facts)
    return record


def words_on(page: AppTest) -> str:
    """Return everything a page says: titles, text, captions, badges, labels of buttons and links."""
    kinds = (
        "title",
        "subheader",
        "markdown",
        "caption",
        "button",
        "metric",
        "error",
        "page_link",
        "code",
        "badge",
    )
    said: list[str] = []
    for kind in kinds:
        for element in page.get(kind):
            said += [str(getattr(element, "value", "") or ""), str(getattr(element, "label", "") or "")]
    return "\n".join(said)
