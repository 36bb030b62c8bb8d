from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.usecases import runs, services
from app.usecases.person import Person
from app.wiring import Appliance, use
from store.table import now
from tests.app.usecases.walking import work
from tests.pages.conftest import OpenPage, words_on
from tests.pages.test_jobs import put_job
from tests.planes import RunningPlane
from tests.walked import COLUMN, Walked, bob_of

pytestmark = pytest.mark.slow


@pytest.fixture
def box(walked_box: Appliance) -> Appliance:
    return walked_box


@pytest.fixture
def ward(box: Appliance, ada: Person) -> str:
    return services.deploy(box, ada, name="ward", model="tumours", version=1).name


@pytest.fixture
def plane(box: Appliance, ward: str) -> Iterator[RunningPlane]:
    """The real plane, answering for the service."""
    services.mirror(box)
    with RunningPlane(box.folder.root) as running:
        use(replace(box, serve=replace(box.serve, inference_port=running.port)))
        running.wait_for(
            lambda: running.ask("GET", "/v2/models/ward/ready", key=box.plane_key).json.get("version") == "1",
            "ready",
        )
        yield running


def test_without_a_live_service_there_is_nothing_to_ask(
    box: Appliance, ada: Person, open_page: OpenPage
) -> None:
    page = open_page("use")

    assert page.subheader[0].value == "Nothing to ask yet"
    services.deploy(box, ada, name="ward", model="tumours", version=1)
    assert "Ask it" in words_on(open_page("use"))


def test_the_form_is_made_of_what_the_model_reads(ward: str, open_page: OpenPage) -> None:
    page = open_page("use", service=ward)

    assert not page.exception
    assert len(page.number_input) == 5 and all(field.value is not None for field in page.number_input)
    (category,) = [one for one in page.selectbox if one.key == f"ask-ward-{COLUMN}"]
    assert "<b>it's</b>" in category.options
    assert ":red[x]" not in category.label.replace("\\:red\\[x\\]", "")


def test_a_plane_that_is_down_is_said_and_no_old_answer_stays(ward: str, open_page: OpenPage) -> None:
    page = open_page("use", service=ward)
    page.button(key="send-ward").click().run()

    assert "The inference plane does not answer" in page.error[0].value
    assert "Try again" in page.error[0].value
    assert "##" not in words_on(page)


def test_a_stopped_service_says_so(box: Appliance, ada: Person, ward: str, open_page: OpenPage) -> None:
    services.stop_service(box, ada, ward)

    assert "This service is stopped" in words_on(open_page("use", service=ward))


def test_an_answer_comes_with_its_reasons(plane: RunningPlane, open_page: OpenPage) -> None:
    page = open_page("use", service="ward")
    page.button(key="send-ward").click().run()

    assert not page.error
    said = words_on(page)
    assert "## benign" in said or "## malignant" in said
    drawn = {chart.proto.alt for chart in page.get("echarts_chart")}
    assert drawn == {"How likely each answer is", "What each column adds to this answer"}

    page.number_input(key="ask-ward-mean radius").set_value(99.0)
    page.button(key="send-ward").click().run()
    assert "mean radius = 99" in page.get("echarts_chart")[-1].proto.spec
    page.number_input(key="ask-ward-mean radius").set_value(None)
    page.button(key="send-ward").click().run()
    assert "mean radius = missing" in page.get("echarts_chart")[-1].proto.spec


def test_a_number_comes_with_the_bounds_that_usually_hold_it(
    box: Appliance, walked: Walked, open_page: OpenPage
) -> None:
    bob = bob_of(box)
    work(box, runs.publish(box, bob, walked.diabetes, name="sugar"))
    services.deploy(box, bob, name="sugar", model="sugar", version=1)
    services.mirror(box)
    with RunningPlane(box.folder.root) as running:
        use(replace(box, serve=replace(box.serve, inference_port=running.port)))
        page = open_page("use", service="sugar")
        page.button(key="send-sugar").click().run()

    assert not page.error
    assert any(re.match(r"Between \S+ and \S+, 90 % of the time\.", one.value) for one in page.caption)


def test_the_last_files_of_a_person_are_there_with_their_answers(
    box: Appliance, ada: Person, ward: str, open_page: OpenPage
) -> None:
    view = services.get_service(box, ada, ward)
    assert view.version is not None
    about = {"model_id": view.version.model_id, "version": 1}
    jobs_made = [
        put_job(box, ada, state, title=f"{state}.csv", arguments=about, finished_at=now())
        for state in ("succeeded", "failed")
    ]
    put_job(box, ada, "succeeded", title="another.csv", arguments={"model_id": "other"}, finished_at=now())

    page = open_page("use", service=ward)

    assert not page.exception
    assert "Your last files" in words_on(page)
    named = {link.label for link in page.main.get("page_link")}
    assert any("succeeded" in label for label in named) and any("failed" in label for label in named)
    assert not any("another" in label for label in named)
    assert [link.proto.url for link in page.get("link_button")] == [
        f"/download/jobs/{jobs_made[0].id}/answers"
    ]


def test_who_has_sent_no_file_is_told_of_none(ward: str, open_page: OpenPage) -> None:
    assert "Your last files" not in words_on(open_page("use", service=ward))
