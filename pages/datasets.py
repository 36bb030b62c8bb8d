"""Datasets: bring one, find one."""

from __future__ import annotations

import streamlit as st

from app.ui import amounts, links
from app.ui.cards import card, state_badge, toast
from app.ui.frame import guard, head, live
from app.ui.language import _, n_
from app.ui.plain import plain, short
from app.ui.tables import PAGE_ROWS, empty_search, found_line, page_offset, pager, row, rows, search_box
from app.ui.uploader import Arrived, uploader
from app.ui.visit import Visit, visit
from app.usecases.arrivals import Arrival, waiting
from app.usecases.datasets import (
    browse,
    create_from_folder,
    create_from_upload,
    holds_pictures,
    list_datasets,
    server_folders,
)
from app.usecases.pictures import PictureFacts, facts_of
from app.usecases.refusals import Conflict
from app.usecases.uploads import discard
from store.datasets import Dataset

ACCEPTED = (
    ".csv", ".tsv", ".txt", ".parquet", ".jsonl", ".ndjson", ".json", ".xlsx", ".xls", ".xlsb", ".ods", ".gz", ".zip",
)  # fmt: skip
_REFRESH_S = 2.0


def main() -> None:
    """Draw the page."""
    here = visit()
    head(
        _("Datasets"), _("What models learn from: tables with a row per case, or pictures with a class each.")
    )
    is_empty = not list_datasets(here.box, here.who, limit=1).total
    _bring(here, compact=not is_empty)
    if is_empty:
        return
    search = search_box(key="q", placeholder=_("Search datasets"))
    importing = _is_importing(here, search)
    live(
        lambda: _list(here, search, importing), every_s=_REFRESH_S if importing else None, key="datasets-live"
    )


def _bring(here: Visit, *, compact: bool) -> None:
    """Draw the ways a table comes in."""
    folders = server_folders(here.box, here.who)
    if not folders:
        _upload(here, compact=compact)
        return
    mine, server = st.tabs([_("From this computer"), _("From a folder of the server")])
    with mine:
        _upload(here, compact=compact)
    with server:
        _from_server(here)


def _upload(here: Visit, *, compact: bool) -> None:
    arrivals = waiting(here.box, here.who)
    halves = [(a.upload.name, a.bytes_here, a.upload.bytes) for a in arrivals if not a.is_whole]
    hint = _(
        "A table: CSV, TSV, Excel, Parquet or JSON lines, also packed. Or pictures: a .zip with a folder for each "
        "class, or with a table of labels. Any size: a broken upload goes on."
    )
    arrived = uploader(
        key="uploader", owner=here.who.id, accept=ACCEPTED, unfinished=halves, compact=compact, hint=hint
    )
    if arrived.files:
        _take(here, arrived)
    known = {file.id for file in arrived.files}
    for arrival in arrivals:
        if arrival.is_whole and arrival.upload.id not in known:
            _offer(here, arrival)


def _take(here: Visit, arrived: Arrived) -> None:
    """Make datasets of files that have arrived; a single one is shown at once."""
    made = []
    for file in arrived.files:
        with guard():
            try:
                made.append(create_from_upload(here.box, here.who, file.id))
            except Conflict:
                continue  # another tab of the same person was faster
    if len(made) == 1 and arrived.is_alone:
        links.go("dataset", id=made[0].id)
    elif made:
        toast(n_("{n} dataset is being read", "{n} datasets are being read", len(made)))


def _offer(here: Visit, arrival: Arrival) -> None:
    """Draw a file that is whole on the server and became nothing yet: the page was closed too early."""
    upload = arrival.upload
    with card(f"arrival-{upload.id}"), st.container(
        horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"
    ):  # fmt: skip
        with st.container(gap=None, width="stretch"):
            st.markdown(f"**{plain(upload.name)}**")
            st.caption(_("{size}, uploaded whole, not read yet").format(size=amounts.size(upload.bytes)))
        with st.container(horizontal=True, width="content"):
            if st.button(_("Remove"), key=f"discard-{upload.id}"):
                discard(here.box, here.who, upload.id)
                st.rerun()
            if st.button(_("Make it a dataset"), key=f"take-{upload.id}"):
                links.go("dataset", id=create_from_upload(here.box, here.who, upload.id).id)


