"""What decides between models: a metric, or what each kind of error costs."""

from __future__ import annotations

from typing import Any

import streamlit as st

from app.ui.language import _, tell
from app.ui.plain import plain
from app.ui.walk import unsaved
from app.usecases.runs import ChoicesView, RunView
from engine.evaluation.metrics import metric
from engine.specs.costs import MOST_COST, Costs

#: Stands among the names of metrics for costs that a person gives.
_COSTS = "costs"


def draw(run: RunView, view: ChoicesView, *, is_locked: bool) -> dict[str, Any]:
    """Draw the choice; return the fields of the run that it changes."""
    titles = dict(view.metrics)
    has_costs = len(view.classes) == 2 and not run.has_pictures
    names = [*titles, _COSTS] if has_costs else list(titles)
    saved = _COSTS if view.costs is not None else view.metric
    chosen = str(
        st.selectbox(
            _("What decides"),
            names,
            index=names.index(saved) if saved in names else 0,
            format_func=lambda name: _("Cost of errors") if name == _COSTS else tell(titles[name]),
            key=f"metric-{_state(run)}",
            disabled=is_locked,
            help=_("Models are compared by this figure on validation pictures.")
            if run.has_pictures
            else _("Models are compared by this figure on validation rows."),
        )
    )
    if chosen == _COSTS:
        costs = _costs(run, view, is_locked=is_locked)
        return {} if costs == view.costs else {"costs": costs}
    if len(view.classes) == 2 and metric(chosen).of_cells is not None:
        st.caption(_("From which probability on which answer is given is then chosen by this figure."))
    return {} if chosen == saved else {"metric": chosen}


def _costs(run: RunView, view: ChoicesView, *, is_locked: bool) -> Costs:
    """Ask for the cost of each error by the names of the classes."""
    first, second = (plain(label, 40) for label in view.classes)
    saved = view.costs or Costs()
    said = _("Cost of answering “{answer}” where “{truth}” is right")

    def ask(answer: str, truth: str, cost: float, name: str) -> float:
        return float(
            st.number_input(
                said.format(answer=answer, truth=truth),
                min_value=0.01,
                max_value=MOST_COST,
                value=cost,
                step=1.0,
                format="%g",
                key=f"cost-{name}-{_state(run)}",
                disabled=is_locked,
            )
        )

    costs = Costs(
        false_positive=ask(second, first, saved.false_positive, "false-positive"),
        false_negative=ask(first, second, saved.false_negative, "false-negative"),
    )
    st.caption(
        _(
            "A right answer costs nothing. From which probability on which answer is given is chosen to cost least."
        )
    )
    return costs


def _state(run: RunView) -> str:
    return f"{run.record.id}-{unsaved.base_of(run)}"
