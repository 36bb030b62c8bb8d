"""What can be searched: the declared params of the families, each family with its own, as Optuna sees them."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import optuna
from optuna.distributions import (
    BaseDistribution,
    CategoricalDistribution,
    FloatDistribution,
    IntDistribution,
)

from engine.errors import InvalidSpec
from engine.families.base import DataShape, Family
from engine.specs.features import ViewName
from engine.specs.params import Param, complete
from engine.specs.search import ParamRange, SearchSpec
from engine.specs.training import Candidate

#: The choice of the family among the names of a trial's values; the others are "family.param".
FAMILY = "family"
#: A log scale that begins at 0 begins at this share of its highest value, which then stands for 0.
_ZERO_SHARE = 1e-6

Values = Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class Dial:
    """One param that is searched, within the range a person left it.   choices: of a param without numbers."""

    param: Param
    low: float = 0.0
    high: float = 0.0
    choices: tuple[Any, ...] = ()

    @property
    def distribution(self) -> BaseDistribution:
        """What Optuna draws from."""
        if self.choices:
            return CategoricalDistribution(self.choices)
        if self.param.kind == "int":
            return IntDistribution(int(self.low), int(self.high), log=self.param.log)
        return FloatDistribution(self.floor, self.high, log=self.param.log)

    @property
    def floor(self) -> float:
        """The lowest value that is drawn: above 0 on a log scale."""
        return max(self.low, self.high * _ZERO_SHARE) if self.param.log else self.low

    def read(self, drawn: Any) -> Any:
        """Return the param's value for what was drawn."""
        if self.choices:
            return drawn
        if self.param.kind == "int":
            return int(drawn)
        return self.low if drawn <= self.floor else float(drawn)

    def write(self, value: Any) -> Any | None:
        """Return what would have to be drawn for `value`, or None when it lies outside the range."""
        if self.choices:
            return value if value in self.choices else None
        return max(value, self.floor) if self.low <= value <= self.high else None

    def place(self, drawn: Any) -> float:
        """Return where a drawn value lies within the range, 0 to 1; of a choice the middle of its part."""
        if self.choices:
            return (self.choices.index(drawn) + 0.5) / len(self.choices)
        low, high, at = (self._scale(value) for value in (self.floor, self.high, drawn))
        return (at - low) / (high - low)

    def at(self, place: float) -> Any:
        """Return what is drawn at `place`, 0 to 1; the opposite of `place`, whole numbers rounded."""
        if self.choices:
            return self.choices[min(len(self.choices) - 1, int(place * len(self.choices)))]
        low, high = self._scale(self.floor), self._scale(self.high)
        value = low + min(1.0, max(0.0, place)) * (high - low)
        value = min(self.high, max(self.floor, math.exp(value) if self.param.log else value))
        return round(value) if self.param.kind == "int" else value

    def _scale(self, value: float) -> float:
        return math.log(value) if self.param.log else float(value)


@dataclass(frozen=True, kw_only=True)
class Room:
    """What one family lets the search try.

    dials: param name → dial.   settled: every other param's value.
    """

    family: Family
    dials: Mapping[str, Dial]
    settled: Values

    def distributions(self) -> dict[str, BaseDistribution]:
        """Return "family.param" → what Optuna draws it from."""
        return {f"{self.family.name}.{name}": dial.distribution for name, dial in self.dials.items()}


