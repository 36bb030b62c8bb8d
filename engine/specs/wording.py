"""Write numbers as a person does, in sentences that are kept as templates so that they can be translated."""

from __future__ import annotations

import string
from collections.abc import Iterable, Mapping
from typing import Any

from engine.words import words


def fill(template: str, values: Mapping[str, Any]) -> str:
    """Fill a sentence's placeholders; beside Python's formats there are `:figure` and `:share`.

    >>> fill("{name}: {score:share} ({error:figure})", {"name": "{x}", "score": 0.924, "error": 48123.4})
    '{x}: 92.4 % (48,123)'
    """
    return _SENTENCES.vformat(template, (), values)


def figure(value: float) -> str:
    """Write a number with the four digits that matter, thousands set apart.

    >>> [figure(x) for x in (0.92413, 48123.4, 12.0, 0.000123456, -3.0)]
    ['0.9241', '48,123', '12', '0.0001235', '-3']
    """
    if 1000 <= abs(value) < 1e12:
        return f"{value:,.0f}"
    return f"{value:.4g}"


def share(value: float) -> str:
    """Write a share in percent.

    >>> share(0.9244), share(1.0)
    ('92.4 %', '100.0 %')
    """
    return f"{100.0 * value:.1f} %"


def named(names: Iterable[str], most: int = 3) -> str:
    """List names in quotes, the rest as a number.

    >>> named(["a", "b"]), named(list("abcde"))
    ("'a', 'b'", "'a', 'b', 'c' and 2 more")
    """
    listed = list(names)
    shown = ", ".join(f"'{name}'" for name in listed[:most])
    return (
        shown if len(listed) <= most else words("{shown} and {n:,} more", shown=shown, n=len(listed) - most)
    )


class _Sentences(string.Formatter):
    def format_field(self, value: Any, format_spec: str) -> str:
        if format_spec == "figure":
            return figure(float(value))
        return (
            share(float(value)) if format_spec == "share" else str(super().format_field(value, format_spec))
        )


_SENTENCES = _Sentences()
