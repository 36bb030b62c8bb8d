"""One page of a longer list."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from app.usecases.refusals import Refusal
from engine.words import words

T = TypeVar("T")

#: Nobody reads more at once, and no program needs to.
MOST_ITEMS = 500


@dataclass(frozen=True, kw_only=True)
class Listing(Generic[T]):
    """Some items of a list, and how many there are in all."""

    items: tuple[T, ...]
    total: int


def check_page(limit: int, offset: int) -> None:
    """Let a page of a list pass.   Raises: Refusal for a size or place that cannot be."""
    if not 1 <= limit <= MOST_ITEMS or offset < 0:
        raise Refusal(
            words(
                "This part of the list cannot be shown. Expected: 1 to {most} items from 0 on. "
                "Received: {limit} from {offset} on.",
                most=MOST_ITEMS,
                limit=limit,
                offset=offset,
            ),
            remedy=words("Ask for a smaller part, and for the next one after it."),
        )
