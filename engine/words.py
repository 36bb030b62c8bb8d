"""Sentences that can be told again in another language: a template, and the values it was filled with."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Self

#: JSON values a sentence may carry; anything else is kept as its `str`.
_PLAIN = (str, int, float, bool, type(None))


class Words(str):
    """An English sentence that remembers how it was made, so that a reader may have it in their own language.

    It is a plain `str` to whoever does not care. The template is the key of the message catalogues, so it is always
    written as a literal where it is used: `words("The file {name!r} is empty.", name=name)`.
    """

    template: str
    values: Mapping[str, Any]

    def __new__(cls, template: str, values: Mapping[str, Any]) -> Self:
        """template: for `str.format` with names only.   values: name → value, JSON-like.   Raises: KeyError."""
        made = super().__new__(cls, template.format_map(values))
        made.template = template
        made.values = dict(values)
        return made


def words(template: str, /, **values: Any) -> Words:
    """Return the sentence `template` makes of `values`.   >>> words("{n:,} rows", n=1200)
    '1,200 rows'
    """
    return Words(template, values)


def words_to_json(text: str) -> dict[str, Any]:
    """Return a sentence as JSON values: "text", and "template" and "values" where it remembers them."""
    if not isinstance(text, Words):
        return {"text": str(text)}
    values = {
        name: words_to_json(value)
        if isinstance(value, Words)
        else value
        if isinstance(value, _PLAIN)
        else str(value)
        for name, value in text.values.items()
    }
    return {"text": str(text), "template": text.template, "values": values}


def words_from_json(value: Mapping[str, Any] | str) -> str:
    """Undo `words_to_json`; a plain string stays one. A template that its values do not fill falls back to the text."""
    if isinstance(value, str):
        return value
    if "template" not in value:
        return str(value["text"])
    values = {
        name: words_from_json(inner) if isinstance(inner, Mapping) else inner
        for name, inner in value.get("values", {}).items()
    }
    try:
        return Words(value["template"], values)
    except (KeyError, IndexError, ValueError, AttributeError):
        return str(value["text"])
