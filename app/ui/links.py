"""Ways from page to page. A page holds no state that matters: where one is, is its address."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import streamlit as st
from streamlit.navigation.page import Page

from app.navigation import BY_NAME, CATALOGUE, PageRow
from app.ui.language import tell


def page(name: str) -> Page:
    """Return Streamlit's page object for a row of the catalogue.   Raises: KeyError."""
    return _page(BY_NAME[name])


def pages() -> list[Page]:
    """Return every page, as `st.navigation` wants them."""
    return [_page(row) for row in CATALOGUE if row.file.exists()]


def link(
    name: str, label: str, /, *, icon: str | None = None, help: str | None = None, **params: str
) -> None:
    """Draw a link to a page of ours.   label: markdown, so pass users' words through `plain`.   params: its query."""
    st.page_link(page(name), label=label, icon=icon, help=help, query_params=params or None)


def go(name: str, /, **params: str) -> None:
    """Leave for another page of ours at once; nothing after this call runs."""
    st.switch_page(page(name), query_params=params or None)


def address(name: str, /, **params: str) -> str:
    """Return the path of a page, to be shown or copied: "/walk?run=k3f…"."""
    path = "/" if name == "home" else f"/{name}"
    return f"{path}?{urlencode(params)}" if params else path


def _page(row: PageRow) -> Page:
    options: dict[str, Any] = {"default": True} if row.name == "home" else {"url_path": row.name}
    return st.Page(
        row.file,
        title=tell(row.title),
        icon=row.icon,
        visibility="hidden" if row.is_hidden else "visible",
        **options,
    )
