"""Use a service: a form made from what its model reads, or a whole file; and why it answers so."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st

from app.ui import amounts, cards, charts, frame, links
from app.ui.jobs import job_cards
from app.ui.language import _, n_
from app.ui.pictures.asking import show_asking
from app.ui.plain import plain, short
from app.ui.snippets import show_snippets
from app.ui.uploader import uploader
from app.ui.visit import Visit, visit
from app.usecases import services
from app.usecases.predictions import recent_files
from app.usecases.service_answers import Reason
from app.usecases.services import Answer, InputField, ServiceView

_MOST_SHOWN = 12
_MOST_FILES = 5
#: As long as the labels of a chart may be.
_LABEL_CHARS = 28


def main() -> None:
    """Draw the page."""
    here = visit()
    if not frame.asked("service"):
        _choose(here)
    else:
        view = services.get_service(here.box, here.who, frame.asked("service"))
        with frame.head(
            plain(view.service.title or view.service.name),
            _("Predicts {target}").format(target=f"**{plain(view.version.target)}**") if view.version else "",
            back="use",
        ):
            links.link("service", _("Service"), icon=":material/hub:", name=view.service.name)
        if view.service.state != "live":
            frame.notice(_("This service is stopped, so nobody is answered."), _("Start it on its page."))
        has_pictures = any(field.kind == "image" for field in view.inputs)
        first, second = (_("Pictures"), _("A zip")) if has_pictures else (_("One row"), _("A file"))
        tabs = st.tabs([first, second, _("From a program")], key="use-tabs")
        with tabs[0]:
            if has_pictures:
                _pictures(here, view)
            else:
                _one_row(here, view)
        with tabs[1]:
            _file(here, view, has_pictures=has_pictures)
        with tabs[2]:
            show_snippets(services.snippets(view, "KEY"), key="use")


def _choose(here: Visit) -> None:
    frame.head(_("Use a service"), _("Ask a published model, one row or a whole file at a time."))
    found = [row for row in services.list_services(here.box, here.who) if row.service.state == "live"]
    if not found:
        with frame.empty_state(
            _("Nothing to ask yet"),
            _("Deploy a published model as a service; then it answers here."),
            icon=":material/chat_bubble:",
            key="use",
        ):
            links.link("models", _("Go to the models"), icon=":material/deployed_code:")
        return
    with st.grid(3, gap="small", min_column_width=220):
        for row in found:
            with cards.card(f"use-{row.service.name}", plain(row.service.title or row.service.name)):
                st.caption(_("model {name}").format(name=plain(row.model.name)))
                links.link("use", _("Ask it"), icon=":material/chat_bubble:", service=row.service.name)


def _field(field: InputField, service: str) -> Any:
    key = f"ask-{service}-{field.name}"
    label, about = plain(field.name), plain(field.help, 300) or None
    if field.kind == "number":
        # Only a field without a value of its own can be emptied again: the example is laid in from outside.
        if key not in st.session_state and isinstance(field.example, int | float):
            st.session_state[key] = float(field.example)
        return st.number_input(
            label, value=None, key=key, help=about, step=None, format="%g", placeholder=_("missing")
        )
    if field.choices and field.kind in ("category", "boolean"):
        options = list(dict.fromkeys([*field.choices]))
        index = options.index(str(field.example)) if str(field.example) in options else None
        return st.selectbox(
            label,
            options,
            index=index,
            format_func=short,
            key=key,
            help=about,
            accept_new_options=True,
            placeholder=_("choose or type"),
        )
    return st.text_input(label, value=str(field.example or ""), max_chars=2000, key=key, help=about)


def _one_row(here: Visit, view: ServiceView) -> None:
    name = view.service.name
    left, right = st.columns([3, 2], gap="medium")
    with left, st.form(f"ask-{name}"):
        values: dict[str, Any] = {}
        with st.grid(2, gap="small", min_column_width=200):
            for field in view.inputs:
                values[field.name] = _field(field, name)
        is_asked = st.form_submit_button(_("Ask"), type="primary", icon=":material/send:", key=f"send-{name}")
    row, held = _row(values), f"answer-{name}"
    with right, st.container(key="answer"), frame.guard():
        if is_asked:
            st.session_state.pop(held, None)
            st.session_state[held] = row, services.ask(here.box, here.who, name, [row], explain=True)
        asked, answer = st.session_state.get(held, (None, None))
        if answer is not None and asked == row:  # an answer to other values would mislead
            _show(answer)
        else:
            frame.section(_("Answer"))
            st.caption(_("Fill in the form and press Ask. The fields begin with a real example."))


def _row(values: Mapping[str, Any]) -> dict[str, Any]:
    """Leave empty fields to the model: it knows what a missing value means."""
    return {name: None if value == "" else value for name, value in values.items()}


def _show(answer: Answer) -> None:
    row = answer.rows[0]
    with st.container(border=True, key="card-answer"):
        st.caption(_("Answer"))
        if row.label is not None:
            st.markdown(f"## {plain(row.label)}")
            ranked = sorted(row.probabilities.items(), key=lambda item: -item[1])[:_MOST_SHOWN]
            charts.bars(
                [name for name, _share in ranked],
                [share for _name, share in ranked],
                key="answer-probabilities",
                alt=_("How likely each answer is"),
                format="percent",
            )
        else:
            st.markdown(f"## {amounts.number(row.prediction, 6)}")
            st.caption(amounts.bounds(row.lower, row.upper, answer.level))
        st.caption(_("version {n}").format(n=answer.version))
    if row.explanation:
        with st.container(border=True, key="card-why"):
            frame.section(_("Why"), _("What each column adds to this answer, against usual values."))
            parts = row.explanation[:_MOST_SHOWN]
            charts.bars(
                [_said(part) for part in parts],
                [part.contribution for part in parts],
                key="answer-why",
                alt=_("What each column adds to this answer"),
            )


def _said(part: Reason) -> str:
    """Return "column = value", the column cut so that the value is always seen."""
    value = _value(part.value)
    return f"{short(part.column, max(8, _LABEL_CHARS - 3 - len(value)))} = {value}"


def _value(value: float | str | None) -> str:
    if value is None:
        return _("missing")
    return amounts.number(value) if isinstance(value, float) else short(value, 18)


def _pictures(here: Visit, view: ServiceView) -> None:
    about = next((field.help for field in view.inputs if field.kind == "image"), "")
    show_asking(here, view.service.name, str(view.service.live_version), about)


def _file(here: Visit, view: ServiceView, *, has_pictures: bool) -> None:
    name = view.service.name
    if has_pictures:
        st.caption(
            _("A zip of pictures: the answers come as a table, one row per file, with its path in the zip.")
        )
    else:
        st.caption(
            n_(
                "A file with the model's {n} column; other columns are carried along.",
                "A file with the model's {n} columns; other columns are carried along.",
                len(view.inputs),
            )
        )
    hint = _("A .zip of pictures, or the Parquet table of a dataset. A broken upload goes on.")
    sent = tuple(
        uploader(
            key=f"rows-{name}",
            owner=here.who.id,
            purpose=f"rows-{name}",
            accept=(".zip", ".parquet") if has_pictures else (),
            hint=hint if has_pictures else "",
        )
    )
    for arrived in sent:
        services.ask_file(here.box, here.who, name, arrived.id)
    if sent:
        st.rerun()  # the uploader forgets what was taken
    _answered(here, view)


def _answered(here: Visit, view: ServiceView) -> None:
    """Draw the reader's last files for this model, the one just sent first; each with its answers."""
    if view.version is None:
        return
    found = recent_files(here.box, here.who, view.version.model_id, limit=_MOST_FILES)
    if not found:
        return
    frame.section(
        _("Your last files"),
        _("Their answers are kept for {n} days.").format(n=amounts.number(here.box.serve.keep_answers_days)),
    )
    job_cards(here, found, key="answered", download=lambda job: f"/download/jobs/{job.id}/answers")


main()
