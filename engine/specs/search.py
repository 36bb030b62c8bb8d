"""What is searched for better models, how, and what came of every trial."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from engine.errors import InvalidSpec
from engine.specs.training import Candidate

SamplerName = Literal["tpe", "random", "gp", "cmaes", "qmc", "grid"]
PrunerName = Literal["asha", "hyperband", "median", "none"]
TrialState = Literal["running", "complete", "pruned", "failed", "refused"]

SAMPLERS: tuple[str, ...] = get_args(SamplerName)
PRUNERS: tuple[str, ...] = get_args(PrunerName)
#: Trials in these states have cost training time and count against a budget of trials.
SPENT: tuple[str, ...] = ("complete", "pruned", "failed")


@dataclass(frozen=True, kw_only=True)
class ParamRange:
    """What a person lets the search try of one param, instead of all it may be.

    low, high: a narrower range of a number.  choices: fewer of them.  value: exactly this, which is not searched then.
    """

    low: float | None = None
    high: float | None = None
    choices: tuple[Any, ...] = ()
    value: Any = None


@dataclass(frozen=True, kw_only=True)
class SearchSpec:
    """How better models are searched for.

    sampler: who proposes the next trial: "tpe" (Parzen trees), "random", "gp" (a Gaussian process), "cmaes"
        (an evolution strategy), "qmc" (an even spread) or "grid" (`levels` values of each number).
    pruner: who ends a trial that is not worth finishing: "asha", "hyperband", "median" or "none".
    families: only these; None for all that do the task.
    trials, seconds: most trials, and most seconds, earlier attempts counted; None for no limit.
    patience: trials without a better score after which it stops; None to go on.
    ranges: "family.param" → what may be tried of it.
    starters: trials drawn at random before a sampler learns from them.
    first_step, reduction: a trial is first judged by the pruner at `first_step`, then each time it has gone
        `reduction` times as far; about one in `reduction` goes on. The median rule judges every `first_step` steps.
        None for a tenth of the steps of the family's longest trial.
    levels: values of each number in a grid.
    """

    sampler: SamplerName = "tpe"
    pruner: PrunerName = "asha"
    families: tuple[str, ...] | None = None
    trials: int | None = None
    patience: int | None = None
    seconds: float | None = None
    ranges: Mapping[str, ParamRange] = field(default_factory=dict)
    starters: int = 10
    first_step: int | None = None
    reduction: int = 3
    levels: int = 3
    seed: int = 0
    version: int = 1

    def check(self) -> None:
        """Refuse what cannot be searched.   Raises: InvalidSpec that lists every problem at once."""
        problems = [*_name_problems(self), *_number_problems(self), *_range_problems(self.ranges)]
        if problems:
            raise InvalidSpec(
                f"The search cannot be done as asked: {'; '.join(problems)}.",
                remedy="Correct these fields of the search.",
            )


def _name_problems(spec: SearchSpec) -> Iterator[str]:
    if spec.sampler not in SAMPLERS:
        yield f"`sampler`: expected one of {list(SAMPLERS)}. Received: {spec.sampler!r}"
    if spec.pruner not in PRUNERS:
        yield f"`pruner`: expected one of {list(PRUNERS)}. Received: {spec.pruner!r}"
    if spec.families is not None and not spec.families:
        yield "`families`: expected at least one, or none at all for every family. Received: an empty list"


def _number_problems(spec: SearchSpec) -> Iterator[str]:
    least = {"trials": 1, "patience": 1, "starters": 1, "first_step": 1, "reduction": 2, "levels": 2}
    for name, lowest in least.items():
        value = getattr(spec, name)
        if value is not None and not (_is_whole(value) and value >= lowest):
            yield f"`{name}`: expected a whole number of at least {lowest}. Received: {value!r}"
    if not (_is_whole(spec.seed) and 0 <= spec.seed < 2**32):
        yield f"`seed`: expected a whole number in [0, 2³²). Received: {spec.seed!r}"
    if spec.seconds is not None and not (_is_number(spec.seconds) and spec.seconds > 0):
        yield f"`seconds`: expected a number above 0. Received: {spec.seconds!r}"


def _range_problems(ranges: Mapping[str, ParamRange]) -> Iterator[str]:
    for name, given in ranges.items():
        if name.count(".") != 1:
            yield f"`ranges`: expected names like family.param. Received: {name!r}"
        said = [given.value is not None, bool(given.choices), (given.low, given.high) != (None, None)]
        if sum(said) != 1:
            yield f"`ranges.{name}`: expected either a value, or choices, or low and high"
        limits = [limit for limit in (given.low, given.high) if limit is not None]
        if not all(_is_number(limit) for limit in limits):
            yield f"`ranges.{name}`: expected numbers for low and high. Received: {limits!r}"
        elif len(limits) == 2 and limits[0] > limits[1]:
            yield f"`ranges.{name}`: expected low ≤ high. Received: {limits[0]!r} and {limits[1]!r}"


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


@dataclass(frozen=True, kw_only=True)
class TrialRecord:
    """One trial of a search, as the ledger keeps it.

    number: counts from 0; the trial's name.   order: which start this was, counting every start of every attempt.
    state: "running" when it started, and what came of it in a later record of the same number.
    score: in the deciding metric, of a complete trial.
    steps: (step, value) while training, in the score's direction.
    seconds: it took.   lane: the device it ran on.
    reason: why it was proposed (running), refused, pruned or failed; a sentence for a person.
    """

    number: int
    candidate: Candidate
    state: TrialState
    score: float | None = None
    steps: tuple[tuple[int, float], ...] = ()
    seconds: float = 0.0
    lane: str = ""
    order: int = 0
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class HistoryPoint:
    """One spent trial in the order of numbers.   best: best score up to and with it; None before the first."""

    number: int
    candidate: str
    family: str
    state: TrialState
    score: float | None
    best: float | None
    seconds: float


@dataclass(frozen=True, kw_only=True)
class ParamImportance:
    """How much of the scores' spread one dial explains, among the trials of `family`; shares sum to 1 in a family.

    family: "" for the choice of the family itself, among all trials.
    """

    family: str
    param: str
    share: float
    trials: int


@dataclass(frozen=True, kw_only=True)
class Axis:
    """One upright line of a parallel-coordinates chart.   choices: of an axis without numbers, bottom to top."""

    name: str
    low: float = 0.0
    high: float = 1.0
    log: bool = False
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Coordinates:
    """The complete trials of one family as lines across axes; the last axis is the score.

    places: per trial and axis, how far up the line crosses it, 0 to 1, as (trials, axes).
    numbers: of the trials.  values: per trial and axis, what a person reads there.
    """

    family: str
    axes: tuple[Axis, ...]
    numbers: tuple[int, ...]
    places: tuple[tuple[float, ...], ...]
    values: tuple[tuple[Any, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Slice:
    """Scores along one dial: (value, score) of every complete trial of the family."""

    family: str
    param: str
    log: bool
    points: tuple[tuple[Any, float], ...]


@dataclass(frozen=True, kw_only=True)
class SearchFindings:
    """What a search found out, as plain data for report and portal.

    counts: state → trials.  best: number of the best trial; None without a complete one.
    seconds: of all trials together.  importance: heaviest first in each family.
    note: what cannot be said yet, and why; "" when all is said.
    """

    greater_is_better: bool
    counts: Mapping[str, int]
    best: int | None
    best_score: float | None
    seconds: float
    history: tuple[HistoryPoint, ...]
    importance: tuple[ParamImportance, ...]
    coordinates: tuple[Coordinates, ...]
    slices: tuple[Slice, ...]
    note: str = ""
