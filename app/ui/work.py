"""Background work as pages show it: what a kind of job is called, and its picture."""

from __future__ import annotations

from app.ui.language import _, tell
from app.ui.plain import plain
from store.jobs import JobRecord, State

JobState = State
Job = JobRecord

_ICONS = {
    "import_dataset": ":material/table_chart:",
    "relabel_dataset": ":material/new_label:",
    "prepare_run": ":material/tune:",
    "preview_pictures": ":material/auto_awesome_motion:",
    "suggest_labels": ":material/auto_awesome:",
    "train_run": ":material/model_training:",
    "publish_run": ":material/deployed_code:",
    "predict_file": ":material/output:",
}

#: Jobs whose title is only the name of what they are about; the others say what is done to it.
_NAMED = frozenset({"import_dataset", "relabel_dataset", "predict_file"})


def kind_word(kind: str) -> str:
    """Return what a kind of job does, in the reader's language; its code where nobody has named it."""
    words = {
        "import_dataset": _("Read a table"),
        "relabel_dataset": _("Make a version with new labels"),
        "prepare_run": _("Prepare a run"),
        "preview_pictures": _("Vary pictures"),
        "suggest_labels": _("Suggest labels"),
        "train_run": _("Train"),
        "publish_run": _("Publish a model"),
        "predict_file": _("Predict a file"),
    }
    return words.get(kind, kind)


def kind_icon(kind: str) -> str:
    """Return the icon of a kind of job, as markdown."""
    return _ICONS.get(kind, ":material/pending_actions:")


def job_label(job: JobRecord) -> str:
    """Return what a job is called in a list, as markdown: what it does, and to what."""
    title = plain(tell(job.title), 100)
    if job.kind in _NAMED:
        return _("{work}: {name}").format(work=kind_word(job.kind), name=title)
    return title
