"""A parameter declared once: read by forms, search spaces, validation and the docs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from engine.errors import InvalidSpec

ParamKind = Literal["int", "float", "bool", "choice"]


@dataclass(frozen=True, kw_only=True)
class Param:
    """One dial of a family, transform or splitter.

    low, high: inclusive range of a number.  log: searched on a log scale, of which 0 may be the lower end.
    choices: of a "choice".  unit: what a number counts, for the form.  help: one sentence for a person.
    searched: offered to the search.
    """

    name: str
    kind: ParamKind
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    log: bool = False
    choices: tuple[str, ...] = ()
    unit: str = ""
    searched: bool = True

    def problem(self, value: Any) -> str | None:
        """Say why `value` does not fit, or None when it does."""
        if self.kind == "bool":
            return None if isinstance(value, bool) else "expected true or false"
        if self.kind == "choice":
            return None if value in self.choices else f"expected one of {list(self.choices)}"
        whole = isinstance(value, int) and not isinstance(value, bool)
        if not whole and not (self.kind == "float" and isinstance(value, float)):
            return f"expected a {'whole number' if self.kind == 'int' else 'number'}"
        if (self.low is not None and value < self.low) or (self.high is not None and value > self.high):
            return f"expected a value in [{self.low}, {self.high}]"
        return None if value == value else "expected a number, not NaN"


def complete(params: Iterable[Param], given: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Fill `given` with defaults and check every value.

    Raises: InvalidSpec that lists every wrong name and value at once.
    """
    declared = {param.name: param for param in params}
    problems = [f"`{name}` is not a parameter of {owner}" for name in given if name not in declared]
    for name, value in given.items():
        if name in declared and (why := declared[name].problem(value)):
            problems.append(f"`{name}`: {why}. Received: {value!r}")
    if problems:
        raise InvalidSpec(
            f"The parameters of {owner} cannot be used: {'; '.join(problems)}.",
            remedy=f"Use the declared parameters: {', '.join(declared) or 'none'}.",
        )
    return {name: given.get(name, param.default) for name, param in declared.items()}
