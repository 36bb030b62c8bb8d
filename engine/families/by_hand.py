"""Dials that a person set: "family.param" → value, in place of what the family proposes for the data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from engine.errors import InvalidSpec
from engine.families import CATALOGUE
from engine.families.base import Family
from engine.specs.search import ParamRange


def check_by_hand(params: Mapping[str, Any]) -> None:
    """Refuse dials that do not exist and values that they do not have.

    Raises: InvalidSpec that lists every problem at once.
    """
    problems = list(_problems(params))
    if problems:
        raise InvalidSpec(
            f"Settings of models cannot be used: {'; '.join(problems)}.",
            remedy="Name a family and one of its settings, such as lightgbm.leaves, with a value from its range.",
        )


def set_by_hand(params: Mapping[str, Any], member: Family) -> dict[str, Any]:
    """Return what was set of one family: param → value."""
    own = {param.name for param in member.params}
    found = {name.partition(".")[::2]: value for name, value in params.items()}
    return {param: value for (owner, param), value in found.items() if owner == member.name and param in own}


def fixed_ranges(params: Mapping[str, Any], families: Iterable[str]) -> dict[str, ParamRange]:
    """Return what leaves a search among `families` nothing to try of these dials; yardsticks are never searched."""
    named = set(families)
    searched = {member.name for member in CATALOGUE if member.name in named and not member.is_yardstick}
    return {
        name: ParamRange(value=value) for name, value in params.items() if name.partition(".")[0] in searched
    }


def read_by_hand(name: str, text: str) -> Any:
    """Return the value of dial `name` that `text` writes: a number, true or false, or a choice; else the text itself.

    >>> read_by_hand("lightgbm.leaves", "63")
    63
    """
    owner, _, wanted = name.partition(".")
    kinds = {
        param.name: param.kind for member in CATALOGUE if member.name == owner for param in member.params
    }
    kind = kinds.get(wanted)
    if kind == "bool":
        return {"true": True, "false": False}.get(text.strip().lower(), text)
    try:
        if kind == "int":
            return int(text)
        return float(text) if kind == "float" else text
    except ValueError:
        return text


def _problems(params: Mapping[str, Any]) -> Iterator[str]:
    families = {member.name: member for member in CATALOGUE}
    for name, value in params.items():
        owner, _, wanted = name.partition(".")
        if owner not in families:
            yield f"`{name}`: expected one of the families {', '.join(families)}"
            continue
        dials = {param.name: param for param in families[owner].params}
        if wanted not in dials:
            yield f"`{name}`: expected one of {', '.join(dials) or 'none'}"
        elif why := dials[wanted].problem(value):
            yield f"`{name}`: {why}. Received: {value!r}"
