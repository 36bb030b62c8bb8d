"""The bar above a sheet of pictures: of which class, which of them, in which order."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from app.ui.language import _
from app.ui.plain import short
from app.usecases.pictures import ORDERS, Only, Order, Wanted

#: Pictures on one page of a sheet: ten rows of six on a desk.
PAGE_PICTURES = 60
_ALL = ""


def filter_bar(
    classes: Sequence[tuple[str, int]],
    *,
    key: str,
    only: Sequence[Only],
    first: Order = "mixed",
    more: Sequence[Order] = (),
) -> Wanted:
    """Draw the bar and return what was chosen.

    classes: (name, pictures).   only: the choices offered beside "all".   first, more: the orders offered first.
    """
    names = [_ALL, *(name for name, _n in classes)]
    counts = dict(classes)
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small", key=f"filter-{key}"):
        label = st.selectbox(
            _("Class"), names, key=f"{key}-class", width=220,
            format_func=lambda name: f"{short(name, 40)} · {counts[name]:,}" if name else _("All classes"),
        ) if classes else _ALL  # fmt: skip
        order = st.selectbox(
            _("Order"), [first, *more, *(order for order in ORDERS if order != first)], key=f"{key}-order", width=220,
            format_func=order_word,
        )  # fmt: skip
        which = st.pills(
            _("Only"), ["all", *only], default="all", key=f"{key}-only", format_func=only_word, required=True
        ) if only else "all"  # fmt: skip
    return Wanted(label=label or None, only=which, order=order)


def order_word(order: str) -> str:
    """Return what an order is called in the reader's language."""
    words = {
        "mixed": _("Mixed"), "file": _("As they came"),
        "uncertain": _("Uncertain first"), "doubted": _("Doubted labels first"),
        "darkest": _("Darkest first"), "brightest": _("Brightest first"),
        "blurriest": _("Blurriest first"), "sharpest": _("Sharpest first"), "smallest": _("Narrowest first"),
        "largest": _("Widest first"), "palest": _("Palest first"), "most_colourful": _("Most colourful first"),
    }  # fmt: skip
    return words.get(order, order)


def only_word(only: str) -> str:
    """Return what a choice of pictures is called in the reader's language."""
    words = {
        "all": _("All"), "look_alikes": _("Look-alikes"), "changed": _("Changed"), "excluded": _("Left out"),
        "unlabelled": _("Without a label"),
    }  # fmt: skip
    return words.get(only, only)
