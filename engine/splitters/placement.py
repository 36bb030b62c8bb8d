"""Decide which set each unit of a stratum belongs to: large units one by one, the small ones by two cuts."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from engine.specs.split import SplitSpec

#: Which sets a stratum of few units fills first: a class that is never trained on cannot be predicted at all.
_PRIORITY = ("train", "test", "valid")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """Rows that never part.   unit: its number.   stratum: where it is drawn.   rows: its size."""

    unit: int
    stratum: int
    rows: int


@dataclass(frozen=True, kw_only=True)
class Stratum:
    """Units that are divided by the same shares.   index: its number.   rows, units: how many it has."""

    index: int
    rows: int
    units: int


@dataclass(frozen=True, kw_only=True)
class Cut:
    """What the small units of a stratum still have to bring: rows wanted, and sets that hold nothing yet."""

    stratum: int
    test_rows: float
    valid_rows: float
    empty: frozenset[str]

    def units(self, count: int, test: int, valid: int) -> tuple[int, int]:
        """Return how many of `count` small units go to test and to validation.

        test, valid: what the shares ask for. A set that is still empty gets one unit where there are enough,
        training first.

        >>> nothing_yet = frozenset({"train", "valid", "test"})
        >>> Cut(stratum=0, test_rows=0.4, valid_rows=0.3, empty=nothing_yet).units(2, 0, 0)
        (1, 0)
        """
        left = count
        least = dict.fromkeys(_PRIORITY, 0)
        for name in _PRIORITY:
            if name in self.empty and left:
                least[name] = 1
                left -= 1
        test = min(max(test, least["test"]), count - least["train"] - least["valid"])
        valid = min(max(valid, least["valid"]), count - least["train"] - test)
        return test, valid


def place(
    strata: Sequence[Stratum], large: Iterable[Unit], spec: SplitSpec, *, filled: frozenset[str] = frozenset()
) -> tuple[list[tuple[int, str, int]], list[Cut]]:
    """Place the large units and say what the small ones still have to bring.

    A large unit goes to a set that has room for all of it, drawn in proportion to the room; when none has, to
    the set with the most room. large: by stratum, largest first.   filled: sets that are whole and get nothing more.

    Returns: (unit, set, fold) per large unit; one cut per stratum.
    """
    by_stratum: dict[int, list[Unit]] = {}
    for unit in large:
        by_stratum.setdefault(unit.stratum, []).append(unit)
    placed: list[tuple[int, str, int]] = []
    cuts = []
    for stratum in strata:
        room = {
            "train": stratum.rows * (1 - spec.test_share - spec.valid_share),
            "test": stratum.rows * spec.test_share,
            "valid": stratum.rows * spec.valid_share,
        } | dict.fromkeys(filled, 0.0)
        empty = set(_PRIORITY) - filled
        left = stratum.units
        for position, unit in enumerate(by_stratum.get(stratum.index, ())):
            name = _set_for(unit, room, empty, left, spec.seed)
            room[name] -= unit.rows
            empty.discard(name)
            left -= 1
            placed.append((unit.unit, name, position % spec.folds))
        cuts.append(
            Cut(
                stratum=stratum.index,
                test_rows=max(0.0, room["test"]),
                valid_rows=max(0.0, room["valid"]),
                empty=frozenset(empty),
            )
        )
    return placed, cuts


def _set_for(unit: Unit, room: dict[str, float], empty: set[str], left: int, seed: int) -> str:
    if left <= len(empty):
        return next(name for name in _PRIORITY if name in empty)
    fitting = [name for name in _PRIORITY if room[name] >= unit.rows]
    if not fitting:
        return max(_PRIORITY, key=lambda name: room[name])
    draw = _chance(unit.unit, seed) * sum(room[name] for name in fitting)
    for name in fitting:
        draw -= room[name]
        if draw <= 0:
            return name
    return fitting[-1]


def _chance(unit: int, seed: int) -> float:
    """A number in [0, 1) that depends on the unit and the seed alone."""
    digest = hashlib.blake2b(f"{unit} {seed}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64
