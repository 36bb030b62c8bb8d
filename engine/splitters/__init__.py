"""The catalogue of splitters: ways to divide rows into training, validation and test."""

from __future__ import annotations

from engine.errors import InvalidSpec
from engine.splitters import given, grouped, random, stratified, time
from engine.splitters.base import Splitter

CATALOGUE: tuple[Splitter, ...] = (
    random.SPLITTER,
    stratified.SPLITTER,
    grouped.SPLITTER,
    time.SPLITTER,
    given.SPLITTER,
)


def splitter(name: str) -> Splitter:
    """Return the splitter called `name`.   Raises: InvalidSpec when there is none."""
    for candidate in CATALOGUE:
        if candidate.name == name:
            return candidate
    names = ", ".join(candidate.name for candidate in CATALOGUE)
    raise InvalidSpec(
        f"There is no splitter {name!r}. Expected one of: {names}.", remedy="Name one of these splitters."
    )
