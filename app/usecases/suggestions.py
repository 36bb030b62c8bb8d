"""Labels that a model suggests for a set of pictures: which models may, having them asked, and what they say.

The model is asked in a worker; its answers lie in one file beside the labels, under the name of model and set.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

from app.usecases.dataset_access import find_dataset, labels_subject, subject_of
from app.usecases.person import Person
from app.usecases.picture_files import PictureFiles
from app.usecases.pictures import files_of, labels_of, suggestions_in
from app.usecases.refusals import Conflict, NotFound
from app.usecases.registering import ABOUT, VersionFile
from app.usecases.run_files import RunFiles
from app.wiring import Appliance
from engine.modalities.image.labelling import Labels, edits_of
from engine.specs.pictures import PictureFacts, SuggestedBy
from engine.words import words
from store import audit, edits, jobs, models
from store.identifiers import is_id
from store.jobs import JobRecord
from store.models import ModelVersion
from store.table import Writes

KIND = "suggest_labels"
#: Versions of a set and models of theirs that are looked at.
_MOST_SETS, _MOST_MODELS = 100, 20
#: A model that shares fewer classes with the set answers another question.
_LEAST_SHARED = 2
_MOST_NAMED = 5


@dataclass(frozen=True, kw_only=True)
class LabelModel:
    """A published model that was trained on a set or on another version of it.

    misfit: why it can suggest nothing for this set, a sentence; "" where it can.
    dataset_id: of the set it was trained on.   run_id: of its run.
    """

    name: str
    version: int
    sha256: str
    model_id: str
    run_id: str
    dataset_id: str
    misfit: str = ""


@dataclass(frozen=True, kw_only=True)
class SuggestedLabels:
    """What is known of the suggestions for a set.   by: the model that made those that are there; None for none.

    doubted: labels of now that are probably wrong.   job: the newest that asked a model, in whatever state.
    """

    by: SuggestedBy | None
    doubted: int
    job: JobRecord | None


def label_models(box: Appliance, who: Person, dataset_id: str) -> tuple[LabelModel, ...]:
    """Return the published models of a set and of the versions it comes from or became, newest first.

    Raises: NotFound.
    """
    files = files_of(box, dataset_id)
    found = models.of_datasets(box.db, tuple(_line(box, dataset_id)))[:_MOST_MODELS]
    now = labels_of(files)[1]
    return tuple(model for version in found if (model := _label_model(box, version, files, now)) is not None)


def suggested_labels(box: Appliance, who: Person, dataset_id: str) -> SuggestedLabels:
    """Return which model has suggested labels for a set, and how many it doubts.   Raises: NotFound."""
    files = files_of(box, dataset_id)
    held = suggestions_in(files)
    return SuggestedLabels(
        by=held[0] if held else None,
        doubted=len(held[1].doubted(labels_of(files)[1])) if held else 0,
        job=next(iter(jobs.list(box.db, subject=labels_subject(dataset_id), kind=KIND, limit=1)), None),
    )


def suggestions_at(
    box: Appliance, who: Person, dataset_id: str, rows: Sequence[int]
) -> dict[int, tuple[str, float]]:
    """Return row → (suggested class, its probability), for those of `rows` that have one.   Raises: NotFound."""
    held = suggestions_in(files_of(box, dataset_id))
    return held[1].of(rows) if held else {}


def ask_suggestions(box: Appliance, who: Person, dataset_id: str, *, model: str, version: int) -> JobRecord:
    """Have a model asked about every picture of a set; while one is being asked, that job is returned.

    model: the name of one of `label_models`.
    Raises: NotFound; Conflict when the model does not fit the set.
    """
    record = find_dataset(box, dataset_id)
    offered = {(one.name, one.version): one for one in label_models(box, who, dataset_id)}
    chosen = offered.get((model, version))
    if chosen is None:
        raise NotFound(
            words("No version {version} of a model {name!r} was trained on these pictures.",
                  version=version, name=model[:80]),
            remedy=words("Load the page again and choose a model anew."),
        )  # fmt: skip
    if chosen.misfit:
        raise Conflict(chosen.misfit, remedy=words("Choose another model."))

    def together(tx: Writes, job: JobRecord) -> None:
        told = f"{chosen.name} {chosen.version}"
        audit.append(tx, who=who.name, action=KIND, object=subject_of(record.id), detail=told)

    return box.jobs.submit(
        KIND,
        subject=labels_subject(record.id),
        title=words("Suggest labels for {name}", name=record.name),
        created_by=who.id,
        arguments={
            "dataset_id": record.id,
            "model_id": chosen.model_id,
            "model": chosen.name,
            "version": chosen.version,
            "sha256": chosen.sha256,
        },
        together=together,
    )


def _line(box: Appliance, dataset_id: str) -> Iterator[str]:
    """Yield the ids of a set, of those it was made from and of those that were made from it, however far."""
    known, waiting = {dataset_id}, [dataset_id]
    while waiting and len(known) <= _MOST_SETS:
        here = waiting.pop(0)
        yield here
        files = PictureFiles(box.folder.dataset(here))
        origin = files.origin
        made = [str(line["version"]) for line in edits.read(files.edits) if "version" in line]
        for other in [*([origin.dataset_id] if origin else []), *made]:
            if other not in known and is_id(other):
                known.add(other)
                waiting.append(other)


def _label_model(
    box: Appliance, version: ModelVersion, files: PictureFiles, now: Labels
) -> LabelModel | None:
    model = models.get(box.db, version.model_id)
    folder = box.folder.model_version(version.model_id, version.version)
    about = RunFiles(folder).read(VersionFile, folder / ABOUT)
    facts = files.facts
    if model is None or about is None or facts is None:
        return None
    return LabelModel(
        name=model.name,
        version=version.version,
        sha256=version.sha256,
        model_id=model.id,
        run_id=version.run_id,
        dataset_id=about.dataset_id,
        misfit=_misfit(about, facts, _names_of(about, files), {name for name, _n in now.counts()}),
    )


def _names_of(about: VersionFile, files: PictureFiles) -> set[str]:
    """Return the model's classes by the names that people gave them since."""
    names = set(about.task.classes)
    for edit in edits_of(edits.read(files.edits)):
        if edit.action == "rename" and edit.old in names:
            names = (names - {edit.old}) | {edit.label}
    return names


def _misfit(about: VersionFile, facts: PictureFacts, known: Collection[str], present: set[str]) -> str:
    """Say why a model can suggest nothing for a set; "" where it can."""
    if not about.task.classes:
        return words("It answers with a number, not with a class.")
    if tuple(about.schema.names) != (facts.image,):
        return words(
            "It reads {columns}, and not the column {image!r} alone.",
            columns=", ".join(map(repr, about.schema.names[:_MOST_NAMED])),
            image=facts.image,
        )
    if facts.label is not None and about.task.target != facts.label:
        return words("It tells {target!r}, and not {label!r}.", target=about.task.target, label=facts.label)
    if present and len(present & set(known)) < min(_LEAST_SHARED, len(present)):
        return words("It knows other classes: {classes}.", classes=", ".join(sorted(known)[:_MOST_NAMED]))
    return ""