class Space:
    """All families and their dials.   rooms: family name → what it lets the search try."""

    def __init__(
        self, spec: SearchSpec, families: Iterable[Family], shapes: Mapping[ViewName, DataShape]
    ) -> None:
        """Lay out the space.   shapes: of the training data, by view; a family proposes what is not searched.

        Raises: InvalidSpec that lists every field or range that cannot be, or when nothing is left to search.
        """
        spec.check()
        members = list(families)
        problems = [*_strangers(spec, members)]
        self.shapes = shapes
        self.rooms: dict[str, Room] = {}
        for member in members:
            view = member.view_among(tuple(shapes))
            if view is None:
                continue
            room, wrong = _room(member, spec.ranges, shapes[view])
            problems += wrong
            if room.dials and shapes[view].task in member.tasks:
                self.rooms[member.name] = room
        if problems:
            raise InvalidSpec(
                f"The ranges of the search cannot be used: {'; '.join(problems)}.",
                remedy="Correct these ranges.",
            )
        if not self.rooms:
            received = ", ".join(member.name for member in members) or "no family"
            raise InvalidSpec(
                f"There is nothing to search. Expected: a family with params left open. Received: {received}.",
                remedy="Search other families, or fix fewer params.",
            )

    @property
    def families(self) -> tuple[str, ...]:
        """Names of the families that are searched, in the order they were given."""
        return tuple(self.rooms)

    def draw(self, trial: optuna.Trial) -> Values:
        """Let Optuna decide a trial's family, then that family's dials."""
        name = trial.suggest_categorical(FAMILY, self.families)
        drawn = {FAMILY: name}
        for dial, distribution in self.rooms[name].distributions().items():
            drawn[dial] = _suggest(trial, dial, distribution)
        return drawn

    def distributions(self, drawn: Values) -> dict[str, BaseDistribution]:
        """Return what the values of one trial were drawn from."""
        return {
            FAMILY: CategoricalDistribution(self.families),
            **self.rooms[drawn[FAMILY]].distributions(),
        }

    def candidate(self, number: int, drawn: Values, reason: str = "") -> Candidate:
        """Return what trial `number` trains."""
        room = self.rooms[drawn[FAMILY]]
        name = room.family.name
        params = {dial: room.dials[dial].read(drawn[f"{name}.{dial}"]) for dial in room.dials}
        declared = {param.name: (params | dict(room.settled))[param.name] for param in room.family.params}
        return Candidate(id=f"{name}-t{number}", family=name, params=declared, reason=reason)

    def drawn(self, candidate: Candidate) -> Values | None:
        """Return what would have to be drawn to train `candidate`, or None when it lies outside the space.

        Params that are not searched may differ: they are the candidate's own.
        """
        room = self.rooms.get(candidate.family)
        if room is None:
            return None
        params = complete(room.family.params, candidate.params, candidate.family)
        found: dict[str, Any] = {FAMILY: candidate.family}
        for name, dial in room.dials.items():
            value = dial.write(params[name])
            if value is None:
                return None
            found[f"{candidate.family}.{name}"] = value
        return found

    def refusal(self, candidate: Candidate) -> str | None:
        """Say why a candidate cannot be trained or published, or None."""
        member = self.rooms[candidate.family].family
        return member.refuses(self.shapes[member.view], candidate.params)

    def key(self, candidate: Candidate) -> str:
        """Return what is equal for candidates that train the same model."""
        room = self.rooms.get(candidate.family)
        params = (
            complete(room.family.params, candidate.params, candidate.family) if room else candidate.params
        )
        return json.dumps([candidate.family, dict(params)], sort_keys=True)


def _suggest(trial: optuna.Trial, name: str, distribution: BaseDistribution) -> Any:
    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(name, distribution.choices)
    suggest = trial.suggest_int if isinstance(distribution, IntDistribution) else trial.suggest_float
    return suggest(name, distribution.low, distribution.high, log=distribution.log)


def _strangers(spec: SearchSpec, members: Sequence[Family]) -> Iterator[str]:
    """Yield ranges of families or params that do not exist."""
    known = {f"{member.name}.{param.name}" for member in members for param in member.params}
    for name in spec.ranges:
        if name not in known:
            yield f"`{name}` is no param of a searched family"


def _room(member: Family, ranges: Mapping[str, ParamRange], shape: DataShape) -> tuple[Room, list[str]]:
    proposals = member.proposes(shape) if shape.task in member.tasks else ()
    proposed = proposals[0].params if proposals else {}
    settled = complete(member.params, proposed, member.name)
    dials: dict[str, Dial] = {}
    problems = []
    for param in member.params:
        given = ranges.get(f"{member.name}.{param.name}")
        try:
            dial = _dial(param, given)
        except ValueError as error:
            problems.append(f"`{member.name}.{param.name}`: {error}")
            continue
        if isinstance(dial, Dial):
            dials[param.name] = dial
            del settled[param.name]
        elif given is not None:
            settled[param.name] = dial
    return Room(family=member, dials=dials, settled=settled), problems


def _dial(param: Param, given: ParamRange | None) -> Dial | Any:
    """Return the dial of a param, or the one value it has.   Raises: ValueError that says what is wrong."""
    if given is not None and given.value is not None:
        return _allowed(param, given.value)
    if given is None and not param.searched:
        return None
    if param.kind in ("bool", "choice"):
        return _choice_dial(param, given)
    if given is not None and given.choices:
        raise ValueError("expected low and high, or a value")
    low = param.low if given is None or given.low is None else _allowed(param, _fitting(param, given.low))
    high = param.high if given is None or given.high is None else _allowed(param, _fitting(param, given.high))
    if low is None or high is None:
        return None  # a number without an end is not searched until somebody gives it one
    if low > high:
        raise ValueError(f"expected low ≤ high. Received: {low} and {high}")
    if param.kind == "int" and param.log and low < 1:
        low = min(1.0, high)
    return Dial(param=param, low=low, high=high) if low < high else _fitting(param, low)


def _choice_dial(param: Param, given: ParamRange | None) -> Dial | Any:
    every: tuple[Any, ...] = (False, True) if param.kind == "bool" else param.choices
    if given is not None and not given.choices:
        raise ValueError(f"expected choices among {list(every)}, or a value")
    left = every if given is None else tuple(dict.fromkeys(_allowed(param, one) for one in given.choices))
    return Dial(param=param, choices=left) if len(left) > 1 else left[0]


def _fitting(param: Param, value: float) -> float:
    return int(value) if param.kind == "int" and float(value).is_integer() else value


def _allowed(param: Param, value: Any) -> Any:
    if why := param.problem(value):
        raise ValueError(f"{why}. Received: {value!r}")
    return value
