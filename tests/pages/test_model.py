from __future__ import annotations

import pytest

from app.usecases import models, services
from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import HOSTILE, OpenPage, words_on
from tests.walked import press

pytestmark = pytest.mark.slow


@pytest.fixture
def box(walked_box: Appliance) -> Appliance:
    return walked_box


def test_a_model_shows_its_worth_its_file_its_card_and_its_report(open_page: OpenPage) -> None:
    page = open_page("model", name="tumours")

    assert not page.exception
    said = words_on(page)
    assert "tumours · version 1" in said
    assert "Tells \\*tumours\\* apart\\." in said
    assert {"ROC AUC", "Trained on", "File", "Predicts"} <= {metric.label for metric in page.metric}
    links = [link.proto.url for link in page.get("link_button")]
    assert links == ["/download/models/tumours/1/model.onnx", "/report/tumours/1"]
    assert "Proven equal to the trained model" in said
    reads = next(table.value for table in page.dataframe if "mean radius" in list(table.value.iloc[:, 0]))
    assert len(reads) >= 6


def test_a_model_is_deployed_under_a_name_of_its_own(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    page = open_page("model", name="tumours")
    page.button(key="deploy").click().run()
    assert page.text_input(key="service-name").value == "tumours"
    page.text_input(key="service-name").set_value("Not a name!")
    press(page, "deploy", "deploy-do")
    assert len(page.error) == 1 and "on our side" not in page.error[0].value
    page.text_input(key="service-name").set_value("ward")
    press(page, "deploy", "deploy-do")

    assert services.get_service(box, ada, "ward").service.live_version == 1
    assert page.query_params["name"] == "ward"
    assert "Answers as the service ward" in words_on(open_page("model", name="tumours"))


def test_a_version_is_withdrawn_after_a_question(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("model", name="tumours")
    page.button(key="withdraw-1").click().run()
    press(page, "withdraw-1", "withdraw-dialog-do")

    assert models.get_model(box, ada, "tumours").shown.withdrawn_at is not None
    assert "Withdrawn" in words_on(page)
    assert not [button for button in page.button if button.key in ("deploy", "withdraw-1")]


def test_a_version_in_use_is_not_withdrawn(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    services.deploy(box, ada, name="ward", model="tumours", version=1)
    page = open_page("model", name="tumours")
    page.button(key="withdraw-1").click().run()
    press(page, "withdraw-1", "withdraw-dialog-do")

    assert "in use by ward" in page.error[0].value


def test_it_is_described_in_anybodys_words(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    page = open_page("model", name="tumours")
    page.text_input(key="describe-title").set_value(HOSTILE)
    page.text_area(key="describe-text").set_value("<b>x</b> " + "y" * 1900)
    page.button(key="describe-do").click().run()

    assert not page.exception and not page.error
    assert models.get_model(box, ada, "tumours").model.title == HOSTILE
    assert "\\*\\*bold\\*\\*" in page.title[0].value
    assert "<b>" not in words_on(page)


def test_versions_and_names_that_are_not_there_say_so(open_page: OpenPage) -> None:
    for query in ({"name": ""}, {"name": "../x"}, {"name": "tumours", "version": "9" * 30}):
        page = open_page("model", **query)
        assert not page.exception
        assert page.subheader[0].value == "This is not here"
