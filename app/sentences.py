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
#: Templates with fewer fixed letters ("{n} of {all}") say little by themselves: what they hold must be short, and
#: have a number.
_TELLING_LETTERS = 5
_SHORT_CHARS = 40
#: Longer texts are logs or users' own words, not sentences of ours.
_MOST_CHARS = 2000
_REMEMBERED = 4096
_FORMATTER = string.Formatter()
#: Where one sentence ends and the next begins; and where a part of one may.
_END = r"[.!?] (?=\S)"
_PAUSE = r"[.!?:;] (?=\S)"
_DOT = " · "
#: What `!r` makes of a text, or of a value that is none.
_QUOTED = rf"""(?:'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|(?:(?!{_END}).)*?)"""


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
        return self._one(text) or self._each(text) or self._joined(text) or text

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
        cuts = [match.end() for match in re.finditer(_PAUSE, text)]
        for cut in cuts:
            first = self._one(text[: cut - 1])
            if first is not None:
                return f"{first} {self.tell(text[cut:])}"
        return None

    def _joined(self, text: str) -> str | None:
        """Tell a title of ours that a dot parts from what it is more exactly: "Random forest · deep"."""
        title, dot, rest = text.partition(_DOT)
        told = self._plain.get(title)
        return f"{told}{dot}{self.tell(rest)}" if dot and told is not None else None

    def _candidates(self, text: str) -> Iterator[_Template]:
        yield from self._by_head.get(text[:_HEAD], ())
        yield from self._by_head.get("", ())


class _Template:
    """One template: recognises its sentences, and fills its translation."""

    def __init__(self, source: str, translation: str) -> None:
        fixed = [part for part, _, _, _ in _FORMATTER.parse(source)]
        self.fixed_chars = sum(map(len, fixed))
        self._says_little = sum(letter.isalpha() for part in fixed for letter in part) < _TELLING_LETTERS
        self._pattern = _pattern(source, says_little=self._says_little)
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
        if self._says_little and not any(letter.isdigit() for value in held.values() for letter in value):
            return None
        parts = []
        for fixed, name, _, _ in self._translation:
            parts.append(fixed)
            if name is not None:
                value = held.get(name, "")
                parts.append(tell(value) if name in self._own_words else value)
        return "".join(parts)


def _fields(template: str) -> list[str]:
    return [name for _, name, _, _ in _FORMATTER.parse(template) if name is not None]


def _pattern(template: str, *, says_little: bool) -> re.Pattern[str]:
    """Return what recognises a template's sentences."""
    # A quoted word may be anything; words of ours in a placeholder are one sentence at most.
    own = rf"(?:(?!{_END}).)" + (f"{{0,{_SHORT_CHARS}}}?" if says_little else "*?") + "[.!?]?"
    pieces, seen = [], set()
    for fixed, name, _, turn in _FORMATTER.parse(template):
        pieces.append(re.escape(fixed))
        if name is not None:
            held = _QUOTED if turn == "r" else own
            pieces.append(f"(?P={name})" if name in seen else f"(?P<{name}>{held})")
            seen.add(name)
    return re.compile("".join(pieces), re.DOTALL)
