"""Show what users wrote as what it is: text. Streamlit reads labels, titles and captions as markdown."""

from __future__ import annotations

import re
import unicodedata

#: Everything markdown or Streamlit's additions to it may read as a mark (CommonMark lets all of these be escaped).
_MARKS = re.compile(r"([\\`*_{}\[\]()#+\-.!|~<>$:&^=@\"'])")
#: Patterns that are found in the finished text, after escapes are gone: emoji, icons, addresses. A word joiner is
#: invisible and parts them.
_LATE = re.compile(r"(:)(?=[\w+\-/]+:)|(:)(?=//)|(?i:(www))(?=\.)|(@)|(--)|(<-|->)")
_JOINER = "\u2060"
_DIRECTION = frozenset("\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
LONGEST_NAME = 80


def short(text: object, limit: int = LONGEST_NAME) -> str:
    """Return text on one line, without control and direction marks, cut to `limit` characters.

    For places that show plain text: table cells, chart labels, options of a select box.
    >>> short("a" * 100, 10)
    'aaaaaaaaa…'
    """
    # A longer text is cut before it is cleaned: ten thousand characters cost nothing then.
    raw = str(text)[: limit * 4]
    clean = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c for c in raw if c not in _DIRECTION
    )
    clean = " ".join(clean.split(" ")).strip()
    return clean if len(clean) <= limit else clean[: limit - 1] + "…"


def plain(text: object, limit: int = LONGEST_NAME) -> str:
    r"""Return a user's text as markdown that shows exactly that text.   >>> plain("a*b*")
    'a\\*b\\*'
    """
    return _escaped(short(text, limit))


def _escaped(text: str) -> str:
    parted = _LATE.sub(lambda match: match.group(0)[:1] + _JOINER + match.group(0)[1:], text)
    return _MARKS.sub(r"\\\1", parted)


def sentence(text: str, limit: int = 1000) -> str:
    """Return a finished sentence of ours, users' words in it, as markdown; `commands in backticks` stay commands.

    >>> sentence("Run `aimass serve`.")
    'Run `aimass serve`\\\\.'
    """
    parts = short(text, limit).split("`")
    if len(parts) % 2 == 0:
        return plain(text, limit)
    return "".join(
        f"`{part}`" if index % 2 and part.strip() else _escaped(part) for index, part in enumerate(parts)
    )