def _from_server(here: Visit) -> None:
    """Draw the folders of the server that its keeper has opened."""
    roots = {root.id: root.title for root in server_folders(here.box, here.who)}
    with card("server"):
        root = st.selectbox(_("Folder"), list(roots), format_func=lambda code: short(roots[code]), key="root")
        path = str(st.session_state.get(f"path-{root}", ""))
        if path and st.button(_("Up"), icon=":material/arrow_upward:", key="up", type="tertiary"):
            st.session_state[f"path-{root}"] = path.rpartition("/")[0]
            st.rerun()
        if path:
            st.caption(plain(f"{roots[root]}/{path}", 200))
        entries = browse(here.box, here.who, root, path)
        names = [entry.name for entry in entries]
        kinds = {entry.name: entry for entry in entries}
        chosen = st.selectbox(
            _("File"), names, index=None, key=f"entry-{root}-{path}", placeholder=_("Choose a file or a folder"),
            format_func=lambda name: f"{short(name)}/" if kinds[name].is_folder
            else f"{short(name)} · {amounts.size(kinds[name].bytes)}",
        )  # fmt: skip
        if chosen is None:
            return
        inside = f"{path}/{chosen}".lstrip("/")
        if kinds[chosen].is_folder:
            if st.button(_("Open this folder"), icon=":material/folder_open:", key="enter"):
                st.session_state[f"path-{root}"] = inside
                st.rerun()
            if not holds_pictures(here.box, here.who, root, inside):
                return
            if st.button(_("Make its pictures a dataset"), type="primary", key="take-folder"):
                links.go("dataset", id=create_from_folder(here.box, here.who, root, inside).id)
        elif st.button(_("Make it a dataset"), type="primary", key="take-file"):
            links.go("dataset", id=create_from_folder(here.box, here.who, root, inside).id)


def _is_importing(here: Visit, search: str) -> bool:
    page = list_datasets(here.box, here.who, search=search, limit=PAGE_ROWS, offset=page_offset(key="page"))
    return any(item.state == "importing" for item in page.items)


def _list(here: Visit, search: str, importing: bool) -> None:
    page = list_datasets(here.box, here.who, search=search, limit=PAGE_ROWS, offset=page_offset(key="page"))
    found_line(page.total, search)
    if not page.items:
        empty_search(search)
        return
    with rows("datasets"):
        for item in page.items:
            facts = facts_of(here.box, here.who, item.id)
            about = [plain(item.source_name, 60), amounts.size(item.bytes), amounts.ago(item.created_at)]
            with row(
                item.id, plain(item.name), to="dataset", params={"id": item.id}, caption=" · ".join(about),
                icon=":material/table_chart:" if facts is None else ":material/photo_library:",
            ):  # fmt: skip
                if item.state == "ready":
                    st.caption(_size(item, facts))
                else:
                    state_badge(item.state)
    pager(page.total, key="page")
    if importing and not any(item.state == "importing" for item in page.items):
        st.rerun()


def _size(item: Dataset, facts: PictureFacts | None) -> str:
    """Return how large a dataset is, in the words that fit what it holds."""
    if facts is None:
        rows_said = n_("{n:,} row", "{n:,} rows", item.rows or 0)
        return f"{rows_said} · {n_('{n:,} column', '{n:,} columns', item.columns or 0)}"
    pictures_said = n_("{n:,} picture", "{n:,} pictures", facts.pictures)
    return f"{pictures_said} · {n_('{n:,} class', '{n:,} classes', len(facts.classes))}"


main()
