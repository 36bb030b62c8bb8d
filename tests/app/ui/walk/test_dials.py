"""Dials of several kinds of model are set on one page, whichever of them is drawn."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.usecases import runs
from app.usecases.person import Person
from app.wiring import Appliance
from tests.pages.conftest import OpenPage, words_on
from tests.walked import Walked

pytestmark = pytest.mark.slow


def test_settings_of_several_kinds_are_set_by_hand(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared, step="models")
    settings_of(page, "decision_tree")
    dial(page, "depth").set_value(3).run()
    settings_of(page, "linear")
    dial(page, "penalty").set_value("l1").run()
    assert "decision_tree.depth = 3, linear.penalty = l1" in words_on(page).replace("\\", "")
    settings_of(page, "decision_tree")
    assert dial(page, "depth").value == 3, "what was set of another kind is lost"

    page.button(key="start-training").click().run()

    assert not page.error
    assert runs.get_run(box, ada, walked.prepared).spec.params == {
        "decision_tree.depth": 3,
        "linear.penalty": "l1",
    }
    settings_of(page := open_page("walk", run=walked.prepared, step="models"), "decision_tree")
    assert dial(page, "depth").disabled and dial(page, "depth").value == 3


def settings_of(page: AppTest, family: str) -> None:
    """Draw the dials of one kind of model."""
    next(one for one in page.selectbox if one.label == "Kind of model").set_value(family).run()


def dial(page: AppTest, name: str) -> Any:
    """Return the widget of one dial of the kind that is drawn."""
    return next(one for one in (*page.number_input, *page.selectbox) if one.label.split(" (")[0] == name)
