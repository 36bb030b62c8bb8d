"""What the pictures behind a report say: mistakes, mix-ups, doubtful labels, and where a model looks."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import quoteattr

import streamlit as st

from app.ui import amounts, cards, links, tables
from app.ui.language import _, tell
from app.ui.plain import plain, short
from engine.report.picture_view import PictureView, StrainRow, Tile

_SIDE_PX, _GAP_PX = 100, 16
_NAME_CHARS = 40


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
    with st.container(horizontal=True, gap="small"):
        for tile in shown:
            pictures = [one for one in (tile.picture, _warmed(tile) if tile.heat else "") if one]
            with st.container(width=(_SIDE_PX + _GAP_PX) * max(1, len(pictures))):
                if pictures:
                    told = [short(tile.name), _("Where the model looks")]
                    st.image(list(pictures), width=_SIDE_PX, alt=told[: len(pictures)])
                st.caption(_caption(tile))


def _warmed(tile: Tile) -> str:
    """Return a drawing of the picture under its map; both fill a square, so that they lie upon each other."""
    images = "".join(
        f'<image href={quoteattr(address)} width="100" height="100" preserveAspectRatio="none"/>'
        for address in (tile.picture, tile.heat)
        if address
    )
    return f'<svg xmlns="http://www.w3.org/2000/svg" width="100" height="100" viewBox="0 0 100 100">{images}</svg>'


def _caption(tile: Tile) -> str:
    given = short(tile.given, _NAME_CHARS)
    if not tile.said:
        return plain(given)
    label = plain(_("label: {name}").format(name=given))
    return f"**{plain(short(tile.said, _NAME_CHARS))}** {plain(tile.sure)}  \n{label}"


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
