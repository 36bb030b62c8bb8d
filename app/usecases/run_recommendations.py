"""What known data sets recommend for a run, before anything of it is trained."""

from __future__ import annotations

import functools
import time
from collections.abc import Iterable
from dataclasses import dataclass

from app.usecases.person import Person
from app.usecases.run_access import find_run
from app.usecases.run_files import RunFiles
from app.usecases.run_shapes import estimated_shapes
from app.wiring import Appliance
from engine.evaluation.metrics import metric
from engine.recommend.knowledge import read_knowledge
from engine.recommend.meta import meta_features
from engine.recommend.nearness import Near
from engine.recommend.recommend import Recommendation, ScoreRange, recommend
from engine.recommend.speed import effort
from engine.specs.features import TABLE_VIEWS
from engine.specs.training import Candidate
from engine.training.candidates import title_of
from engine.words import Words

#: Recommendations that a person is shown.
SHOWN = 3


@dataclass(frozen=True, kw_only=True)
class Recommended:
    """One recommendation as a person reads it.

    share: of what the best known model gains over guessing, expected.   low, high: of that.   score: in `metric`.
    seconds: of one training on this machine.
    """

    rank: int
    id: str
    title: Words | str
    reason: str
    share: float
    low: float
    high: float
    score: ScoreRange | None
    metric: str
    seconds: float


@dataclass(frozen=True, kw_only=True)
class Recommendations:
    """The first few, and what they were drawn from.   known: data sets in all.   nearest: nearest first."""

    first: tuple[Recommended, ...]
    nearest: tuple[Near, ...]
    known: int


def recommendations(
    box: Appliance, who: Person, run_id: str, candidates: Iterable[Candidate]
) -> Recommendations | None:
    """Return which of the candidates known data sets recommend; None for data that nothing is known of, as pictures.

    Raises: NotFound; Conflict until the run is prepared.
    """
    files = RunFiles(box.folder.run(find_run(box, run_id).id))
    shapes = estimated_shapes(files)
    schema, profile = files.schema, files.profile
    views = [view for view in TABLE_VIEWS if view in shapes.by_view]
    if schema is None or profile is None or not views or schema.image is not None:
        return None
    rows = max(shapes.by_view[view].rows for view in views)
    meta = meta_features(schema, profile, shapes.task, rows=rows)
    knowledge = read_knowledge()
    found = recommend(meta, tuple(candidates), knowledge, speed=knowledge.effort_s / own_effort())
    if not found:
        return None
    return Recommendations(
        first=tuple(_shown(one) for one in found[:SHOWN]),
        nearest=found[0].nearest,
        known=len(knowledge.sets),
    )


@functools.cache
def own_effort() -> float:
    """Return what `speed.effort` takes on this machine; measured once in a process."""
    return effort(time.process_time)


def _shown(one: Recommendation) -> Recommended:
    return Recommended(
        rank=one.rank,
        id=one.candidate.id,
        title=title_of(one.candidate.id, one.candidate.family),
        reason=one.reason,
        share=max(0.0, one.expected.merit),
        low=max(0.0, one.expected.low),
        high=max(0.0, one.expected.high),
        score=one.score,
        metric=metric(one.score.metric).title if one.score else "",
        seconds=one.seconds,
    )
