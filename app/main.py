"""The portal: what stands around every page, and which page it is. Run by Streamlit on every visit."""

from __future__ import annotations

import streamlit as st

from app.language import LANGUAGES
from app.ui import links
from app.ui.brand import STATIC
from app.ui.frame import guard
from app.ui.language import _, language
from app.ui.menu import draw_menu
from app.ui.plain import plain
from app.ui.redirect import redirect
from app.ui.style import lay_style
from app.ui.visit import visit


def main() -> None:
    """Draw the frame and run the page that was asked for."""
    # The icon must be a file of ours: for a material icon the browser would ask fonts.gstatic.com.
    st.set_page_config(page_title="AI Mass", page_icon=STATIC / "icon.png", layout="wide")
    st.logo(STATIC / "logo.svg", size="large", icon_image=STATIC / "mark.svg")
    lay_style()
    page = st.navigation(links.pages(), position="hidden")
    with guard():
        here = visit()
        with st.sidebar:
            draw_menu(page)
            st.space("stretch")
            _account(here.who.display, page.url_path)
        page.run()


def _account(display: str, path: str) -> None:
    """Draw who is signed in, and what they can do about it."""
    with st.popover(plain(display, 24), icon=":material/account_circle:", width="stretch", key="account"):
        links.link("account", _("Password, sessions and keys"), icon=":material/key:")
        chosen = st.segmented_control(
            _("Language"),
            list(LANGUAGES),
            format_func=lambda code: LANGUAGES[code],
            default=language(),
            key="language",
            required=True,
        )
        if chosen and chosen != language():
            redirect(f"/lang/{chosen}?next=/{path}")
        if st.button(_("Sign out"), key="sign-out", icon=":material/logout:", width="stretch"):
            redirect("/logout")


main()
