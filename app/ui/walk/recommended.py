"""On the step "models": what known data sets recommend to try first, and why."""

from __future__ import annotations

import streamlit as st

from app.ui import amounts
from app.ui.language import _, n_, tell
from app.ui.plain import plain
from app.ui.visit import Visit
from app.usecases import run_recommendations
from app.usecases.run_recommendations import Recommended
from app.usecases.runs import ChoicesView, RunView


def draw(here: Visit, run: RunView, view: ChoicesView) -> None:
    """Draw the first recommendations among what would be trained; nothing where nothing is known."""
    candidates = [one for family in view.families if family.selected for one in family.candidates]
    found = run_recommendations.recommendations(here.box, here.who, run.record.id, candidates)
    if found is None:
        return
    with st.container(key="recommended", gap="small"):
        st.markdown(f"**{_('Recommended for this data')}**")
        st.caption(
            n_(
                "By what was measured on {n} known data set. Nearest to yours: ",
                "By what was measured on {n} known data sets. Nearest to yours: ",
                found.known,
            )
            + ", ".join(f"{plain(near.name)} ({near.distance:.1f})" for near in found.nearest),
            help=_(
                "In brackets how far away they are: 1 is as far as two data sets drawn at random, 0 the same."
            ),
        )
        with st.grid(3, gap="small", min_column_width=240):
            for one in found.first:
                _card(one)


def _card(one: Recommended) -> None:
    with st.container(border=True, height="stretch", key=f"recommended-{one.rank}", gap="xsmall"):
        st.markdown(f"{one.rank}. **{plain(tell(one.title))}**")
        st.caption(plain(tell(one.reason), 400))
        if one.score is not None:
            figures = {"mean": one.score.mean, "low": one.score.low, "high": one.score.high}
            told = {name: f"{value:.2f}" for name, value in figures.items()}
            st.caption(
                ":material/target: "
                + _("Expected {metric}: {mean} ({low} to {high})").format(metric=tell(one.metric), **told)
            )
        st.caption(
            ":material/timer: " + _("Time of one training: {time}").format(time=amounts.seconds(one.seconds))
        )
