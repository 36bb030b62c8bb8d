"""Our own plain pages (sign in, setup, password, trouble): HTML that works without a script."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

from app.language import LANGUAGES
from app.web.headers import PLAIN_CSP
from app.web.visitor import Visitor

_TEMPLATES = Path(__file__).with_name("templates")


@lru_cache(maxsize=1)
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )


def render(visitor: Visitor, name: str, values: Mapping[str, Any], *, status: int = 200) -> HTMLResponse:
    """Return a page of `templates/` in the visitor's language, under the policy of plain pages."""
    language = visitor.language
    page = _environment().get_template(name)
    text = page.render(
        {
            **values,
            "_": language.text,
            "html_language": language.html_language,
            "language_code": language.code,
            "languages": LANGUAGES,
            "version": visitor.box.version,
        }
    )
    return HTMLResponse(text, status, headers={"Content-Security-Policy": PLAIN_CSP})
