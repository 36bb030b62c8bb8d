from __future__ import annotations

import pytest

from app.usecases import services
from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import OpenPage, words_on

pytestmark = pytest.mark.slow


@pytest.fixture
def box(walked_box: Appliance) -> Appliance:
    return walked_box


def test_without_a_service_the_way_to_one_is_shown_and_the_plane_is_missed(open_page: OpenPage) -> None:
    page = open_page("services")

    assert page.subheader[0].value == "No services yet"
    assert "Go to the models" in words_on(page)
    assert "The inference plane does not answer" in page.error[0].value


def test_services_show_what_answers(box: Appliance, ada: Person, open_page: OpenPage) -> None:
    services.deploy(box, ada, name="ward", model="tumours", version=1)
    services.deploy(box, ada, name="night", model="tumours", version=1)
    services.stop_service(box, ada, "night")

    said = words_on(open_page("services"))

    assert all(word in said for word in ("model tumours, version 1", "0 answers", "Live", "Stopped", "Use"))
