"""The person at the screen: their password, where they are signed in, keys for programs; for administrators, people."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

import streamlit as st

from app.ui import amounts
from app.ui.dialogs import confirm
from app.ui.frame import guard, head
from app.ui.language import _
from app.ui.people import browser_word, role_word
from app.ui.plain import plain
from app.ui.redirect import redirect
from app.ui.tables import row_line, rows
from app.ui.visit import Visit, session_token, visit
from app.usecases.accounts import (
    add_user,
    create_api_key,
    create_password_link,
    disable_user,
    enable_user,
    end_session,
    list_api_keys,
    list_users,
    revoke_api_key,
    sessions,
)

SCOPES: tuple[Literal["api", "infer"], ...] = ("api", "infer")
ROLES: tuple[Literal["member", "admin"], ...] = ("member", "admin")


def main() -> None:
    """Draw the page."""
    here = visit()
    head(plain(here.who.display), f"{plain(here.who.name)} · {role_word(here.who.role)}")
    names = [_("Password"), _("Where you are signed in"), _("Keys for programs")]
    tabs = st.tabs([*names, _("People")] if here.who.is_admin else names)
    with tabs[0]:
        _password()
    with tabs[1]:
        _sessions(here)
    with tabs[2]:
        _keys(here)
    if here.who.is_admin:
        with tabs[3]:
            _people(here)


def _password() -> None:
    """Lead to a plain page: this one would lose what a password manager fills in all at once."""
    st.caption(_("Changing it signs you out of every other browser."))
    if st.button(_("Change password"), icon=":material/key:", key="change-password"):
        redirect("/password")


def _sessions(here: Visit) -> None:
    found = sessions(here.box, here.who, session_token())
    if not found:
        st.caption(_("Nowhere else."))
        return
    with rows("sessions"):
        for session in found:
            about = _("{address}, last used {when}").format(
                address=session.address, when=amounts.ago(session.seen_at)
            )
            with row_line(
                f"session-{session.id}", plain(browser_word(session.agent)), caption=plain(about, 160)
            ):
                if session.is_this:
                    st.badge(_("this browser"), color="green")
                elif st.button(_("Sign out"), key=f"end-{session.id}"):
                    end_session(here.box, here.who, session.id)
                    st.rerun()


def _keys(here: Visit) -> None:
    st.caption(
        _("A key lets a program act for you. It is shown once, when it is made; only a trace of it is kept.")
    )
    found = list_api_keys(here.box, here.who)
    if found:
        with rows("keys"):
            for key in found:
                about = [
                    f"aim_{key.id}_…",
                    _("all of this box") if key.scope == "api" else _("asking services"),
                    _used(key.last_used_at),
                ]  # fmt: skip
                with row_line(f"key-{key.id}", plain(key.name), caption=plain(" · ".join(about), 160)):
                    if st.button(_("Revoke"), key=f"revoke-{key.id}"):
                        _revoke(here, key.id, key.name)
    if st.button(_("New key"), icon=":material/add:", key="new-key"):
        _new_key(here)


def _used(when: datetime | None) -> str:
    return _("used {when}").format(when=amounts.ago(when)) if when else _("never used")


def _revoke(here: Visit, key_id: str, name: str) -> None:
    confirm(
        _("Revoke this key?"),
        _("Programs that use {name} get no more answers.").format(name=f"**{plain(name)}**"),
        act=lambda: revoke_api_key(here.box, here.who, key_id), verb=_("Revoke"), key=f"sure-{key_id}",
    )  # fmt: skip


def _new_key(here: Visit) -> None:
    @st.dialog(_("New key"), icon=":material/key:")
    def ask() -> None:
        with guard():
            _leave_when_seen()
            place = st.empty()
            with place.container():
                name = st.text_input(
                    _("What is it for?"), max_chars=64, key="key-name", placeholder=_("Nightly import")
                )
                scope = st.segmented_control(
                    _("What may it do?"), SCOPES, default="api", key="key-scope", required=True,
                    format_func=lambda code: {"api": _("Everything you may"), "infer": _("Ask services")}[code],
                )  # fmt: skip
                made = st.button(_("Make the key"), type="primary", key="make-key", disabled=not name.strip())
            if made:
                with place.container():
                    key = create_api_key(here.box, here.who, name=name, scope=scope)
                    _secret(_("Copy the key now. Nobody can show it again."), key.secret)

    ask()


def _secret(sentence: str, secret: str) -> None:
    st.caption(f":material/visibility: {plain(sentence, 200)}")
    st.code(secret, language=None, wrap_lines=True)
    st.button(_("I have it"), key="have-it", type="primary")


def _leave_when_seen() -> None:
    """Close a dialog whose secret was taken: its button is gone by the time that its press is known."""
    if st.session_state.get("have-it"):
        st.rerun()


def _people(here: Visit) -> None:
    with rows("people"):
        for person in list_users(here.box, here.who):
            about = [person.name, role_word(person.role)]
            if person.seen_at:
                about.append(_("last seen {when}").format(when=amounts.ago(person.seen_at)))
            with row_line(
                f"person-{person.id}", plain(person.display), caption=plain(" · ".join(about), 200)
            ):
                if person.disabled_at is not None:
                    st.badge(_("shut out"), color="gray")
                    if st.button(_("Let in"), key=f"enable-{person.id}"):
                        enable_user(here.box, here.who, person.name)
                        st.rerun()
                elif person.id != here.who.id:
                    if st.button(_("Password link"), key=f"link-{person.id}"):
                        _password_link(here, person.name)
                    if st.button(_("Shut out"), key=f"disable-{person.id}"):
                        _disable(here, person.name, person.display)
    if st.button(_("Add a person"), icon=":material/person_add:", key="new-person"):
        _new_person(here)


def _disable(here: Visit, name: str, display: str) -> None:
    confirm(
        _("Shut this person out?"),
        _("{name} is signed out everywhere, and their keys answer no more. You can let them in again.").format(
            name=f"**{plain(display)}**"
        ),
        act=lambda: _done(disable_user(here.box, here.who, name)), verb=_("Shut out"), key="shut-out",
    )  # fmt: skip


def _done(result: object) -> None:
    """Take a result that nobody needs."""


def _password_link(here: Visit, name: str) -> None:
    @st.dialog(_("Password link"), icon=":material/link:")
    def show() -> None:
        with guard():
            _leave_when_seen()
            token = create_password_link(here.box, here.who, name)
            _secret(
                _("Whoever opens this address chooses the password. It works once, for three days."),
                f"{here.box.serve.address}/password/{token}",
            )

    show()


def _new_person(here: Visit) -> None:
    @st.dialog(_("Add a person"), icon=":material/person_add:")
    def ask() -> None:
        with guard():
            _leave_when_seen()
            place = st.empty()
            with place.container():
                name = st.text_input(
                    _("User name"), max_chars=64, key="person-name", help=_("What they sign in with.")
                )
                display = st.text_input(_("Name that others see"), max_chars=64, key="person-display")
                role = st.segmented_control(
                    _("Role"),
                    ROLES,
                    default="member",
                    key="person-role",
                    required=True,
                    format_func=role_word,
                )
                added = st.button(_("Add"), type="primary", key="add-person", disabled=not name.strip())
            if added:
                with place.container():
                    made = add_user(here.box, here.who, name=name, display=display, role=role)
                    _secret(
                        _(
                            "Give them this address. With it they choose their password, once, within three days."
                        ),
                        f"{here.box.serve.address}/password/{made.token}",
                    )
                    st.empty()  # in the place of "Add": what is left of the form stays on the page otherwise

    ask()


main()
