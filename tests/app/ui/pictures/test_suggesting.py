from __future__ import annotations

import pytest

from app.usecases.labels import change_labels
from app.usecases.person import Person
from app.usecases.suggestions import suggested_labels
from app.wiring import Appliance
from engine.specs.pictures import LabelEdit
from tests.engine.published_pictures import picture_task
from tests.pages.conftest import OpenPage, words_on, work_off
from tests.suggested import publish_for, put_colours

pytestmark = pytest.mark.slow


@pytest.fixture
def colours(box: Appliance, ada: Person) -> str:
    return put_colours(box, ada, count=12)


def test_without_a_model_the_page_says_how_to_get_one(colours: str, open_page: OpenPage) -> None:
    page = open_page("label", id=colours)

    assert not page.exception
    assert "No model suggests labels here yet" in words_on(page)
    assert not [box for box in page.selectbox if box.label == "Suggestions from"]


def test_a_model_that_does_not_fit_is_named_with_the_reason(
    box: Appliance, ada: Person, colours: str, open_page: OpenPage, picture_model_bytes: bytes
) -> None:
    publish_for(box, ada, colours, picture_model_bytes, task=picture_task(("cat", "**dog**", "green")))

    told = words_on(open_page("label", id=colours))

    assert "No model fits these pictures" in told
    assert "colours, version 1: It knows other classes" in told and "**dog**" not in told


def test_a_model_is_asked_watched_and_its_word_shown(
    box: Appliance, ada: Person, colours: str, open_page: OpenPage, picture_model_bytes: bytes
) -> None:
    publish_for(box, ada, colours, picture_model_bytes)
    page = open_page("label", id=colours)
    assert page.selectbox(key=f"suggest-by-{colours}").options == ["colours, version 1"]
    assert "uncertain" not in str(page.selectbox(key="desk-order").options).casefold()

    page.button(key="suggest").click().run()
    assert page.button(key="stop-suggesting").label == "Stop"
    work_off(box)
    page = page.run()

    assert not page.exception
    assert "Y agrees with the model" in words_on(page) and "doubted." not in words_on(page)
    assert "Uncertain first" in page.selectbox(key="desk-order").options
    assert "suggest" not in {button.key for button in page.button}
    page.selectbox(key="desk-order").select("doubted").run()
    assert not page.exception

    change_labels(box, ada, colours, LabelEdit(action="label", rows=tuple(range(12)), label="blue"))
    wrong = suggested_labels(box, ada, colours).doubted
    assert wrong > 1
    assert f"{wrong} labels are doubted" in words_on(open_page("label", id=colours))
