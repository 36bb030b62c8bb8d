"""Write a report as one HTML page that needs nothing else: no script, no font, no request."""

from __future__ import annotations

import json
import unicodedata
from collections.abc import Callable
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from engine.report.view import view
from engine.specs.report import Report
from engine.specs.wording import figure, share
from engine.words import words

DELIMITERS = {
    "\t": words("tabs"),
    " ": words("blanks"),
    ",": words("commas"),
    ";": words("semicolons"),
}
UNITS = {"kB": 1e3, "MB": 1e6, "GB": 1e9}
TEMPLATES = Path(__file__).parent / "templates"


def render_report(report: Report, told: Callable[[str], str] = str, language: str = "en") -> str:
    """Return the page. Whatever comes from the data is shown as text, never obeyed as markup.

    Parts of the report that are None are left out. The page's content policy forbids every request.
    told: returns a sentence of ours in the reader's language.   language: of the page, as HTML names it.
    """
    page = _environment(told).get_template("page.html.j2")
    return page.render(r=report, v=view(report), language=language)


def _environment(told: Callable[[str], str]) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_text,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    filters: dict[str, Callable[..., str]] = {
        "duration": _duration,
        "fill": lambda template, **values: template.format(**values),
        "figure": lambda value: "" if value is None else figure(value),
        "plain": lambda value: value if isinstance(value, str) else json.dumps(value, default=str),
        "share": share,
        "short": _short,
        "size": _size,
        "told": lambda text: told(text) if text else "",
        "visible": lambda value: DELIMITERS.get(value) or str(value),
    }
    environment.filters.update(filters)
    environment.globals["_"] = told
    return environment


def _text(value: Any) -> Any:
    """Replace what HTML cannot hold (controls, lone surrogates) or what turns the reading order around."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    return "".join("\N{REPLACEMENT CHARACTER}" if _is_harmful(letter) else letter for letter in value)


def _is_harmful(letter: str) -> bool:
    return (
        letter not in "\n\t"
        and unicodedata.category(letter) in {"Cc", "Cf", "Cs"}
        and letter not in "\u200c\u200d"
    )


def _short(value: Any, most: int = 120) -> str:
    text = str(_text(str(value)))
    return text if len(text) <= most else text[: most - 1] + "…"


def _size(count: int) -> str:
    """Write a number of bytes.

    >>> _size(999), _size(1_234_567)
    ('999 bytes', '1.2 MB')
    """
    if count < 1000:
        return f"{count} bytes"
    scaled, unit = next(
        (count / factor, unit) for unit, factor in UNITS.items() if count < 1000 * factor or unit == "GB"
    )
    return f"{scaled:.1f} {unit}"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < 10:
        return f"{seconds:.1f} s"
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
