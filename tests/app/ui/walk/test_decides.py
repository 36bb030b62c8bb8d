"""What decides between models is chosen among metrics, or by what each error costs."""

from __future__ import annotations

from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from app.usecases import runs
from app.usecases.person import Person
from app.wiring import Appliance
from engine.specs.costs import Costs
from tests.pages.conftest import OpenPage
from tests.walked import Walked

pytestmark = pytest.mark.slow


def test_costs_of_errors_are_asked_for_by_the_names_of_the_classes(
    box: Appliance, ada: Person, walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared, step="models")
    next(one for one in page.selectbox if one.label == "What decides").set_value("costs").run()
    assert [one.label for one in costs_on(page)] == [
        "Cost of answering “malignant” where “benign” is right",
        "Cost of answering “benign” where “malignant” is right",
    ]
    costs_on(page)[1].set_value(5.0).run()

    page.button(key="start-training").click().run()

    assert not page.error
    spec = runs.get_run(box, ada, walked.prepared).spec
    assert spec.costs == Costs(false_negative=5.0) and spec.metric is None
    page = open_page("walk", run=walked.prepared, step="models")
    assert [one.value for one in costs_on(page)] == [1.0, 5.0]


def test_a_number_has_no_costs_of_errors(walked: Walked, open_page: OpenPage) -> None:
    page = open_page("walk", run=walked.diabetes, step="models")
    decides = next(one for one in page.selectbox if one.label == "What decides")
    assert "RMSE" in decides.options and "Cost of errors" not in decides.options


def costs_on(page: AppTest) -> list[Any]:
    """Return the fields for the costs of errors."""
    return [one for one in page.number_input if one.label.startswith("Cost of")]
