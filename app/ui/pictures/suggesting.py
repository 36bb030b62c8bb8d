"""The bar that says which model suggests labels: choose one, have it asked, watch it, see how many labels it doubts."""

from __future__ import annotations

import streamlit as st

from app.ui import cards, frame
from app.ui.jobs import ACTIVE
from app.ui.language import _, n_, tell
from app.ui.plain import plain, short
from app.ui.visit import Visit
from app.usecases import jobs, suggestions
from app.usecases.suggestions import LabelModel, SuggestedLabels
from store.jobs import JobRecord

_EVERY_S = 1.0
_MOST_TOLD = 3


def suggesting(here: Visit, dataset_id: str) -> bool:
    """Draw the bar; return whether suggestions of the chosen model are there to be shown.

    Stands outside the desk's own fragment: what is chosen here changes what the desk shows.
    """
    offered = suggestions.label_models(here.box, here.who, dataset_id)
    fitting = [model for model in offered if not model.misfit]
    if not fitting:
        _none_fits(offered)
        return False
    now = suggestions.suggested_labels(here.box, here.who, dataset_id)
    names = {f"{model.name}/{model.version}": model for model in fitting}
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key="suggesting"):
        chosen = names[
            st.selectbox(
                _("Suggestions from"), list(names), key=f"suggest-by-{dataset_id}", width=320,
                format_func=lambda name: _model_word(names[name]),
                help=_("The model says what it takes each picture for. It is asked in the background, and your labels "
                       "stay as they are until you agree."),
            )
        ]  # fmt: skip
        is_there = now.by is not None and now.by.sha256 == chosen.sha256
        is_busy = now.job is not None and now.job.state in ACTIVE
        if not is_there and not is_busy and st.button(
            _("Suggest labels"), icon=":material/auto_awesome:", key="suggest"
        ):  # fmt: skip
            with frame.guard():
                suggestions.ask_suggestions(
                    here.box, here.who, dataset_id, model=chosen.name, version=chosen.version
                )
                st.rerun()
    if is_busy and now.job is not None:
        _wait(here, now.job)
    elif is_there:
        _told(now)
    elif now.job is not None and now.job.state in ("failed", "lost") and _is_about(now.job, chosen):
        frame.error_box(now.job.message or _("The model could not be asked."), now.job.remedy or "")
    return is_there


def _none_fits(offered: tuple[LabelModel, ...]) -> None:
    """Say why nobody suggests anything."""
    if not offered:
        frame.notice(
            _("No model suggests labels here yet."),
            _("Train one on these pictures and publish it."),
            icon=":material/auto_awesome:",
        )
        return
    frame.notice(_("No model fits these pictures, so none suggests labels."), icon=":material/auto_awesome:")
    for model in offered[:_MOST_TOLD]:
        st.caption(_("{model}: {why}").format(model=_model_word(model), why=plain(tell(model.misfit), 300)))


def _wait(here: Visit, job: JobRecord) -> None:
    def waiting() -> None:
        now = jobs.get_job(here.box, here.who, job.id)
        if now.state not in ACTIVE:
            st.rerun()
        with st.container(horizontal=True, vertical_alignment="center", gap="small", key="suggesting-now"):
            with st.container(width="stretch"):
                cards.progress(
                    None if now.state == "queued" else now.share,
                    _("Waiting for its turn") if now.state == "queued" else now.note,
                )
            if st.button(_("Stop"), icon=":material/stop_circle:", key="stop-suggesting"):
                jobs.cancel_job(here.box, here.who, job.id)
                st.rerun()

    frame.live(waiting, every_s=_EVERY_S, key="suggesting")


def _told(now: SuggestedLabels) -> None:
    """Say what may be done with the suggestions, and how many labels they put in doubt."""
    said = _(
        "Y agrees with the model. Order the pictures by it: uncertain ones first, or doubted labels first."
    )
    if now.doubted:
        doubt = n_("{n:,} label is doubted.", "{n:,} labels are doubted.", now.doubted)
        said = f"{doubt} {said}"
    frame.notice(said, icon=":material/auto_awesome:")


def _is_about(job: JobRecord, model: LabelModel) -> bool:
    return job.arguments.get("sha256") == model.sha256


def _model_word(model: LabelModel) -> str:
    return _("{name}, version {version}").format(name=short(model.name, 60), version=model.version)
