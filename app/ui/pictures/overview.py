"""What a set of pictures holds: its figures, its classes, a sheet of it, its look-alikes, and what was measured."""

from __future__ import annotations

import streamlit as st

from app.ui import amounts, charts, links
from app.ui.cards import Figure, card, figures
from app.ui.columns import column_cards
from app.ui.frame import notice, section
from app.ui.language import _, n_, tell
from app.ui.pictures.filters import PAGE_PICTURES, filter_bar
from app.ui.pictures.gallery import Group, gallery
from app.ui.plain import plain
from app.ui.tables import TableColumn, page_offset, pager, table
from app.ui.visit import Visit
from app.usecases import pictures
from app.usecases.labels import changes_of
from app.usecases.pictures import Only, PictureFacts
from engine.specs.profile import ColumnProfile, Profile
from engine.specs.schema import Schema

_MOST_BARS = 30
_PLOT_HEIGHT = 112
_PAGE_GROUPS = 12


def picture_figures(facts: PictureFacts, rejected: int) -> None:
    """Draw how many pictures, classes, look-alikes and broken files there are."""
    figures(
        [
            Figure(label=_("Pictures"), value=amounts.count(facts.pictures)),
            Figure(
                label=_("Classes"), value=amounts.count(len(facts.classes)),
                note=n_("{n:,} without a label", "{n:,} without a label", facts.unlabelled)
                if facts.unlabelled and facts.classes else "",
            ),
            Figure(
                label=_("Look-alikes"), value=amounts.count(facts.look_alikes),
                help=_("Pictures that have a copy, or one that looks nearly the same. They stay together when the "
                       "pictures are divided."),
            ),
            Figure(
                label=_("Files left out"), value=amounts.count(rejected),
                help=_("Files of the source that are no picture, or a broken one."),
            ),
        ]
    )  # fmt: skip


def class_balance(facts: PictureFacts) -> None:
    """Draw how many pictures each class has, and say when they are far apart."""
    if not facts.classes:
        return
    shown = facts.classes[:_MOST_BARS]
    most, least = shown[0], facts.classes[-1]
    left = len(facts.classes) - len(shown)
    caption = _("From {least} of the rarest to {most} of the most frequent.").format(
        least=amounts.count(least[1]), most=amounts.count(most[1])
    )
    if left:
        caption += " " + n_("{n:,} rarer class is not shown.", "{n:,} rarer classes are not shown.", left)
    with card("classes", _("Pictures of each class"), caption):
        draw = charts.columns if len(shown) <= 12 else charts.bars
        draw(
            [name for name, _n in shown], [n for _name, n in shown], key="class-balance",
            alt=_("How many pictures each class has"),
        )  # fmt: skip


def contact_sheet(here: Visit, dataset_id: str, facts: PictureFacts) -> None:
    """Draw the pictures, a page at a time, of a class, those that look alike, or the darkest first."""
    only: list[Only] = ["look_alikes"] if facts.look_alikes else []
    if facts.unlabelled and facts.classes:
        only.append("unlabelled")
    chosen = filter_bar(facts.classes, key="sheet", only=only)
    names = [name for name, _n in facts.classes]
    at = names.index(chosen.label) if chosen.label in names else -1
    page_key = f"sheet-page-{at}-{chosen.only}-{chosen.order}"
    found = pictures.pictures(
        here.box, here.who, dataset_id, chosen, limit=PAGE_PICTURES,
        offset=page_offset(key=page_key, page_rows=PAGE_PICTURES),
    )  # fmt: skip
    st.caption(n_("{n:,} picture", "{n:,} pictures", found.total))
    if not found.items:
        return
    gallery([Group(pictures=found.items)], key="sheet", dataset_id=dataset_id)
    pager(found.total, key=page_key, page_rows=PAGE_PICTURES)


def twins(here: Visit, dataset_id: str, facts: PictureFacts) -> None:
    """Draw the groups of pictures that look alike, side by side."""
    if not facts.look_alikes:
        st.caption(_("No two pictures look alike."))
        return
    st.caption(
        _(
            "Copies, and pictures that look nearly the same. All of a group go to the same side when the pictures are "
            "divided, so that no model is tested on what it has learned. Different labels in one group are mistakes."
        )
    )
    offset = page_offset(key="twins-page", page_rows=_PAGE_GROUPS)
    groups, total = pictures.look_alikes(here.box, here.who, dataset_id, limit=_PAGE_GROUPS, offset=offset)
    drawn = [
        Group(pictures=group, title=_title(offset + number, {one.label for one in group}))
        for number, group in enumerate(groups, start=1)
    ]
    notes = {one.row: one.name for group in groups for one in group}
    gallery(drawn, key="twins", dataset_id=dataset_id, notes=notes)
    pager(total, key="twins-page", page_rows=_PAGE_GROUPS)


