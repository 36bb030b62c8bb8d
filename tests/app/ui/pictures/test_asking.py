"""Each picture that is given is answered beside it, with the places the answer rests on."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator

import pytest

from app.usecases.person import Person
from app.wiring import Appliance
from engine.modalities.image import decode
from tests.colours import GREEN, SERVICE, answered, deploy_colours
from tests.pages.conftest import OpenPage, words_on

pytestmark = pytest.mark.slow


@pytest.fixture
def answering(box: Appliance, ada: Person, picture_model_bytes: bytes) -> Iterator[Appliance]:
    deploy_colours(box, ada, picture_model_bytes)
    with answered(box) as beside:
        yield beside


def test_a_picture_is_answered_with_the_places_it_rests_on(answering: Appliance, open_page: OpenPage) -> None:
    page = open_page("use", service=SERVICE)
    page.get("file_uploader")[0].set_value([("leaf.png", GREEN, "image/png")]).run()

    assert not page.exception and not page.error
    assert "## green" in words_on(page)
    assert {chart.proto.alt for chart in page.get("echarts_chart")} == {"How likely each answer is"}
    (image,) = page.get("image")
    assert "leaf" in str(image.proto)
    address = image.proto.imgs[0].url
    drawing = base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode()
    assert drawing.count("<rect") > 20
    (jpeg,) = re.findall(r'data:image/jpeg;base64,([^"]+)', drawing)
    assert decode(base64.b64decode(jpeg)).shape == (30, 44, 3)

    page.toggle(key=f"heat-{SERVICE}").set_value(False).run()
    assert not page.error
    assert "## green" in words_on(page)


def test_a_file_that_is_no_picture_is_told_and_the_others_are_answered(
    answering: Appliance, open_page: OpenPage
) -> None:
    page = open_page("use", service=SERVICE)
    given = [("a.png", GREEN, "image/png"), ("b.png", b"<svg/>", "image/png"), ("c.jpg", GREEN, "image/jpeg")]
    page.get("file_uploader")[0].set_value(given).run()

    assert len(page.error) == 1
    assert "not a picture" in page.error[0].value and "b" in page.error[0].value
    assert words_on(page).count("## green") == 2


def test_more_pictures_than_a_page_answers_belong_into_a_zip(
    answering: Appliance, open_page: OpenPage
) -> None:
    page = open_page("use", service=SERVICE)
    page.toggle(key=f"heat-{SERVICE}").set_value(False).run()
    given = [(f"{i}.png", GREEN, "image/png") for i in range(12)]
    page.get("file_uploader")[0].set_value(given).run()

    assert "Only the first 10 of 12 pictures" in words_on(page)
    assert words_on(page).count("## green") == 10
