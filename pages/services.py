"""All services: names that programs ask, and the models that answer."""

from __future__ import annotations

import streamlit as st

from app.ui import amounts, cards, frame, links, tables
from app.ui.language import _, n_
from app.ui.plain import plain
from app.ui.visit import Visit, visit
from app.usecases import services


def main() -> None:
    """Draw the page."""
    here = visit()
    frame.head(_("Services"), _("Published models that answer, with an address and keys for programs."))
    if not services.is_answering(here.box):
        frame.error_box(
            _("The inference plane does not answer."), _("Look at the system page for the reason.")
        )
    _list(here)


def _list(here: Visit) -> None:
    found = services.list_services(here.box, here.who)
    if not found:
        with frame.empty_state(
            _("No services yet"),
            _("A service answers questions with a published model. Open a model and deploy it."),
            icon=":material/hub:",
            key="services",
        ):
            links.link("models", _("Go to the models"), icon=":material/deployed_code:")
        return
    with tables.rows("services"):
        for row in found:
            service = row.service
            caption = " · ".join(
                (
                    _("model {name}, version {version}").format(
                        name=plain(row.model.name), version=service.live_version
                    ),
                    n_("{n:,} answer", "{n:,} answers", row.stats.requests),
                    amounts.ago(service.updated_at),
                )
            )
            with tables.row(
                service.name,
                plain(service.title or service.name),
                to="service",
                params={"name": service.name},
                caption=caption,
            ):
                if row.trouble:
                    st.badge(_("Trouble"), icon=":material/error:", color="red")
                cards.state_badge(service.state)
                links.link("use", _("Use"), icon=":material/chat_bubble:", service=service.name)


main()
