"""Quote names and values for DuckDB, so that no outside text is ever read as SQL."""

from __future__ import annotations


def quote_name(name: str) -> str:
    """Return `name` as a quoted SQL identifier.

    >>> quote_name("a b")
    '"a b"'
    """
    return '"' + name.replace('"', '""') + '"'


def quote_text(text: str) -> str:
    """Return `text` as an SQL string.

    >>> quote_text("it's")
    "'it''s'"
    """
    return "'" + text.replace("'", "''") + "'"
