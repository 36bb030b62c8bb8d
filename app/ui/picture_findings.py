"""What the pictures behind a report say: mistakes, mix-ups, doubtful labels, and where a model looks."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

import streamlit as st

from app.ui import amounts, cards, links, tables
from app.ui.language import _, tell
from app.ui.plain import plain, short
from engine.report.picture_view import PictureView, StrainRow, Tile

_SIDE_PX = 100
_NAME_CHARS = 40
_TILES = "display:flex;flex-wrap:wrap;gap:14px"
_FIGURE = f"margin:0;width:fit-content;min-width:{_SIDE_PX}px;font-size:13px;line-height:1.35"
_FRAME = f"position:relative;height:{_SIDE_PX}px;border-radius:8px;overflow:hidden"
_PICTURE = f"display:block;height:{_SIDE_PX}px;width:auto;min-width:30px;max-width:200px"
_WARM = f"position:absolute;inset:0;height:{_SIDE_PX}px;width:100%;max-width:none"


def show_pictures(seen: PictureView, *, key: str, dataset_id: str = "") -> None:
    """Draw everything.   key: language-free, one per page.   dataset_id: of the labels, for the way to mend them."""
    for note in seen.notes:
        st.caption(plain(tell(note), 300))
    if seen.mistakes:
        with cards.card(
            f"{key}-mistakes",
            _("Worst mistakes"),
            _("Wrong answers that the model was surest of, or that are farthest off."),
        ):
            tiles(seen.mistakes)
    if seen.pairs:
        with cards.card(
            f"{key}-pairs",
            _("Classes that are mixed up"),
            _("The actual class, an arrow, and what it was taken for."),
        ):
            for group in seen.pairs:
                st.markdown(f"**{plain(group.title)}** :gray[{plain(tell(group.note), 200)}]")
                tiles(group.tiles)
    if seen.suspects_note:
        _suspects(seen, key=key, dataset_id=dataset_id)
    if seen.contradictions:
        with cards.card(f"{key}-contradictions", _("Look-alikes with different labels")):
            for group in seen.contradictions:
                tiles(group.tiles)
    left, right = st.columns(2, gap="medium")
    if seen.strains:
        with left:
            _strains(seen, key=key)
    if seen.classes:
        with right:
            _classes(seen, key=key)
    if seen.gaze:
        with cards.card(
            f"{key}-gaze",
            _("Where the model looks"),
            _("The mean over some rightly answered pictures of each class, laid over one of them."),
        ):
            tiles(seen.gaze)


def tiles(shown: Sequence[Tile]) -> None:
    """Draw pictures side by side, each with its map where it has one; names are shown as text."""
    st.html(f'<div style="{_TILES}">{"".join(_figure(tile) for tile in shown)}</div>')


def _figure(tile: Tile) -> str:
    plain_frame, warm_frame = _image(tile.picture), _image(tile.picture) + _image(tile.heat, warm=True)
    inside = [plain_frame, warm_frame] if tile.heat else [plain_frame]
    frames = "".join(f'<div style="{_FRAME}">{images}</div>' for images in inside)
    return (
        f'<figure style="{_FIGURE}" title="{escape(short(tile.name), quote=True)}">'
        f'<div style="display:flex;gap:6px">{frames}</div>'
        f'<figcaption style="width:0;min-width:100%;overflow-wrap:anywhere">{_caption(tile)}</figcaption></figure>'
    )


def _image(address: str, *, warm: bool = False) -> str:
    if not address:
        return ""
    alt = _("Where the model looks") if warm else ""
    style = _WARM if warm else _PICTURE
    return f'<img alt="{escape(alt, quote=True)}" style="{style}" src="{escape(address, quote=True)}">'


def _caption(tile: Tile) -> str:
    given = escape(short(tile.given, _NAME_CHARS))
    if not tile.said:
        return given
    said = f"<b>{escape(short(tile.said, _NAME_CHARS))}</b> {escape(tile.sure)}"
    label = escape(_("label: {name}")).replace("{name}", given)
    return f'{said}<br><span style="opacity:.65">{label}</span>'


def _suspects(seen: PictureView, *, key: str, dataset_id: str) -> None:
    with cards.card(f"{key}-suspects", _("Labels that may be wrong"), plain(tell(seen.suspects_note), 300)):
        if seen.suspects:
            tiles(seen.suspects)
            if dataset_id:
                links.link("label", _("Mend labels"), icon=":material/new_label:", id=dataset_id)


def _strains(seen: PictureView, *, key: str) -> None:
    caption = _("{score} on the same {n} test pictures: {clean} as they are.").format(
        score=tell(seen.strains_title), n=amounts.count(seen.strains_rows), clean=seen.clean
    )
    with cards.card(f"{key}-strains", _("How it holds on worse pictures"), plain(caption, 200)):
        tables.table(
            [
                tables.TableColumn(title=_("Pictures are")),
                tables.TableColumn(title=_("a little")),
                tables.TableColumn(title=_("clearly")),
                tables.TableColumn(title=_("strongly")),
                tables.TableColumn(title=_("How much")),
            ],
            [(tell(row.title), *_figures(row), tell(row.help)) for row in seen.strains],
            key=f"{key}-strains",
            alt=_("The figure on changed pictures"),
        )


def _figures(row: StrainRow) -> list[str]:
    """Return the three figures, those that fell much with a mark."""
    return [f"▼ {text}" if fell else text for text, fell in row.cells]


def _classes(seen: PictureView, *, key: str) -> None:
    with cards.card(f"{key}-classes", _("Class by class")):
        tables.table(
            [
                tables.TableColumn(title=_("Class")),
                tables.TableColumn(title=_("Test pictures"), kind="integer"),
                tables.TableColumn(title=_("Precision"), kind="share"),
                tables.TableColumn(title=_("Recall"), kind="share"),
                tables.TableColumn(title="F1", kind="share"),
            ],
            [(c.label, c.rows, c.precision, c.recall, c.f1) for c in seen.classes],
            key=f"{key}-classes",
            alt=_("Figures of each class"),
        )
