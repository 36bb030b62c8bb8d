from __future__ import annotations

import pytest

from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


def test_figures_are_metrics_with_their_notes(draw: Draw) -> None:
    page = draw("""
from app.ui.cards import Figure, figures
figures([Figure(label="Rows", value="12"), Figure(label="a*b", value="3", note="of 4")])
""")

    assert [(m.label, m.value, m.delta) for m in page.metric] == [("Rows", "12", ""), ("a\\*b", "3", "of 4")]


def test_states_have_words_and_unknown_ones_are_shown_as_they_are(draw: Draw) -> None:
    page = draw("""
from app.ui.cards import state_badge, state_word
for state in ("queued", "lost", "strange"):
    state_badge(state)
    st.text(state_word(state))
""")

    assert [text.value for text in page.text] == ["Waiting", "Lost", "strange"]


def test_progress_says_what_how_far_and_how_long(draw: Draw) -> None:
    page = draw("""
from app.ui.cards import progress
progress(0.25, "Training", seconds_left=90)
progress(None)
progress(7.0)
""")

    shown = page.get("progress")
    assert [bar.value for bar in shown] == [25, 0, 100]
    assert shown[0].text == "Training · 25 % · 1 min 30 s left"


def test_facts_are_text(draw: Draw) -> None:
    page = draw("""
from app.ui.cards import facts
facts([("Name", "**b** [x](javascript:1)"), ("Nothing", "")], key="f")
""")

    assert page.markdown[0].value == "\\*\\*b\\*\\* \\[x\\]\\(javascript\\:1\\)"
    assert page.markdown[1].value == "–"
