"""One service: what answers, how well it keeps up, who may ask, and how to ask it from a program."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import streamlit as st

from app.ui import amounts, cards, dialogs, frame, links, tables
from app.ui.language import _, n_
from app.ui.plain import plain
from app.ui.snippets import show_snippets
from app.ui.visit import Visit, visit
from app.usecases import services
from app.usecases.services import InputField, ServiceView
from store.services import Deployment

#: The longest name that a key may have.
_LONGEST_TITLE = 64
_ACTIONS: Mapping[str, Callable[[Deployment], str]] = {
    "deploy": lambda one: _("Deployed version {n}").format(n=one.version),
    "roll_back": lambda one: _("Rolled back to version {n}").format(n=one.version),
    "stop": lambda one: _("Stopped"),
    "start": lambda one: _("Started again with version {n}").format(n=one.version),
}


def main() -> None:
    """Draw the page."""
    here = visit()
    view = services.get_service(here.box, here.who, frame.asked("name"))
    caption = _("Answers under the name {name}").format(name=f"**{plain(view.service.name)}**")
    with frame.head(plain(view.service.title or view.service.name), caption, back="services"):
        cards.state_badge(view.service.state)
        _actions(here, view)
    if view.trouble:
        frame.error_box(
            view.trouble, _("The version before goes on answering. Deploy another one or roll back.")
        )
    st.code(view.address, language=None, wrap_lines=True)
    _figures(view)
    tabs = st.tabs([_("From a program"), _("Keys"), _("Columns"), _("History")], key="service-tabs")
    with tabs[0]:
        show_snippets(services.snippets(view, "KEY"), key="service")
    with tabs[1]:
        _keys(here, view)
    with tabs[2]:
        _reads(view)
    with tabs[3]:
        _history(view)


def _figures(view: ServiceView) -> None:
    stats = view.stats
    cards.figures(
        [
            cards.Figure(
                label=_("Model"),
                value=_("version {n}").format(n=view.service.live_version),
                note=view.model.name,
            ),
            cards.Figure(
                label=_("Answers"),
                value=amounts.count(stats.requests),
                note=n_("{n:,} row", "{n:,} rows", stats.rows),
            ),
            cards.Figure(label=_("Refused or failed"), value=amounts.count(stats.errors)),
            cards.Figure(
                label=_("Time to answer"),
                value=_("{ms} ms").format(ms=amounts.number(stats.p50_ms, 3))
                if stats.p50_ms is not None
                else "–",
                note=_("95 of 100 within {ms} ms").format(ms=amounts.number(stats.p95_ms, 3))
                if stats.p95_ms is not None
                else "",
            ),
        ]
    )


def _actions(here: Visit, view: ServiceView) -> None:
    name, is_live = view.service.name, view.service.state == "live"
    if st.button(_("Try it"), type="primary", icon=":material/chat_bubble:", key="try", disabled=not is_live):
        links.go("use", service=name)
    with st.popover(_("More"), icon=":material/more_horiz:", key="more"), frame.guard():
        if view.can_roll_back and st.button(
            _("Roll back"), icon=":material/undo:", key="roll-back", width="stretch"
        ):
            services.roll_back(here.box, here.who, name)
            links.go("service", name=name)
        if is_live and st.button(_("Stop"), icon=":material/stop_circle:", key="stop", width="stretch"):
            services.stop_service(here.box, here.who, name)
            links.go("service", name=name)
        if not is_live and st.button(_("Start"), icon=":material/play_arrow:", key="start", width="stretch"):
            services.start_service(here.box, here.who, name)
            links.go("service", name=name)
        if st.button(_("Delete"), icon=":material/delete:", key="delete", width="stretch"):
            _delete(here, name)


def _delete(here: Visit, name: str) -> None:
    def act() -> None:
        services.delete_service(here.box, here.who, name)
        links.go("services")

    dialogs.confirm(
        _("Delete this service?"),
        _("Programs that ask it get no answer any more, and its keys end. The model stays."),
        act=act,
        verb=_("Delete"),
        key="delete-dialog",
        typed=name,
    )


def _make_key(here: Visit, name: str) -> None:
    """Ask who the key is for, then show its secret: in the dialog that made it, and nowhere else."""

    @st.dialog(_("Make a key"), icon=":material/key:")
    def ask() -> None:
        with frame.guard():
            if st.session_state.get("have-key"):
                st.rerun()
            place = st.empty()
            with place.container():
                title = st.text_input(
                    _("Who will use it"),
                    max_chars=_LONGEST_TITLE,
                    key="key-title",
                    placeholder=_("the night shift"),
                )
                is_made = st.button(_("Make a key"), type="primary", icon=":material/key:", key="make-key")
            if is_made:
                with place.container():
                    made = services.create_key(here.box, here.who, name, title=(title or "").strip())
                    st.caption(f":material/visibility: {_('Copy the key now. Nobody can show it again.')}")
                    st.code(made.secret, language=None, wrap_lines=True)
                    st.button(_("I have it"), key="have-key", type="primary")

    ask()


def _keys(here: Visit, view: ServiceView) -> None:
    if st.button(_("Make a key"), icon=":material/key:", key="new-key"):
        _make_key(here, view.service.name)
    standing = [key for key in view.keys if key.revoked_at is None]
    if not standing:
        st.caption(_("No program may ask yet. Make a key for each that should."))
        return
    with st.container(border=True, gap=None, key="rows-keys"):
        for key in standing:
            with st.container(
                horizontal=True,
                horizontal_alignment="distribute",
                vertical_alignment="center",
                key=f"row-key-{key.id}",
            ):
                used = amounts.ago(key.last_used_at) if key.last_used_at else _("never")
                st.markdown(f"**{plain(key.name)}**")
                st.caption(_("made {made} · used {used}").format(made=amounts.ago(key.created_at), used=used))
                if st.button(_("Revoke"), key=f"revoke-{key.id}", type="tertiary", icon=":material/block:"):
                    services.revoke_key(here.box, here.who, view.service.name, key.id)
                    st.rerun()


def _history(view: ServiceView) -> None:
    for one in reversed(view.deployments):
        st.markdown(f"**{_ACTIONS[one.action](one)}**")
        st.caption(
            _("{when} by {who}").format(
                when=amounts.moment(one.at), who=plain(view.names.get(one.by, one.by))
            )
        )


def _example(field: InputField) -> str:
    """Return a usual value; of a picture its size, for its bytes say nothing to people."""
    if field.kind == "image":
        return f"{field.width} × {field.height}" if field.width and field.height else ""
    return str(field.example)


def _reads(view: ServiceView) -> None:
    tables.table(
        [
            tables.TableColumn(title=_("Column")),
            tables.TableColumn(title=_("Holds")),
            tables.TableColumn(title=_("Example")),
            tables.TableColumn(title=_("May be missing"), kind="yes"),
        ],
        [(one.name, one.kind, _example(one), one.missing_allowed) for one in view.inputs],
        key="service-inputs",
        alt=_("The columns a question needs"),
    )


main()
