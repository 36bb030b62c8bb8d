from __future__ import annotations

import logging

import pytest

from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


def test_an_error_of_ours_says_what_and_what_to_do(draw: Draw) -> None:
    page = draw("""
from app.ui.frame import guard
from engine.errors import BadData
with guard():
    raise BadData("The file 'a*b' is empty.", remedy="Bring a file with `rows`.")
""")

    assert page.error[0].value == (
        "**The file \\'a\\*b\\' is empty\\.**\n\n:material/arrow_forward: Bring a file with `rows`\\."
    )


def test_any_other_error_is_a_number_on_the_page_and_a_trace_in_the_log(
    draw: Draw, caplog: pytest.LogCaptureFixture
) -> None:
    page = draw("""
from app.ui.frame import guard
with guard():
    {}["secret"]
""")

    said = page.error[0].value
    assert "secret" not in said
    number = caplog.records[-1].args[0]
    assert str(number) in said
    assert caplog.records[-1].levelno == logging.ERROR
    assert caplog.records[-1].exc_info


def test_what_is_not_there_has_a_way_on(draw: Draw) -> None:
    page = draw("""
from app.ui.frame import guard
from app.usecases.refusals import NotFound
st.navigation([st.Page(lambda: None, title="Home", default=True)], position="hidden")
with guard():
    raise NotFound("There is no such run.", remedy="Choose one from the list.")
""")

    assert page.subheader[0].value == "This is not here"
    assert "There is no such run" in page.caption[0].value


def test_streamlits_own_ways_out_pass_the_guard(draw: Draw) -> None:
    page = draw("""
from app.ui.frame import guard
with guard():
    st.stop()
st.text("never")
""")

    assert not page.text
    assert not page.error


def test_a_live_part_is_guarded_too(draw: Draw, caplog: pytest.LogCaptureFixture) -> None:
    page = draw("""
from app.ui.frame import live
def part():
    raise KeyError("x")
live(part, every_s=None, key="part")
st.text("after")
""")

    assert page.text[0].value == "after"
    assert "on our side" in page.error[0].value
    assert caplog.records


def test_a_long_word_in_the_address_is_cut(draw: Draw) -> None:
    page = draw("from app.ui.frame import asked\nst.text(len(asked('id')))", id="x" * 10_000)

    assert page.text[0].value == "200"


def test_steps_are_links_and_waiting_ones_are_shut(draw: Draw) -> None:
    page = draw("""
from app.ui import links
from app.ui.frame import Step, stepper
st.navigation(links.pages(), position="hidden")
states = {"features": "done", "split": "running", "models": "waiting"}
stepper([Step(code=c, title=c, state=s, page="datasets", params={"run": "r1"}) for c, s in states.items()], "split")
""")

    shown = page.get("page_link")
    assert [link.label for link in shown] == ["features", "split", "models"]
    assert [link.proto.disabled for link in shown] == [False, False, True]
    assert shown[0].proto.icon == ":material/check_circle:"
    assert shown[2].proto.icon == ":material/counter_3:"


def test_an_empty_page_has_a_sentence_and_a_place_for_its_button(draw: Draw) -> None:
    page = draw("""
from app.ui.frame import empty_state
with empty_state("Nothing yet", "Bring something.", icon=":material/table_chart:", key="none"):
    st.button("Bring it")
""")

    assert page.subheader[0].value == "Nothing yet"
    assert page.button[0].label == "Bring it"
