from __future__ import annotations

import pytest

from app.usecases import runs
from app.usecases.person import Person
from app.wiring import Appliance
from store import jobs
from tests.app.usecases.walking import work_through
from tests.pages.conftest import OpenPage, words_on
from tests.pictured import put_pictures

pytestmark = pytest.mark.slow


@pytest.fixture
def run(box: Appliance, ada: Person) -> str:
    """A run on pictures whose features and split wait for a person."""
    made = runs.create_run(box, ada, put_pictures(box, ada, count=120), target="label")
    work_through(box, made.id)
    return made.id


def test_the_size_and_the_variety_are_told(run: str, open_page: OpenPage) -> None:
    page = open_page("walk", run=run, step="features")

    assert not page.exception
    said = words_on(page)
    assert "Models see every picture as 32 × 32 pixels" in said
    assert page.select_slider[0].value == 32
    assert page.button(key="preview-pictures").label == "Show it on my pictures"
    varied = page.dataframe[-1].value
    assert "Turn by up to so many degrees, either way." in list(varied.iloc[:, 0])
    assert {"10 °", "off", "as it fits", "20%"} <= set(varied.iloc[:, 1])


def test_another_size_is_saved_with_one_button(
    box: Appliance, ada: Person, run: str, open_page: OpenPage
) -> None:
    page = open_page("walk", run=run, step="features")
    page.select_slider[0].set_value(48).run()
    assert "Another size. Later steps are done again." in words_on(page)

    changed = page.button(key="save-next").click().run()

    assert not changed.error
    plan = runs.get_run(box, ada, run).spec.plan
    assert plan is not None and plan.views["pixels"][0].steps[-1].params["side"] == 48
    work_through(box, run)
    again = open_page("walk", run=run, step="features")
    assert "48 × 48" in words_on(again)


def test_a_preview_is_asked_for_and_waited_for(box: Appliance, run: str, open_page: OpenPage) -> None:
    page = open_page("walk", run=run, step="features")

    page.button(key="preview-pictures").click().run()

    assert not page.exception
    (job,) = jobs.list(box.db, kind="preview_pictures")
    assert job.subject == f"preview:{run}"
    assert page.get("progress")


def test_no_step_speaks_of_rows(run: str, open_page: OpenPage) -> None:
    for step in ("split", "models"):
        said = words_on(open_page("walk", run=run, step=step))

        assert "pictures" in said
        assert not [
            line for line in said.splitlines() if "training rows," in line or "validation rows" in line
        ]
