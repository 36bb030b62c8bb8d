"""Step "evaluate": what the untouched test rows say about the model, and what to do about it."""

from __future__ import annotations

from app.ui import frame
from app.ui.language import _
from app.ui.report import show_report
from app.ui.visit import Visit
from app.ui.walk import ways
from app.usecases import runs
from app.usecases.runs import RunView


def draw(here: Visit, run: RunView) -> None:
    """Show the report of the run, once there is one."""
    report = runs.report(here.box, here.who, run.record.id)
    if report is None or report.evaluation is None:
        with frame.empty_state(
            _("Nothing to judge yet"),
            _("When the training has ended, its models are judged here on pictures they never saw.")
            if run.has_pictures
            else _("When the training has ended, its models are judged here on rows they never saw."),
            icon=":material/rule:",
            key="evaluation",
        ):
            ways.next_button(run, "train", _("Go to the training"))
        return
    with ways.step_head(_("Evaluation")):
        ways.next_button(run, "publish", _("Next: publish"))
    show_report(report, key="evaluation", dataset_id=run.record.dataset_id or "")