def measured(schema: Schema, profile: Profile, facts: PictureFacts) -> None:
    """Draw what was measured of the pictures, and the columns that came beside their classes: how the values fall."""
    found = [
        (column.name, profile.by_name[column.name])
        for column in schema.columns
        if column.measured_from
        and column.semantic in ("number", "constant")
        and column.name in profile.by_name
    ]
    with st.grid(3, min_column_width=250):
        for name, values in found:
            _measure(name, values)
    others = [
        column.name
        for column in schema.columns
        if column.measured_from is None and column.semantic not in ("image", "identifier")
        if column.name != facts.label
    ]
    if others:
        section(_("What came with the pictures"))
        column_cards(schema.without(*(name for name in schema.names if name not in others)), profile)


def _measure(name: str, facts: ColumnProfile) -> None:
    with card(f"measure-{name}"), st.container(gap="xsmall"):
        word, meaning = measure_words(name)
        st.markdown(f"**{word}**", help=meaning or None)
        low, high = amounts.number(facts.minimum, 3), amounts.number(facts.maximum, 3)
        if not facts.histogram_counts:
            with st.container(height=_PLOT_HEIGHT + 28, border=False, vertical_alignment="center"):
                st.markdown(_("{value} in every picture").format(value=low))
            return
        charts.histogram(
            facts.histogram_edges, facts.histogram_counts, key=f"measure-plot-{name}", small=True,
            height=_PLOT_HEIGHT, name=_("pictures"),
            alt=_("{column} from {low} to {high}").format(column=word, low=low, high=high),
        )  # fmt: skip
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            st.caption(low, width="content")
            st.caption(_("mean {mean}").format(mean=amounts.number(facts.mean, 3)), width="content")
            st.caption(high, width="content")


def measure_words(name: str) -> tuple[str, str]:
    """Return what a measure of pictures is called, and what it means, in the reader's language."""
    words = {
        "width": (_("Width"), _("In pixels.")),
        "height": (_("Height"), _("In pixels.")),
        "brightness": (_("Brightness"), _("The mean light of a picture: 0 is black, 1 is white.")),
        "contrast": (_("Contrast"), _("How far light and dark are apart: 0 is one even tone.")),
        "saturation": (_("Saturation"), _("How pure the colours are: 0 is grey.")),
        "colourfulness": (_("Colourfulness"), _("How many and how strong the colours are: 0 is grey.")),
        "sharpness": (_("Sharpness"), _("How much fine detail there is: blurred pictures have little.")),
    }
    return words.get(name, (plain(name), ""))


def changes_left_out(here: Visit, dataset_id: str) -> None:
    """Say, before a training, that it does not see what people changed about the labels, and where that is."""
    changes = changes_of(here.box, here.who, dataset_id)
    if not changes.pictures:
        return
    notice(
        n_(
            "{n:,} picture was changed while labelling. This training takes it as it was imported.",
            "{n:,} pictures were changed while labelling. This training takes them as they were imported.",
            changes.pictures,
        ),
        _("To learn from the changes, train the newest version.")
        if changes.is_made
        else _("To learn from the changes, make a new version first, and train that."),
        icon=":material/edit_note:",
    )
    if changes.is_made:
        links.link(
            "dataset", _("Open the newest version"), icon=":material/arrow_forward:", id=changes.versions[-1]
        )
    else:
        links.link("label", _("Go to the labels"), icon=":material/label:", id=dataset_id)


def left_out(here: Visit, dataset_id: str) -> None:
    """Draw the files that became no picture, with the reasons."""
    found = pictures.left_out(here.box, here.who, dataset_id)
    if not found:
        st.caption(_("Every file became a picture."))
        return
    table(
        [TableColumn(title=_("File")), TableColumn(title=_("Why it was left out"))],
        [(one.name, tell(one.reason)) for one in found],
        key="left-out", alt=_("Files left out, with the reasons"),
    )  # fmt: skip
    st.link_button(
        _("Download the list"), f"/download/datasets/{dataset_id}/rejects", icon=":material/download:",
        key="rejects",
    )  # fmt: skip


def _title(number: int, labels: set[str]) -> str:
    title = _("Group {number}").format(number=number)
    if len(labels) > 1:
        title += " · " + _("different labels: {labels}").format(
            labels=", ".join(sorted(label or _("no label") for label in labels))
        )
    return title
