"""How the pictures of a run reach its models: at which size, how they are varied, and what that looks like."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from app.jobs.workplace import JobFiles
from app.usecases.jobs import get_job
from app.usecases.person import Person
from app.usecases.refusals import Conflict, NotFound, Refusal
from app.usecases.run_access import find_run
from app.usecases.run_edits import change_run
from app.usecases.run_files import RunFiles
from app.usecases.run_views import shown_plan
from app.wiring import Appliance
from engine.families.picture_params import AUGMENTATION
from engine.modalities.image.thumbnails import read_thumbnails
from engine.specs.features import Feature, FeaturePlan
from engine.specs.params import Param
from engine.transforms.resize import SIDES
from engine.words import words
from store import jobs
from store.jobs import JobRecord
from store.run_records import RunRecord

KIND = "preview_pictures"
#: The file with the pictures that a preview has made, in the results of its job.
PREVIEW = "pictures.bin"
VIEW = "pixels"


@dataclass(frozen=True, kw_only=True)
class PicturePlan:
    """How a run's pictures are used.

    side: width and height in pixels that models see.   sides: that are offered, the present one among them.
    reason: why it was proposed.   varied: the changes of training pictures, as declared.
    """

    column: str
    side: int
    sides: tuple[int, ...]
    reason: str
    varied: tuple[Param, ...]


def picture_plan(box: Appliance, who: Person, run_id: str) -> PicturePlan | None:
    """Return how a run's pictures are used; None for a table, and until features are proposed.   Raises: NotFound."""
    plan = shown_plan(RunFiles(box.folder.run(find_run(box, run_id).id)))
    feature = _feature(plan)
    if plan is None or feature is None:
        return None
    side = int(feature.steps[-1].params["side"])
    return PicturePlan(
        column=feature.column,
        side=side,
        sides=tuple(sorted({*SIDES, side})),
        reason=next((one.reason for one in plan.columns if one.column == feature.column), ""),
        varied=AUGMENTATION,
    )


def change_side(box: Appliance, who: Person, run_id: str, *, revision: int, side: int) -> RunRecord:
    """Let models see the run's pictures at another size; later steps are done again.

    Raises: as `change_run`; Refusal for a size that is not offered.
    """
    plan = shown_plan(RunFiles(box.folder.run(find_run(box, run_id).id)))
    if plan is None or _feature(plan) is None or side not in SIDES:
        raise Refusal(
            words(
                "Pictures cannot be used at {side} pixels. Expected: one of {sides}.",
                side=side,
                sides=", ".join(map(str, SIDES)),
            ),
            remedy=words("Choose one of the sizes."),
        )
    return change_run(box, who, run_id, revision=revision, plan=_resized(plan, side))


def ask_preview(box: Appliance, who: Person, run_id: str) -> JobRecord:
    """Have some of the run's pictures varied as training varies them; asking again changes nothing.

    Raises: NotFound; Conflict until features are proposed.
    """
    record, plan = find_run(box, run_id), picture_plan(box, who, run_id)
    if plan is None:
        raise Conflict(
            words("The run is not prepared yet, so its size is not known."),
            remedy=words("Wait until features and split are done."),
        )
    found = preview_of(box, who, run_id)
    if found is not None and found.state in ("queued", "running", "succeeded"):
        return found
    return box.jobs.submit(
        KIND,
        subject=_subject(record.id),
        title=words("Vary pictures of {name}", name=record.name),
        created_by=who.id,
        arguments={"run_id": record.id, "side": plan.side},
    )


def preview_of(box: Appliance, who: Person, run_id: str) -> JobRecord | None:
    """Return the newest preview of a run at the size its pictures have now.   Raises: NotFound."""
    plan = picture_plan(box, who, run_id)
    for job in jobs.list(box.db, subject=_subject(find_run(box, run_id).id), limit=5):
        if plan is not None and job.arguments.get("side") == plan.side:
            return job
    return None


def preview_picture(box: Appliance, who: Person, job_id: str, number: int) -> bytes:
    """Return one picture of a preview as a small JPEG file.   Raises: NotFound."""
    job = get_job(box, who, job_id)
    shown = (job.result or {}).get("pictures", 0) if job.kind == KIND and job.state == "succeeded" else 0
    if not 0 <= number < shown:
        raise NotFound(words("There is no such picture."), remedy=words("Load the page again."))
    return read_thumbnails(JobFiles(box.folder.job(job.id)).results / PREVIEW, [number])[0]


def _subject(run_id: str) -> str:
    return f"preview:{run_id}"


def _feature(plan: FeaturePlan | None) -> Feature | None:
    return next(iter(plan.views.get(VIEW, ())), None) if plan is not None else None


def _resized(plan: FeaturePlan, side: int) -> FeaturePlan:
    (feature,) = plan.views[VIEW]
    *before, last = feature.steps
    resize = dataclasses.replace(last, params={**last.params, "side": side}, state=None)
    reason = words("A picture: models see it as {side} × {side} pixels, chosen by hand.", side=side)
    return dataclasses.replace(
        plan,
        columns=tuple(
            dataclasses.replace(one, reason=reason) if one.column == feature.column else one
            for one in plan.columns
        ),
        views={**plan.views, VIEW: (dataclasses.replace(feature, steps=(*before, resize)),)},
    )
