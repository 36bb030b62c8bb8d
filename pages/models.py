"""All published models."""

from __future__ import annotations

import streamlit as st

from app.ui import amounts, frame, lists, tables
from app.ui.language import _, n_
from app.ui.plain import plain
from app.ui.terms import metric_word, task_word
from app.ui.visit import Visit, visit
from app.usecases import models


def main() -> None:
    """Draw the page."""
    here = visit()
    frame.head(_("Models"), _("Each is one file: raw columns in, answers out, proven on rows of its own."))
    _list(here)


def _caption(row: models.ModelRow) -> str:
    latest, name = row.latest, plain(row.model.name)
    if latest is None:
        return f"{name} · {_('no version')}"
    parts = [
        name,
        _("version {n}").format(n=latest.version),
        _("predicts {target}").format(target=plain(latest.target)),
        task_word(latest.task),
        amounts.ago(latest.created_at),
    ]
    return " · ".join(parts)


def _list(here: Visit) -> None:
    lists.searched(
        "models",
        _("Search models"),
        lists.Nothing(
            title=_("No models yet"),
            sentence=_("A model comes from a run: train one on a dataset, then publish it."),
            icon=":material/deployed_code:",
            page="runs",
            label=_("Go to the runs"),
            mark=":material/route:",
        ),
        lambda search, limit, offset: models.list_models(
            here.box, here.who, search=search, limit=limit, offset=offset
        ),
        _row,
    )


def _row(row: models.ModelRow) -> None:
    with tables.row(
        row.model.id,
        plain(row.model.title or row.model.name),
        to="model",
        params={"name": row.model.name},
        caption=_caption(row),
    ):
        if row.services:
            st.badge(
                n_("{n} service", "{n} services", len(row.services)), icon=":material/hub:", color="green"
            )
        if row.latest is not None and row.latest.score is not None:
            figure = f"{metric_word(row.latest.metric)} {amounts.number(row.latest.score)}"
            st.markdown(f"**{plain(figure)}**")


main()
