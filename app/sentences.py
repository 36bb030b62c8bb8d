"""Tell a finished English sentence in another language, by recognising the template it was made from.

The engine, its files and its workers speak plain English: a report, a job's message or an error may have been written
long ago, by another process, for no reader in particular. The catalogues hold the templates of those sentences
(`The file {name} is empty.`), so a sentence is recognised by its fixed words, and what stands between them is carried
over as it is. Templates are gathered from the source by `scripts/catalogue`.
"""

from __future__ import annotations

import re
import string
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache

_HEAD = 6
#: Longer texts are logs or users' own words, not sentences of ours.
_MOST_CHARS = 2000
_REMEMBERED = 4096
_FORMATTER = string.Formatter()


class Sentences:
    """A catalogue of templates with their translations.

    A placeholder without `!r` may hold words of ours, which are told too; one with `!r` quotes a user's word, which
    never is.
    """

    def __init__(self, catalogue: Mapping[str, str]) -> None:
        """catalogue: English template → translated template, both for `str.format` with names."""
        self._plain = {key: text for key, text in catalogue.items() if not _fields(key)}
        self._by_head: dict[str, list[_Template]] = defaultdict(list)
        made = (_Template(key, text) for key, text in catalogue.items() if _fields(key))
        for template in sorted(made, key=lambda template: -template.fixed_chars):
            self._by_head[template.head].append(template)
        self.tell: Callable[[str], str] = lru_cache(_REMEMBERED)(self._tell)

    def _tell(self, text: str) -> str:
        """Return `text` in the catalogue's language; what is not recognised stays as it is."""
        if len(text) > _MOST_CHARS or not text.strip():
            return text
        return self._one(text) or self._each(text) or text

    def _one(self, text: str) -> str | None:
        plain = self._plain.get(text)
        if plain is not None:
            return plain
        for template in self._candidates(text):
            told = template.tell(text, self.tell)
            if told is not None:
                return told
        return None

    def _each(self, text: str) -> str | None:
        """Tell a row of sentences one by one: errors join a message and its remedy, reasons add afterthoughts."""
        cuts = [match.end() for match in re.finditer(r"[.!?:;] (?=\S)", text)]
        for cut in cuts:
            first = self._one(text[: cut - 1])
            if first is not None:
                return f"{first} {self.tell(text[cut:])}"
        return None

    def _candidates(self, text: str) -> Iterator[_Template]:
        yield from self._by_head.get(text[:_HEAD], ())
        yield from self._by_head.get("", ())


class _Template:
    """One template: recognises its sentences, and fills its translation."""

    def __init__(self, source: str, translation: str) -> None:
        self._pattern, self.fixed_chars = _pattern(source)
        self._translation = list(_FORMATTER.parse(translation))
        self._own_words = {name for _, name, _, turn in _FORMATTER.parse(source) if name and turn != "r"}
        first = next(iter(_FORMATTER.parse(source)))[0]
        self.head = first[:_HEAD] if len(first) >= _HEAD else ""

    def tell(self, text: str, tell: Callable[[str], str]) -> str | None:
        """Return the translation with what stood in `text`, or None when `text` is no sentence of this template."""
        match = self._pattern.fullmatch(text)
        if match is None:
            return None
        held = match.groupdict()
        parts = []
        for fixed, name, _, _ in self._translation:
            parts.append(fixed)
            if name is not None:
                value = held.get(name, "")
                parts.append(tell(value) if name in self._own_words else value)
        return "".join(parts)


def _fields(template: str) -> list[str]:
    return [name for _, name, _, _ in _FORMATTER.parse(template) if name is not None]


def _pattern(template: str) -> tuple[re.Pattern[str], int]:
    """Return what recognises a template's sentences, and how many of its characters are fixed."""
    pieces, seen, fixed_chars = [], set(), 0
    for fixed, name, _, _ in _FORMATTER.parse(template):
        pieces.append(re.escape(fixed))
        fixed_chars += len(fixed)
        if name is not None:
            pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>.*?)")
            seen.add(name)
    return re.compile("".join(pieces), re.DOTALL), fixed_chars
