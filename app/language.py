"""The languages of the box: which one a reader gets, and what a sentence of ours is called in it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from babel.messages.pofile import read_po

from app.places import in_portal
from app.sentences import Sentences
from engine.words import Words

#: code → its own name. English is the source: its catalogue is the identity and has no file.
LANGUAGES: Mapping[str, str] = {"en": "English", "zh_CN": "简体中文"}
SOURCE_LANGUAGE = "en"
LANGUAGE_COOKIE = "aimass_lang"

_CATALOGUES = Path(__file__).with_name("locale")
_LONGEST_HEADER = 500


class Translator:
    """Tells English sentences of ours in one language; what its catalogue does not hold stays English.

    Built once per language and process by `translator`; everything here is read-only after that.
    """

    def __init__(self, code: str, messages: Mapping[str, tuple[str, ...]]) -> None:
        """messages: msgid → the translation, or one per plural form of the language."""
        self.code = code
        self._messages = messages
        self._sentences = Sentences({key: forms[0] for key, forms in messages.items()})

    @property
    def html_language(self) -> str:
        """The code as HTML, HTTP and browsers write it: `zh-CN`."""
        return self.code.replace("_", "-")

    def text(self, literal: str) -> str:
        """Return what the English literal is called here.   >>> translator("en").text("Sign in")
        'Sign in'
        """
        forms = self._messages.get(literal)
        return forms[0] if forms else literal

    def plural(self, one: str, many: str, count: int) -> str:
        """Return the form for `count`, not yet filled in.   >>> translator("en").plural("{n} row", "{n} rows", 1)
        '{n} row'
        """
        forms = self._messages.get(one)
        if not forms:
            return one if count == 1 else many
        # Of our languages only English has two forms; Chinese has one, and `forms[-1]` is it.
        return forms[0] if count == 1 else forms[-1]

    def tell(self, text: str) -> str:
        """Return a sentence of ours in this language, options of the command line said as places of the portal.

        `Words` are known by their template, any other is recognised.
        """
        text = in_portal(text)
        if self.code == SOURCE_LANGUAGE:
            return str(text)
        if isinstance(text, Words) and text.template in self._messages:
            values = {
                name: self.tell(value) if isinstance(value, Words) else value
                for name, value in text.values.items()
            }
            try:
                return self.text(text.template).format_map(values)
            except (KeyError, IndexError, ValueError):
                return str(text)  # a translation whose placeholders do not fit is worse than English
        return self._sentences.tell(str(text))


@cache
def translator(code: str) -> Translator:
    """Return the translator of a language; an unknown code gets English, so that no reader gets nothing."""
    if code not in LANGUAGES or code == SOURCE_LANGUAGE:
        return Translator(SOURCE_LANGUAGE, {})
    with (_CATALOGUES / code / "LC_MESSAGES" / "aimass.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    messages: dict[str, tuple[str, ...]] = {}
    for message in catalogue:
        told = message.string
        forms = (told,) if isinstance(told, str) else tuple(told or ())
        if message.id and forms and all(forms) and not message.fuzzy:
            messages[message.id if isinstance(message.id, str) else message.id[0]] = forms
    return Translator(code, messages)


def choose_language(cookie: str | None, accept_language: str) -> str:
    """Return the code of the language for a reader: their own choice, else what their browser prefers, else English.

    accept_language: the HTTP header.   >>> choose_language(None, "fr, zh-TW;q=0.8, en;q=0.5")
    'zh_CN'
    """
    if cookie in LANGUAGES:
        return str(cookie)
    wishes = []
    for position, item in enumerate(accept_language[:_LONGEST_HEADER].split(",")):
        tag, _, quality = item.strip().partition(";q=")
        try:
            wishes.append((-float(quality or 1), position, tag.strip().lower()))
        except ValueError:
            continue
    for _, _, tag in sorted(wishes):
        for code in LANGUAGES:
            if tag.split("-")[0] == code.split("_")[0]:
                return code
    return SOURCE_LANGUAGE
