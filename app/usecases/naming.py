"""What people may call things: titles for people, slugs for addresses; everything else is refused in a sentence."""

from __future__ import annotations

import re
import unicodedata

from app.usecases.refusals import Refusal
from engine.words import words

MOST_TITLE_LETTERS = 200
MOST_DESCRIPTION_LETTERS = 5_000
MOST_SLUG_LETTERS = 63
SLUG = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
#: Marks that turn the direction of the text after them, so that a name reads as another one.
_TURNING = frozenset("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")


def checked_title(text: object, *, most: int = MOST_TITLE_LETTERS) -> str:
    """Return a name for people, outer blanks cut. Markup is kept as the text it is; pages never read it as markup.

    Raises: Refusal when it is no text, empty, too long or holds control characters.
    """
    title = checked_text(text, most=most)
    if not title:
        raise Refusal(
            words("The name is empty. Expected: one to {most:,} characters.", most=most),
            remedy=words("Give it a name."),
        )
    if "\n" in title:
        raise _control_characters()
    return title


def checked_text(text: object, *, most: int = MOST_DESCRIPTION_LETTERS) -> str:
    """Return free text, outer blanks cut; it may be empty and have several lines.   Raises: Refusal."""
    if not isinstance(text, str):
        raise Refusal(
            words("Expected: text. Received: {kind}.", kind=type(text).__name__),
            remedy=words("Give it as text."),
        )
    if len(text) > most:
        raise Refusal(
            words(
                "The text is too long. Expected: at most {most:,} characters. Received: {count:,}.",
                most=most,
                count=len(text),
            ),
            remedy=words("Shorten it."),
        )
    cleaned = text.replace("\r\n", "\n").strip()
    if any(_is_hidden(letter) for letter in cleaned):
        raise _control_characters()
    return cleaned


def checked_slug(text: object) -> str:
    """Return a name fit for an address and a folder.   Raises: Refusal when it is not one."""
    if isinstance(text, str) and SLUG.fullmatch(text):
        return text
    raise Refusal(
        words(
            "The name {name!r} cannot be used. Expected: 1 to {most} lower-case letters a–z, digits and hyphens, "
            "beginning with a letter or digit.",
            name=str(text)[:80],
            most=MOST_SLUG_LETTERS,
        ),
        remedy=words("Use a name such as {example!r}.", example=slug_of(str(text)[:200])),
    )


def slug_of(title: str, *, otherwise: str = "model") -> str:
    """Return a slug that reminds of `title`.

    >>> slug_of("Crédit Scores (2024).csv")
    'credit-scores-2024-csv'
    >>> slug_of("客户流失")
    'model'
    """
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:MOST_SLUG_LETTERS].rstrip("-")
    return slug or otherwise


def _is_hidden(letter: str) -> bool:
    if letter == "\n":
        return False
    return letter in _TURNING or unicodedata.category(letter) in ("Cc", "Cs")


def _control_characters() -> Refusal:
    return Refusal(
        words("The text holds control characters. Expected: letters, digits, signs and blanks."),
        remedy=words("Type it again instead of pasting it."),
    )
