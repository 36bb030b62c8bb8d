"""A list of things by name: searched, a page at a time, and with a word for when there are none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

from app.ui import frame, links, tables
from app.usecases.listing import Listing

T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Nothing:
    """What stands where nothing is yet, in the reader's language.   page, label, mark: the way to where one begins."""

    title: str
    sentence: str
    icon: str
    page: str
    label: str
    mark: str


def searched(
    key: str,
    placeholder: str,
    nothing: Nothing,
    find: Callable[[str, int, int], Listing[T]],
    draw: Callable[[T], None],
) -> bool:
    """Draw a search field and the page of things that it finds; return whether it found any.

    key: language-free, one per page; the search itself is kept in the address.   placeholder: of the field.
    find: called with the search, and how many from where on.   draw: draws one thing as a `tables.row`.
    """
    search = tables.search_box(key="q", placeholder=placeholder)
    found = find(search, tables.PAGE_ROWS, tables.page_offset(key=f"{key}-page"))
    if not found.total:
        if search:
            tables.empty_search(search)
        else:
            with frame.empty_state(nothing.title, nothing.sentence, icon=nothing.icon, key=key):
                links.link(nothing.page, nothing.label, icon=nothing.mark)
        return False
    tables.found_line(found.total, search)
    with tables.rows(key):
        for item in found.items:
            draw(item)
    tables.pager(found.total, key=f"{key}-page")
    return True
