"""The walk: one run from its columns to a published model. Each step has its own address: ?run=…&step=…"""

from __future__ import annotations

import streamlit as st

from app.ui import dialogs, frame, links
from app.ui.language import _
from app.ui.plain import plain
from app.ui.terms import task_word
from app.ui.visit import Visit, visit
from app.ui.walk import choice, evaluation, features, publishing, split, training, ways
from app.usecases import models, runs
from app.usecases.naming import MOST_TITLE_LETTERS
from app.usecases.runs import RunView

DRAWN = {
    "features": features.draw,
    "split": split.draw,
    "models": choice.draw,
    "train": training.draw,
    "evaluate": evaluation.draw,
    "publish": publishing.draw,
}


def main() -> None:
    """Draw the page."""
    here = visit()
    run = runs.get_run(here.box, here.who, frame.asked("run"))
    code = frame.asked("step")
    if code == "use":
        for model, _version in models.published_from(here.box, here.who, run.record.id)[:1]:
            links.go("model", name=model.name)
    if code not in DRAWN:
        code = ways.landing(run)

    caption = _("Predicts {target} from {dataset}").format(
        target=f"**{plain(run.record.target)}**", dataset=plain(run.record.dataset_name)
    )
    if run.record.task:
        caption += f" · {task_word(run.record.task)}"
    with frame.head(plain(run.record.name), caption, back="runs"):
        _more(here, run)
    frame.stepper(ways.steps_of(run), code)
    with frame.guard():
        DRAWN[code](here, run)


def _more(here: Visit, run: RunView) -> None:
    """Draw what is seldom done to a run: another name, and its end."""

    def remove() -> None:
        runs.delete_run(here.box, here.who, run.record.id)
        links.go("runs")

    with st.popover(_("More"), icon=":material/more_horiz:", key="run-more"):
        with st.form("rename-run", border=False), frame.guard():
            name = st.text_input(
                _("Name"), value=run.record.name, max_chars=MOST_TITLE_LETTERS, key=f"name-{run.record.id}"
            )
            if st.form_submit_button(_("Rename"), icon=":material/edit:", key="rename-do", width="stretch"):
                runs.rename_run(here.box, here.who, run.record.id, name or "")
                st.rerun()
        if st.button(_("Delete"), icon=":material/delete:", key="delete-run", width="stretch"):
            dialogs.confirm(
                _("Delete this run?"),
                _("Its models and its report go away. Published models stay."),
                act=remove,
                verb=_("Delete"),
                key="delete-run-dialog",
            )


main()
