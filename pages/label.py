"""Label and mend a set of pictures; the imported set stays as it is, until a new version is made of the changes."""

from __future__ import annotations

from app.ui.frame import asked, head, live
from app.ui.language import _
from app.ui.pictures.desk import desk
from app.ui.pictures.suggesting import suggesting
from app.ui.plain import plain
from app.ui.visit import visit
from app.usecases.datasets import get_dataset


def main() -> None:
    """Draw the page."""
    here = visit()
    view = get_dataset(here.box, here.who, asked("id"))
    record = view.record
    head(
        _("Label {name}").format(name=plain(record.name)),
        _("The imported pictures stay as they are. Your changes are noted beside them, and become a new version."),
        back="dataset", id=record.id,
    )  # fmt: skip
    is_suggested = suggesting(here, record.id)
    live(lambda: desk(here, record, is_suggested=is_suggested), every_s=None, key="desk")


main()
