"""Resumable uploads: files go from the browser straight to the server's disk, whatever happens in between.

The queue lives in the browser's page and not in this script: it goes on while the person walks to other pages, and is
drawn again when they come back. After a reload, a dropped line or a restart of the server, choosing the same file
again goes on where it stopped.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from app.ui.language import _

_FOLDER = Path(__file__).with_name("browser")
_component = st.components.v2.component(
    "aimass_uploader",
    html=(_FOLDER / "uploader.html").read_text(encoding="utf-8"),
    css=(_FOLDER / "uploader.css").read_text(encoding="utf-8"),
    js=(_FOLDER / "uploader.js").read_text(encoding="utf-8"),
)
CHUNK_BYTES = 16 << 20


@dataclass(frozen=True, kw_only=True)
class Uploaded:
    """A file that has arrived whole.   id: of the upload.   name: as the browser calls it."""

    id: str
    name: str


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """Files that have arrived since the last run.   is_alone: it is the only one that was chosen."""

    files: tuple[Uploaded, ...] = ()
    is_alone: bool = False

    def __iter__(self) -> Iterator[Uploaded]:
        return iter(self.files)


def uploader(
    *,
    key: str,
    owner: str,
    purpose: str = "dataset",
    accept: Sequence[str] = (),
    unfinished: Sequence[tuple[str, int, int]] = (),
    compact: bool = False,
    hint: str = "",
) -> Arrived:
    """Draw the place to drop files, with the progress of each, and return what has arrived since the last run.

    A file is returned once; what is on the server and was never used is found with the use cases of uploads.

    Args:    owner: id of the person: another one at the same browser never goes on with their files.
             purpose: keeps queues apart ("dataset", "rows-<service>").   accept: endings offered (".csv").
             compact: one low line, where something else is what the page is about.
             hint: what may be dropped; of tables when not given.
             unfinished: (name, bytes there, bytes in all) of uploads that wait for the rest, from the server.
    """
    state = _component(
        key=key,
        data={
            "endpoint": "/uploads",
            "library": "/assets/vendor/tus/tus.min.js",
            "chunk": CHUNK_BYTES,
            "owner": owner,
            "purpose": purpose,
            "accept": ",".join(accept),
            "compact": compact,
            "unfinished": [list(item) for item in unfinished],
            "words": {**_words(), **({"hint": hint} if hint else {})},
        },
        on_done_change=lambda: None,
    )
    done = state.get("done") or {}
    files = tuple(Uploaded(id=str(item["id"]), name=str(item["name"])) for item in done.get("files", ()))
    return Arrived(files=files, is_alone=bool(done.get("alone")))


def _words() -> Mapping[str, str]:
    """Return what the uploader says, in the reader's language; {…} is filled in by the browser."""
    return {
        "drop": _("Drop files here"),
        "choose": _("Choose files"),
        "hint": _(
            "CSV, TSV, Excel, Parquet or JSON lines, also inside .zip or .gz. Any size: a broken upload goes on."
        ),
        "waiting": _("waiting"),
        "left": _("{time} left"),
        "speed": _("{size}/s"),
        "done": _("arrived"),
        "stopped": _("The line is down. It goes on by itself."),
        "unreachable": _("The server cannot be reached. Try again when the line is back."),
        "failed": _("Not uploaded: {why}"),
        "refused": _("The server does not take this file."),
        "too_large": _("This file is larger than this machine takes."),
        "full": _("The disk of the server is full."),
        "signed_out": _(
            "You are signed out. Sign in and choose the file again: it goes on where it stopped."
        ),
        "resume": _("“{name}” stopped at {share}. Choose it again to go on."),
        "remove": _("Remove {name}"),
        "retry": _("Try again"),
        "library": _("The uploader could not be loaded. Reload the page."),
    }
