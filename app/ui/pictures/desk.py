"""The desk where pictures are labelled: a sheet under the keys, the classes, what was changed, and the new version."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.ui import amounts, links
from app.ui.cards import toast
from app.ui.frame import error_box, guard, notice
from app.ui.language import _, n_
from app.ui.pictures.filters import PAGE_PICTURES, filter_bar
from app.ui.pictures.gallery import Sent, labeller
from app.ui.plain import plain, short
from app.ui.tables import page_offset, pager, row_line, rows
from app.ui.visit import Visit
from app.usecases import labels, pictures
from app.usecases.labels import MOST_CLASS_LETTERS, Changes
from app.usecases.naming import MOST_TITLE_LETTERS
from app.usecases.pictures import Wanted
from app.usecases.suggestions import suggestions_at
from engine.errors import AimassError
from engine.specs.pictures import LabelEdit
from store.datasets import Dataset

_KEY = "labeller"
_SHOWN_CLASSES = 100


def desk(here: Visit, record: Dataset, *, is_suggested: bool = False) -> None:
    """Draw the sheet and what is done with it; one fragment, so that a key costs little.

    is_suggested: what a model takes the pictures for is shown, and orders them.
    """
    dataset_id = record.id
    told = st.session_state.pop(f"{_KEY}-error", None)
    if told:
        error_box(*told)
    changes = labels.changes_of(here.box, here.who, dataset_id)
    _summary(here, record, changes)
    first = pictures.pictures(here.box, here.who, dataset_id, limit=1)
    work, classes = st.tabs([_("Pictures"), n_("{n:,} class", "{n:,} classes", len(first.classes))])
    with work:
        _sheet(here, dataset_id, first.classes, changes, is_suggested=is_suggested)
    with classes:
        _classes(here, dataset_id, first.classes)


def _sheet(
    here: Visit, dataset_id: str, classes: Sequence[tuple[str, int]], changes: Changes, *, is_suggested: bool
) -> None:
    chosen = filter_bar(
        classes, key="desk", only=("unlabelled", "changed", "excluded", "look_alikes"), first="file",
        more=pictures.SUGGESTED_ORDERS if is_suggested else (),
    )  # fmt: skip
    held, page_key = _held_rows(here, dataset_id, changes.classes, chosen)
    rows_now, total = held
    if not rows_now:
        st.caption(_("No picture is like that."))
        return

    def take(sent: Sent) -> None:
        try:
            _apply(here, dataset_id, sent)
        except AimassError as error:
            st.session_state[f"{_KEY}-error"] = (error.message, error.remedy)

    labeller(
        pictures.pictures_at(here.box, here.who, dataset_id, rows_now),
        key=f"{_KEY}-{dataset_id}", dataset_id=dataset_id, classes=changes.classes[:_SHOWN_CLASSES],
        can_undo=bool(changes.edits), take=take,
        suggested=_suggested(here, dataset_id, rows_now) if is_suggested else None,
    )  # fmt: skip
    pager(total, key=page_key, page_rows=PAGE_PICTURES)


def _suggested(here: Visit, dataset_id: str, rows_now: Sequence[int]) -> dict[int, tuple[str, str]]:
    """Return row → (suggested class, how likely, as people read it)."""
    found = suggestions_at(here.box, here.who, dataset_id, rows_now)
    return {row: (label, amounts.share(share)) for row, (label, share) in found.items()}


def _held_rows(
    here: Visit, dataset_id: str, classes: Sequence[str], chosen: Wanted
) -> tuple[tuple[tuple[int, ...], int], str]:
    """Return the rows of this page, how many fit in all, and the pager's key.

    They are chosen once for a filter and a page: a picture that gets another class stays where it is under the hand.
    """
    at = classes.index(chosen.label) if chosen.label in classes else -1
    page_key = f"desk-page-{at}-{chosen.only}-{chosen.order}"
    offset = page_offset(key=page_key, page_rows=PAGE_PICTURES)
    asked = (dataset_id, chosen, offset)
    if st.session_state.get("desk-asked") != asked:
        found = pictures.pictures(
            here.box, here.who, dataset_id, chosen, limit=PAGE_PICTURES, offset=offset,
        )  # fmt: skip
        st.session_state["desk-asked"] = asked
        st.session_state["desk-rows"] = (tuple(one.row for one in found.items), found.total)
    return st.session_state["desk-rows"], page_key


def _apply(here: Visit, dataset_id: str, sent: Sent) -> None:
    if sent.action == "undo":
        labels.undo_change(here.box, here.who, dataset_id, token=sent.token)
    elif sent.action in ("label", "exclude", "include"):
        edit = LabelEdit(action=sent.action, rows=sent.rows, label=sent.label)  # type: ignore[arg-type]
        labels.change_labels(here.box, here.who, dataset_id, edit, token=sent.token)


def _summary(here: Visit, record: Dataset, changes: Changes) -> None:
    """Say what was changed, beside the way out of the desk: a new version with the labels as they are now."""
    with st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center", key="desk-summary"
    ):
        if changes.is_made:
            with st.container(horizontal=True, vertical_alignment="center", gap="small", width="content"):
                notice(_("All changes are in the newest version."), icon=":material/check_circle:")
                links.link("dataset", _("Open it"), icon=":material/arrow_forward:", id=changes.versions[-1])
        else:
            notice(_changed(changes), icon=":material/edit_note:")
        if st.button(
            _("Make a new version"), type="primary", icon=":material/library_add:", key="make-version",
            disabled=not changes.edits, help=None if changes.edits else _("Nothing was changed yet."),
        ):  # fmt: skip
            _ask_version(here, record, changes)


def _changed(changes: Changes) -> str:
    if not changes.pictures:
        return _("Nothing was changed yet.")
    parts = [n_("{n:,} picture changed", "{n:,} pictures changed", changes.pictures)]
    if changes.excluded:
        parts.append(n_("{n:,} of them left out", "{n:,} of them left out", changes.excluded))
    return ", ".join(parts)


def _classes(here: Visit, dataset_id: str, classes: Sequence[tuple[str, int]]) -> None:
    if not classes:
        st.caption(_("There are no classes yet: label the first picture."))
        return
    st.caption(_("Give a class another name; one that is there already takes its pictures in."))
    with rows("classes"):
        for number, (name, count) in enumerate(classes[:_SHOWN_CLASSES]):
            with row_line(
                f"class-{number}", plain(name), caption=n_("{n:,} picture", "{n:,} pictures", count)
            ):
                if st.button(_("Rename or merge"), key=f"rename-{number}", icon=":material/edit:"):
                    _ask_rename(here, dataset_id, name, [other for other, _n in classes if other != name])


def _ask_rename(here: Visit, dataset_id: str, old: str, others: Sequence[str]) -> None:
    @st.dialog(_("Rename or merge a class"), icon=":material/edit:")
    def ask() -> None:
        with guard():
            st.markdown(_("Pictures of {name}").format(name=f"**{plain(old)}**"))
            new = st.selectbox(
                _("New name, or a class to go into"), others, index=None, key="new-class", format_func=short,
                accept_new_options=True, placeholder=_("Type a name or choose a class"),
            )  # fmt: skip
            merges = new in others
            if merges:
                st.caption(_("The two classes become one."))
            with st.container(horizontal=True, horizontal_alignment="right"):
                verb = _("Merge") if merges else _("Rename")
                if st.button(verb, type="primary", key="rename-do", disabled=not new) and new:
                    edit = LabelEdit(action="rename", old=old, label=new[:MOST_CLASS_LETTERS])
                    labels.change_labels(here.box, here.who, dataset_id, edit)
                    st.rerun()

    ask()


def _ask_version(here: Visit, record: Dataset, changes: Changes) -> None:
    @st.dialog(_("Make a new version"), icon=":material/new_label:")
    def ask() -> None:
        with guard():
            changed = n_("{n:,} picture changed", "{n:,} pictures changed", changes.pictures)
            st.markdown(
                _("A new dataset is made: {changed}. {name} stays as it is.").format(
                    changed=changed, name=f"**{plain(record.name)}**"
                )
            )
            name = st.text_input(
                _("Name"), value=_next_name(record.name, len(changes.versions) + 2), key="version-name",
                max_chars=MOST_TITLE_LETTERS,
            )  # fmt: skip
            with st.container(horizontal=True, horizontal_alignment="right"):
                if st.button(_("Make it"), type="primary", key="version-do"):
                    made = labels.make_version(here.box, here.who, record.id, name=name or "")
                    toast(_("The new version is being made"))
                    links.go("dataset", id=made.id)

    ask()


def _next_name(name: str, number: int) -> str:
    """Return a name for the next version.   >>> _next_name("Digits", 2)
    'Digits 2'
    """
    return f"{name[: MOST_TITLE_LETTERS - 8]} {amounts.count(number)}"
