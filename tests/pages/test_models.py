from __future__ import annotations

import pytest

from app.usecases import services
from app.usecases.models import describe_model
from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import HOSTILE, OpenPage, words_on

pytestmark = pytest.mark.slow


@pytest.fixture
def filled(walked_box: Appliance) -> Appliance:
    """A box with one model."""
    return walked_box


def test_without_a_model_the_way_to_one_is_shown(box: Appliance, open_page: OpenPage) -> None:
    page = open_page("models")

    assert page.subheader[0].value == "No models yet"
    assert "Go to the runs" in words_on(page)


class TestFilled:
    """A list of one model."""

    @pytest.fixture
    def box(self, filled: Appliance) -> Appliance:
        return filled

    def test_a_model_shows_what_it_predicts_how_well_and_where_it_answers(
        self, box: Appliance, ada: Person, open_page: OpenPage
    ) -> None:
        services.deploy(box, ada, name="ward", model="tumours", version=1)
        describe_model(box, ada, "tumours", title=HOSTILE, description="")

        page = open_page("models")

        said = words_on(page)
        assert not page.exception
        assert all(
            word in said for word in ("tumours", "version 1", "predicts finding", "ROC AUC", "1 service")
        )
        assert "\\*\\*bold\\*\\*" in said and " **bold** " not in said

    def test_a_search_finds_it_or_says_that_nothing_is_called_so(self, open_page: OpenPage) -> None:
        assert "1 found" in words_on(open_page("models", q="tumour"))
        assert "Nothing here is called" in words_on(open_page("models", q="x" * 100))
