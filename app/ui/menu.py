"""The menu, in the sidebar: where one can go, where one is, and on a phone out of the way again once one has gone."""

from __future__ import annotations

import streamlit as st
from streamlit.navigation.page import Page

from app.navigation import BY_NAME, CATALOGUE
from app.ui.language import tell
from app.ui.links import link

#: As wide as Streamlit lays its sidebar over the page.
_PHONE_PX = 768
# Streamlit folds its own menu after a choice, but not a sidebar that others fill.
_FOLD = """
export default ({ data }) => {
  const last = window.__aimassPage
  window.__aimassPage = data.page
  if (last === undefined || last === data.page || window.innerWidth > data.phone) return
  document.querySelector("[data-testid=stSidebarCollapseButton] button")?.click()
}
"""
_fold = st.components.v2.component("aimass_menu", js=_FOLD)


def draw_menu(current: Page) -> None:
    """Draw the menu by sections; a page that is not in it marks the one it belongs to.

    Streamlit's own menu marks nothing on such pages, and its lists are no lists to a screen reader.
    """
    row = BY_NAME[current.url_path or "home"]
    here = row.parent or row.name
    section = ""
    with st.container(gap="xxsmall", key="menu"):
        for item in CATALOGUE:
            if item.is_hidden or not item.file.exists():
                continue
            if item.section != section:
                section = item.section
                with st.container(key=f"menu-section-{item.name}"):
                    st.caption(tell(section))
            with st.container(key=f"menu-{'here' if item.name == here else 'item'}-{item.name}"):
                link(item.name, tell(item.title), icon=item.icon)
    _fold(key="menu-fold", data={"page": row.name, "phone": _PHONE_PX}, height=1)
