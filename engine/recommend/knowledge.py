"""What was measured, on which data sets: the JSON that recommendations are drawn from, checked on reading."""

from __future__ import annotations

import functools
import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from engine.errors import InvalidSpec
from engine.files import read_json
from engine.recommend.meta import MetaFeatures
from engine.specs.codec import from_json
from engine.specs.schema import Task

VERSION = 1
SHIPPED = Path(__file__).with_name("knowledge.json")
#: The metric a set is remembered by: 1 is perfect, and a guess earns what `KnownSet.guess` says.
SCORE: Mapping[Task, str] = {"binary": "roc_auc", "multiclass": "accuracy", "regression": "r2"}


@dataclass(frozen=True, kw_only=True)
class Measure:
    """What one configuration did on one set, on rows that it never saw.

    score: in the set's `SCORE` metric.   seconds: of processor, one training.
    decider: in the metric that decides by default (log loss, RMSE …), greater is better: losses are negated.
    """

    score: float
    decider: float
    seconds: float


@dataclass(frozen=True, kw_only=True)
class KnownSet:
    """One data set.   name: for a person.   measures: candidate id → measure.   guess: of who knows no feature."""

    name: str
    meta: MetaFeatures
    guess: Measure
    measures: Mapping[str, Measure] = field(default_factory=dict)

    @property
    def best(self) -> float:
        """The best known score."""
        return max((one.score for one in self.measures.values()), default=self.guess.score)


@dataclass(frozen=True, kw_only=True)
class Knowledge:
    """Everything measured.   effort_s: what `speed.effort` took on the machine that measured, in seconds."""

    sets: tuple[KnownSet, ...]
    effort_s: float
    version: int = VERSION

    def without(self, name: str) -> Knowledge:
        """Return what would be known had the set called `name` never been seen."""
        return Knowledge(
            sets=tuple(one for one in self.sets if one.name != name),
            effort_s=self.effort_s,
            version=self.version,
        )


def read_knowledge(path: Path = SHIPPED) -> Knowledge:
    """Read and check knowledge; it is read once, and again when the file changes.

    Raises: InvalidSpec that names the field that is wrong, or the version where it is another; OSError.
    """
    told = path.stat()
    return _read(path, told.st_mtime_ns, told.st_size)


@functools.lru_cache(maxsize=4)
def _read(path: Path, _changed: int, _size: int) -> Knowledge:
    return check(from_json(Knowledge, read_json(path)))


def check(found: Knowledge) -> Knowledge:
    """Return `found` when it can be reckoned with.   Raises: InvalidSpec."""
    if found.version != VERSION:
        raise InvalidSpec(
            f"This knowledge cannot be read. Expected: version {VERSION}. Received: version {found.version}.",
            remedy="Distil it again with scripts/knowledge.",
        )
    if len({one.name for one in found.sets}) < len(found.sets):
        raise InvalidSpec(
            "Two sets of this knowledge have one name. Expected: every name once.",
            remedy="Distil it again with scripts/knowledge.",
        )
    for one in found.sets:
        check_set(one)
    if not found.effort_s > 0 or math.isinf(found.effort_s):
        raise InvalidSpec(
            f"`effort_s` cannot be used. Expected: seconds above 0. Received: {found.effort_s!r}.",
            remedy="Distil it again with scripts/knowledge.",
        )
    return found


def check_set(one: KnownSet) -> None:
    """Say whether a set can be reckoned with.   Raises: InvalidSpec."""
    measures = (one.guess, *one.measures.values())
    numbers = [number for each in measures for number in (each.score, each.decider, each.seconds)]
    if not all(math.isfinite(number) for number in (*numbers, *one.meta.coordinates())):
        raise InvalidSpec(
            f"A number of the set {one.name!r} cannot be used. Expected: finite ones only.",
            remedy="Remove the set, or distil the knowledge again with scripts/knowledge.",
        )
    if any(each.seconds < 0 or each.score > 1.0 for each in measures):
        raise InvalidSpec(
            f"A measure of the set {one.name!r} cannot be used. Expected: seconds from 0 and scores up to 1.",
            remedy="Remove the set, or distil the knowledge again with scripts/knowledge.",
        )
