"""The columns of a table as cards: what each is and why, how its values fall, and what to know about it."""

from __future__ import annotations

import streamlit as st

from app.ui import amounts, charts
from app.ui.cards import card
from app.ui.frame import notice
from app.ui.language import _, n_
from app.ui.plain import plain
from app.ui.tables import empty_search, page_offset, pager, search_box
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Column, Schema

PAGE_CARDS = 12
_SEARCH_FROM = 9
_PLOT_HEIGHT = 112
_TOP = 5
_MIDNIGHT = " 00:00:00"
_ICONS = {
    "number": ":material/numbers:",
    "category": ":material/category:",
    "boolean": ":material/toggle_on:",
    "datetime": ":material/calendar_month:",
    "text": ":material/notes:",
    "identifier": ":material/fingerprint:",
    "constant": ":material/horizontal_rule:",
}


def column_cards(schema: Schema, profile: Profile) -> None:
    """Draw the columns of a table, a page of cards at a time, with a search when there are many."""
    search = ""
    if len(schema.columns) > _SEARCH_FROM:
        search = search_box(key="column", placeholder=_("Search columns"))
    found = [column for column in schema.columns if search.lower() in column.name.lower()]
    if not found:
        empty_search(search)
        return
    start = page_offset(key="columns-page", page_rows=PAGE_CARDS)
    with st.grid(3, min_column_width=250):
        for number, column in enumerate(found[start : start + PAGE_CARDS], start):
            known = profile.by_name.get(column.name)
            if known is not None:
                _card(number, column, known)
    pager(len(found), key="columns-page", page_rows=PAGE_CARDS)


def semantic_word(semantic: str) -> str:
    """Return what a semantic type is called in the reader's language."""
    words = {
        "number": _("number"), "category": _("category"), "boolean": _("yes or no"), "datetime": _("date"),
        "text": _("text"), "identifier": _("identifier"), "constant": _("constant"),
    }  # fmt: skip
    return words.get(semantic, semantic)


def semantic_icon(semantic: str) -> str:
    """Return the icon of a semantic type, as markdown."""
    return _ICONS.get(semantic, ":material/help:")


def why_semantic(column: Column, known: ColumnProfile) -> str:
    """Return why a column was taken for what it is, in a sentence with its facts."""
    distinct = amounts.count(known.distinct)
    sentences = {
        "number": lambda: _("Its values are numbers, {n} different ones.").format(n=distinct),
        "category": lambda: _("A few values that repeat, {n} different ones.").format(n=distinct),
        "boolean": lambda: _("Two values that answer yes or no."),
        "datetime": lambda: _("Its values read as dates, written {format}.").format(
            format=column.datetime_format or "ISO 8601"
        ),
        "text": lambda: _("Long values that hardly repeat: free text."),
        "identifier": lambda: _(
            "Nearly every row has a value of its own: it names rows and explains nothing."
        ),
        "constant": lambda: _("The same value in every row: nothing can be learned from it."),
    }
    return sentences[column.semantic]()


def _card(number: int, column: Column, known: ColumnProfile) -> None:
    with card(f"column-{number}"), st.container(gap="xsmall"):
        with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
            st.markdown(f"{semantic_icon(column.semantic)} **{plain(column.name, 60)}**", width="stretch")
            st.badge(
                semantic_word(column.semantic), color="gray", help=plain(why_semantic(column, known), 300)
            )
        _plot(number, column, known)
        parts = [n_("{n:,} different", "{n:,} different", known.distinct)]
        if known.missing:
            parts.append(_("{share} missing").format(share=amounts.share(known.missing / max(1, known.rows))))
        if known.mean is not None and column.semantic == "number":
            parts.append(_("mean {mean}").format(mean=amounts.number(known.mean, 3)))
        st.caption(plain(" · ".join(parts), 200))
        for alert in known.alerts[:2]:
            notice(alert.message, icon=":orange[:material/warning:]")


def _moments(known: ColumnProfile) -> tuple[str, str]:
    """Return the first and the last moment of a column; days alone where nothing says what time it was."""
    first, last = known.earliest or "", known.latest or ""
    if first.endswith(_MIDNIGHT) and last.endswith(_MIDNIGHT):
        return first.removesuffix(_MIDNIGHT), last.removesuffix(_MIDNIGHT)
    return first, last


def _plot(number: int, column: Column, known: ColumnProfile) -> None:
    name = plain(column.name)
    if known.histogram_counts and column.semantic != "identifier":
        charts.histogram(
            known.histogram_edges, known.histogram_counts, key=f"plot-{number}", small=True, height=_PLOT_HEIGHT,
            alt=_("{column} from {low} to {high}").format(
                column=name, low=amounts.number(known.minimum), high=amounts.number(known.maximum)
            ),
        )  # fmt: skip
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.caption(amounts.number(known.minimum, 3), width="content")
            st.caption(amounts.number(known.maximum, 3), width="content")
    elif column.semantic == "identifier" and known.minimum is not None:
        with st.container(height=_PLOT_HEIGHT + 28, border=False, vertical_alignment="center"):
            st.markdown(f"{amounts.number(known.minimum)} – {amounts.number(known.maximum)}")
    elif column.semantic == "datetime" and known.earliest:
        with st.container(height=_PLOT_HEIGHT, border=False, vertical_alignment="center"):
            st.markdown(" – ".join(plain(moment, 32) for moment in _moments(known)))
    elif known.top_values and column.semantic in ("category", "boolean", "constant"):
        top = known.top_values[:_TOP]
        charts.bars(
            [value for value, _count in top], [count for _value, count in top], key=f"plot-{number}", small=True,
            height=_PLOT_HEIGHT + 28, alt=_("{column}, most often {value}").format(column=name, value=plain(top[0][0])),
        )  # fmt: skip
    else:
        with st.container(height=_PLOT_HEIGHT + 28, border=False, vertical_alignment="center", gap="xxsmall"):
            for value, _count in known.top_values[:3]:
                st.caption(f"“{plain(value, 70)}”")
