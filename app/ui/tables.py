"""Tables of values, and lists of things with a search box and pages."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Literal

import pyarrow as pa
import streamlit as st

from app.ui import links
from app.ui.language import _, n_
from app.ui.plain import short

CellKind = Literal["text", "number", "integer", "share", "bars", "line", "yes"]
PAGE_ROWS = 20
_CELL_CHARS = 200
#: A table of more rows scrolls inside itself.
_MOST_AT_ONCE = 30
_SCROLLED_PX = 520
_SEARCH_WIDTH = 360
_PAGER_WIDTH = 340


@dataclass(frozen=True, kw_only=True)
class TableColumn:
    """One column of a table.

    title: above it, plain text.   kind: how its values look; "share" is 0 … 1 drawn as a bar, "bars" and "line" are
    lists of numbers drawn small.   digits: format of a number such as "%.3f".
    """

    title: str
    kind: CellKind = "text"
    digits: str = ""
    help: str = ""


def table(
    columns: Sequence[TableColumn],
    rows: Sequence[Sequence[Any]],
    *,
    key: str,
    alt: str,
    height: int | None = None,
) -> None:
    """Draw rows of values. Values are shown as text and numbers, never as markup.

    rows: one sequence per row, in the order of `columns`; None is an empty cell.
    height: pixels; None shows up to 30 rows at once.
    alt: what the table holds, for those who cannot see it.
    """
    arrays, names, looks = [], [], {}
    for position, column in enumerate(columns):
        name = f"c{position}"  # a column's own name might appear twice, or be a word of Streamlit's
        names.append(name)
        arrays.append(_array(column.kind, [row[position] for row in rows]))
        looks[name] = _look(column)
    st.dataframe(
        pa.table(arrays, names=names),
        hide_index=True,
        column_config=looks,
        key=key,
        alt=alt,
        height=height if height is not None else "content" if len(rows) <= _MOST_AT_ONCE else _SCROLLED_PX,
        placeholder="–",
    )


def search_box(*, key: str, placeholder: str) -> str:
    """Draw a search field, kept in the page's address under `key`, and return what was asked for, trimmed."""
    return st.text_input(
        placeholder,
        key=key,
        placeholder=placeholder,
        icon=":material/search:",
        label_visibility="collapsed",
        max_chars=100,
        bind="query-params",
        width=_SEARCH_WIDTH,
    ).strip()  # fmt: skip


def page_offset(*, key: str, page_rows: int = PAGE_ROWS) -> int:
    """Return where the page of a list begins that the reader has chosen with `pager` under the same key."""
    chosen = st.session_state.get(key)
    return (chosen - 1) * page_rows if isinstance(chosen, int) and chosen > 1 else 0


def pager(total: int, *, key: str, page_rows: int = PAGE_ROWS) -> None:
    """Draw the page numbers of a list of `total` things below it, if there is more than one page."""
    pages = -(-total // page_rows)
    if pages > 1:
        if isinstance(st.session_state.get(key), int) and st.session_state[key] > pages:
            st.session_state[key] = pages
        with st.container(key=f"pager-{key}"):
            st.pagination(pages, key=key, width=_PAGER_WIDTH)


@contextmanager
def rows(key: str) -> Iterator[None]:
    """Open a card that holds a list of `row`s.   key: language-free, one per page."""
    with st.container(border=True, gap=None, key=f"rows-{key}"):
        yield


@contextmanager
def row(
    key: str, label: str, *, to: str, params: Mapping[str, str], caption: str = "", icon: str = ""
) -> Iterator[None]:
    """Draw one line of a list: its name as a link, a caption below; what stands inside goes to the right.

    key: language-free, one per list.   label, caption: markdown; users' words through `plain`.
    to, params: the page it leads to.
    """
    with _line(key, lambda: links.link(to, label, icon=icon or None, **params), caption):
        yield


@contextmanager
def row_line(key: str, label: str, *, caption: str = "") -> Iterator[None]:
    """Draw one line of a list that leads nowhere.   See `row`."""
    with _line(key, lambda: st.markdown(f"**{label}**"), caption):
        yield


@contextmanager
def _line(key: str, name: Callable[[], object], caption: str) -> Iterator[None]:
    line = st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key=f"row-{key}"
    )
    with line:
        with st.container(gap=None, width="stretch"):
            name()
            if caption:
                st.caption(caption)
        with st.container(
            horizontal=True, vertical_alignment="center", width="content", gap="small", key=f"side-{key}"
        ):
            yield


def found_line(total: int, search: str) -> None:
    """Say how many things a search has found, and nothing when nobody searched."""
    if search:
        st.caption(n_("{n:,} found", "{n:,} found", total))


def _array(kind: CellKind, values: list[Any]) -> pa.Array:
    if kind in ("number", "share"):
        return pa.array([None if v is None else float(v) for v in values], pa.float64())
    if kind == "integer":
        return pa.array(values, pa.int64())
    if kind == "yes":
        return pa.array(values, pa.bool_())
    if kind in ("bars", "line"):
        return pa.array(
            [None if v is None else [float(x) for x in v] for v in values], pa.list_(pa.float64())
        )
    return pa.array([None if v is None else short(v, _CELL_CHARS) for v in values], pa.string())


def _look(column: TableColumn) -> Any:
    title, about = short(column.title), column.help or None
    kinds = st.column_config
    if column.kind == "number":
        return kinds.NumberColumn(title, format=column.digits or None, help=about)
    if column.kind == "integer":
        return kinds.NumberColumn(title, format="localized", help=about)
    if column.kind == "share":
        return kinds.ProgressColumn(title, format="percent", min_value=0.0, max_value=1.0, help=about)
    if column.kind == "bars":
        return kinds.BarChartColumn(title, help=about)
    if column.kind == "line":
        return kinds.LineChartColumn(title, help=about)
    if column.kind == "yes":
        return kinds.CheckboxColumn(title, help=about)
    return kinds.TextColumn(title, help=about)


def empty_search(search: str) -> None:
    """Say that nothing was found."""
    st.caption(_("Nothing here is called “{search}”.").format(search=short(search, 60)))
