"""Let a published model say what it takes every picture of a set for, so that people need only agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from app.jobs.context import Job
from app.usecases.picture_files import PictureFiles
from app.usecases.registering import ABOUT, MODEL, REPORT, VersionFile
from app.usecases.run_files import RunFiles
from engine.errors import BadData
from engine.modalities.image.suggestions import doubts_of, write_suggestions
from engine.serving.suggest import suggest
from engine.specs.picture_findings import LabelSuspect
from engine.specs.pictures import SuggestedBy
from engine.specs.report import Report
from engine.words import words


def suggest_labels(job: Job) -> dict[str, Any]:
    """Write what the model says into the one file of the set's suggestions.

    Arguments: dataset_id, of the set; model_id, model, version, sha256, of the published model.
    Returns:   {"pictures", "answered", "doubted_after_training"}.   Raises: AimassError.
    """
    told = job.arguments
    files = PictureFiles(job.data.dataset(str(told["dataset_id"])))
    facts = files.facts
    version = job.data.model_version(str(told["model_id"]), int(told["version"]))
    if facts is None or not (version / MODEL).is_file():
        raise BadData(
            words("The pictures or the model are not there any more."),
            remedy=words("Load the page again and choose a model anew."),
        )
    job.progress(0.0, words("Asking the model about every picture"))
    made = suggest(version / MODEL, files.data, limits=job.limits(), progress=job.progress)
    suspects = _suspects(version, str(told["dataset_id"]))
    made = doubts_of(
        made,
        [(one.row, one.given, one.given_score, one.suggested, one.score) for one in suspects],
        len(made.codes),
    )
    for left in files.folder.glob(f".tmp-*-{files.suggestions.name}"):
        left.unlink(missing_ok=True)
    by = SuggestedBy(
        model=str(told["model"]), version=int(told["version"]), sha256=str(told["sha256"]),
        dataset_id=str(told["dataset_id"]),
    )  # fmt: skip
    write_suggestions(files.suggestions, made, by)
    answered = int((made.codes[:, 0] >= 0).sum())
    return {"pictures": len(made.codes), "answered": answered, "doubted_after_training": len(made.suspects)}


def _suspects(version: Path, dataset_id: str) -> tuple[LabelSuspect, ...]:
    """Return the labels that were doubted after training, if it was on this very set: rows mean nothing elsewhere."""
    files = RunFiles(version)
    about, report = files.read(VersionFile, version / ABOUT), files.read(Report, version / REPORT)
    if about is None or report is None or report.pictures is None or about.dataset_id != dataset_id:
        return ()
    return report.pictures.suspects
