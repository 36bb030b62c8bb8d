"""Sheets of small pictures in the browser: to look at, or to label with a few keys.

The browser fetches each picture by its own address; none goes through the page's script. While labelling, changes are
laid over the sheet at once and sent with a number each; the page says up to which number it has them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import streamlit as st

from app.ui.language import _
from app.ui.plain import short
from app.usecases.pictures import Picture

_FOLDER = Path(__file__).parents[1] / "browser"
_component = st.components.v2.component(
    "aimass_gallery",
    html=(_FOLDER / "gallery.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "gallery.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "gallery.js").read_text(encoding="utf-8"),
)
#: Numbers that one message may hold; a browser that sends more is none of ours.
_MOST_EDITS = 1000
_LONGEST_LABEL = 120


@dataclass(frozen=True, kw_only=True)
class Group:
    """Pictures that stand together.   title: above them, plain text; "" draws no box about them."""

    pictures: Sequence[Picture]
    title: str = ""


@dataclass(frozen=True, kw_only=True)
class Sent:
    """One change as the browser sends it.   action: "undo", or one of a `LabelEdit`.   token: names this very one."""

    action: str
    rows: tuple[int, ...]
    label: str
    token: str


def picture_grid(addresses: Sequence[str], labels: Sequence[str], *, key: str) -> None:
    """Draw pictures by their addresses, each with a few words below it, in rows of ten, of five where it is narrow."""
    pictures = [
        {"row": number, "name": label, "label": label, "was": label, "out": False, "note": "", "src": address}
        for number, (address, label) in enumerate(zip(addresses, labels, strict=True))
    ]
    data = _data([], key=key, dataset_id="", notes=None) | {
        "groups": [{"title": "", "pictures": pictures}],
        "inFives": True,
    }
    _component(key=key, data=data)


def gallery(
    groups: Sequence[Group], *, key: str, dataset_id: str, notes: Mapping[int, str] | None = None
) -> None:
    """Draw pictures to look at.   notes: row → a few words below it; its size in pixels where there are none."""
    _component(key=key, data=_data(groups, key=key, dataset_id=dataset_id, notes=notes))


def labeller(
    pictures: Sequence[Picture],
    *,
    key: str,
    dataset_id: str,
    classes: Sequence[str],
    can_undo: bool,
    take: Callable[[Sent], None],
    suggested: Mapping[int, tuple[str, str]] | None = None,
) -> None:
    """Draw pictures to label: arrows move, numbers are classes, N takes the class away, X leaves out, Z takes back.

    classes: one that is called by a digit has that key, others the free ones.
    take: called once with each change, before the page is drawn.
    suggested: row → (class, how likely), shown in the place of the picture's size; Y takes it.
    """

    def arrived() -> None:
        told = st.session_state.get(key) or {}
        for seq, sent in read_sent(told.get("edits"), after=_acked(key)):
            st.session_state[f"{key}-acked"] = {"nonce": sent.token.rpartition("-")[0], "seq": seq}
            take(sent)

    data = _data([Group(pictures=pictures)], key=key, dataset_id=dataset_id, notes=None, suggested=suggested)
    data |= {
        "editable": True, "classes": list(classes), "undoable": can_undo, "acked": _acked(key),
    }  # fmt: skip
    _component(key=key, data=data, on_edits_change=arrived)


def read_sent(value: Any, *, after: Mapping[str, Any]) -> list[tuple[int, Sent]]:
    """Return the changes in a browser's message that are not known yet, with their numbers, in order.

    value: whatever the browser sent; what is none of ours is passed over.   after: {"nonce", "seq"} known so far.
    """
    if not isinstance(value, Mapping) or not isinstance(value.get("list"), Sequence):
        return []
    nonce = str(value.get("nonce"))[:40]
    known = int(after.get("seq", 0)) if after.get("nonce") == nonce else 0
    found = []
    for one in value["list"][:_MOST_EDITS]:
        seq = one.get("seq") if isinstance(one, Mapping) else None
        rows = one.get("rows") or () if isinstance(one, Mapping) else ()
        if not isinstance(seq, int) or seq <= known or not isinstance(rows, Sequence):
            continue
        sent = Sent(
            action=str(one.get("action")),
            rows=tuple(row for row in rows if type(row) is int),
            label=str(one.get("label") or "")[:_LONGEST_LABEL],
            token=f"{nonce}-{seq}",
        )
        found.append((seq, sent))
    return sorted(found, key=lambda pair: pair[0])


def _acked(key: str) -> dict[str, Any]:
    found: dict[str, Any] = st.session_state.get(f"{key}-acked") or {}
    return found


def _data(
    groups: Sequence[Group],
    *,
    key: str,
    dataset_id: str,
    notes: Mapping[int, str] | None,
    suggested: Mapping[int, tuple[str, str]] | None = None,
) -> dict[str, Any]:
    return {
        "id": f"{dataset_id}|{key}",
        "base": f"/pictures/{dataset_id}/",
        "editable": False,
        "classes": [],
        "groups": [
            {
                "title": short(group.title),
                "pictures": [_tile(one, notes, suggested or {}) for one in group.pictures],
            }
            for group in groups
        ],
        "words": _words(),
    }


def _tile(
    picture: Picture, notes: Mapping[int, str] | None, suggested: Mapping[int, tuple[str, str]]
) -> dict[str, Any]:
    size = f"{picture.width} × {picture.height}" if picture.width else ""
    guess, share = suggested.get(picture.row, ("", ""))
    return {
        "row": picture.row,
        "guess": guess,
        "share": share,
        "name": short(picture.name, 120),
        "label": picture.label,
        "was": picture.was,
        "out": picture.excluded,
        "note": size if notes is None else notes.get(picture.row, ""),
    }


def _words() -> dict[str, str]:
    """Return what the gallery says, in the reader's language; {…} is filled in by the browser."""
    return {
        "sheet": _("Pictures"),
        "tools": _("Label the chosen pictures"),
        "none": _("no label"),
        "out": _("left out"),
        "other": _("Another class …"),
        "unlabel": _("No label"),
        "agree": _("Agree"),
        "guess": _("suggested:"),
        "exclude": _("Leave out"),
        "undo": _("Undo"),
        "all": _("All"),
        "chosen": _("{n} chosen. A number or a class labels them; Esc lets them go."),
        "hint": _(
            "Click pictures or move with the arrows. Numbers label, X leaves out, Z takes back, Space chooses."
        ),
    }
