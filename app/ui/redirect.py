"""Leave the portal for one of our own plain pages (sign-out, language) in the same tab.

`st.link_button` always opens a new tab, and a script cannot set cookies; so the browser is told where to go.
"""

from __future__ import annotations

from typing import NoReturn

import streamlit as st

_GO = """
export default ({ data }) => {
  const url = data && data.url
  if (url && url.startsWith("/") && !url.startsWith("//")) window.location.assign(url)
}
"""
_component = st.components.v2.component("aimass_redirect", js=_GO)


def redirect(path: str) -> NoReturn:
    """Send this tab to a path of our own ("/logout") and end the run.   Raises: ValueError for any other address."""
    if not path.startswith("/") or path.startswith("//") or "\\" in path:
        raise ValueError(f"Expected a path of our own, received {path!r}.")
    _component(key="redirect", data={"url": path}, height=1)
    st.stop()
