from __future__ import annotations

import pytest

from app.ui.walk.ways import CODES, landing, states_of
from app.usecases import runs
from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from store.identifiers import new_id
from tests.app.usecases.walking import work_through
from tests.pages.conftest import OpenPage, words_on
from tests.walked import Walked

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("run", "code"),
    [("waiting", "features"), ("prepared", "features"), ("wine", "evaluate"), ("published", "publish")],
)
def test_a_visitor_lands_where_something_is_to_be_done(
    box: Appliance, ada: Person, walked: Walked, run: str, code: str
) -> None:
    assert landing(runs.get_run(box, ada, getattr(walked, run))) == code


def test_a_training_that_runs_is_where_one_lands(box: Appliance, ada: Person, walked: Walked) -> None:
    runs.start_training(box, ada, walked.prepared)
    view = runs.get_run(box, ada, walked.prepared)

    assert landing(view) == "train"
    assert states_of(view)["train"] == "running"


def test_steps_open_one_after_the_other(box: Appliance, ada: Person, walked: Walked) -> None:
    def states(run_id: str) -> list[str]:
        found = states_of(runs.get_run(box, ada, run_id))
        return [found[code] for code in CODES]

    assert states(walked.waiting) == ["done", "open", "open", *["waiting"] * 5]
    assert states(walked.prepared) == ["done"] * 3 + ["open", "open", *["waiting"] * 3]
    assert states(walked.wine) == ["done"] * 6 + ["open", "waiting"]
    assert states(walked.published) == ["done"] * 7 + ["open"]


def test_a_run_that_was_not_prepared_is_prepared_by_one_button(
    box: Appliance, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.waiting)

    assert page.subheader[0].value == "Not looked at yet"
    page.button(key="prepare-again").click().run()
    assert "Looking at your data" in words_on(page)
    assert page.get("progress")
    work_through(box, walked.waiting)
    page.run()
    assert page.button(key="next-split")


def test_preparing_that_failed_says_why_and_can_be_tried_again(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    job = runs.prepare(box, ada, walked.waiting)
    with box.db.write() as tx:
        jobs.update(tx, job.id, state="failed", message="The table is *gone*.", remedy="Bring it again.")

    page = open_page("walk", run=walked.waiting, step="split")

    assert "The table is \\*gone\\*" in page.error[0].value
    assert "Bring it again" in page.error[0].value
    page.button(key="prepare-again").click().run()
    assert not page.error
    assert [one.kind for one in jobs.active(box.db, f"run:{walked.waiting}")] == ["prepare_run"]


@pytest.mark.parametrize(
    "run",
    ["", "nothing", "../x", pytest.param("x" * 10_000, id="long"), pytest.param(new_id(), id="unknown")],
)
def test_an_address_of_no_run_says_so(open_page: OpenPage, run: str) -> None:
    page = open_page("walk", run=run)

    assert not page.exception
    assert page.subheader[0].value == "This is not here"
