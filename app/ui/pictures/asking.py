"""Ask a service about pictures: dropped, taken with the camera or pasted; each with its answer beside it."""

from __future__ import annotations

import hashlib

import streamlit as st

from app.ui import amounts, charts, frame
from app.ui.language import _
from app.ui.pictures.overlay import overlay
from app.ui.plain import plain, short
from app.ui.visit import Visit
from app.usecases.picture_questions import ENDINGS, PictureAnswer, ask_picture
from app.usecases.refusals import Refusal

#: Pictures that are answered on the page at once; more belong into a zip.
_MOST_PICTURES = 10
#: Answers that a browser's session keeps, so that nothing is asked twice.
_MOST_KEPT = 30
_MOST_MB = 32
_WIDTH = 320


def show_asking(here: Visit, service: str, version: str, about: str) -> None:
    """Draw the places to give pictures, and the answers.   version: of the model.   about: what it reads."""
    left, right = st.columns([2, 3], gap="medium")
    with left:
        chosen = _choose(service, about)
        explains = st.toggle(
            _("Show where the model looks"),
            value=True,
            key=f"heat-{service}",
            help=_("Parts of the picture are hidden one by one: where the answer falls, the model looked."),
        )
    with right, st.container(key="answer"):
        if not chosen:
            frame.section(_("Answer"))
            st.caption(_("Give a picture: the answer stands here a moment later."))
        if len(chosen) > _MOST_PICTURES:
            frame.notice(
                _("Only the first {most} of {n} pictures are answered here.").format(
                    most=_MOST_PICTURES, n=len(chosen)
                ),
                _("Send more as a zip, in the next tab."),
            )
        for number, (name, content) in enumerate(chosen[:_MOST_PICTURES]):
            with frame.guard(), st.spinner(_("Looking at {name} …").format(name=plain(name))):
                try:
                    answer = _answer(here, service, version, content, explain=explains)
                except Refusal as error:
                    what = _("{name} was not answered.").format(name=short(name))
                    frame.error_box(what, error.remedy, why=error.message)
                    continue
                _show(name, answer, key=f"{service}-{number}")


def _choose(service: str, about: str) -> list[tuple[str, bytes]]:
    """Return (name, file) of the pictures that were given, the newest way first."""
    found = st.file_uploader(
        _("Pictures"),
        type=list(ENDINGS),
        accept_multiple_files=True,
        max_upload_size=_MOST_MB,
        key=f"pictures-{service}",
        help=plain(about, 300) or None,
    )
    pasted = st.chat_input(
        _("Or paste a picture here and press Enter"),
        key=f"pasted-{service}",
        accept_file="multiple",
        file_type=list(ENDINGS),
        max_upload_size=_MOST_MB,
    )
    held = f"pasted-kept-{service}"
    if pasted is not None and pasted.files:
        st.session_state[held] = [(file.name, file.getvalue()) for file in pasted.files[:_MOST_PICTURES]]
    if held in st.session_state and st.button(
        _("Forget what was pasted"), icon=":material/close:", key=f"forget-{service}", type="tertiary"
    ):
        del st.session_state[held]
    shots = []
    if st.toggle(_("Use the camera"), key=f"camera-{service}"):
        shot = st.camera_input(_("Take a picture"), key=f"shot-{service}", label_visibility="collapsed")
        shots = [(_("Camera"), shot.getvalue())] if shot is not None else []
    return [*shots, *st.session_state.get(held, []), *((file.name, file.getvalue()) for file in found)]


def _answer(here: Visit, service: str, version: str, content: bytes, *, explain: bool) -> PictureAnswer:
    kept: dict[tuple[str, str, str, bool], PictureAnswer] = st.session_state.setdefault("picture-answers", {})
    key = (service, version, hashlib.sha256(content).hexdigest(), explain)
    if key not in kept:
        kept[key] = ask_picture(here.box, here.who, service, content, explain=explain)
        while len(kept) > _MOST_KEPT:
            del kept[next(iter(kept))]
    return kept[key]


def _show(name: str, answer: PictureAnswer, *, key: str) -> None:
    with st.container(border=True, key=f"card-picture-{key}"):
        seen, said = st.columns([2, 3], gap="medium")
        small = answer.preview
        said_of = _("{name}, with the places marked that the answer rests on") if answer.heat else "{name}"
        with seen:
            # The inference plane drew it: nothing that a stranger made is decoded here.
            st.image(
                overlay(small.jpeg, small.width, small.height, answer.heat),
                width=min(_WIDTH, max(small.width, _WIDTH // 2)),
                alt=said_of.format(name=name[:100]),
            )
            st.caption(short(name))
            if answer.heat:
                st.caption(_("Red: hide it, and the answer falls."))
        with said:
            if answer.label is None:
                st.markdown(f"## {amounts.number(answer.prediction, 6)}")
                st.caption(amounts.bounds(answer.lower, answer.upper, answer.level))
            else:
                st.markdown(f"## {plain(answer.label)}")
                charts.bars(
                    [label for label, _share in answer.top],
                    [share for _label, share in answer.top],
                    key=f"top-{key}",
                    alt=_("How likely each answer is"),
                    format="percent",
                )
            st.caption(_("version {n}").format(n=answer.version))
