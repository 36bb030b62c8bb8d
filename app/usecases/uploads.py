"""Take files in: announced with their size, received piece by piece, whole or discarded; no bytes pass memory."""

from __future__ import annotations

import logging
import os
import shutil
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path

from app.settings import GIB
from app.usecases.person import Person
from app.usecases.refusals import Conflict, NotFound, Refusal, TooLarge
from app.wiring import Appliance
from engine.words import words
from store import uploads
from store.folder import PRIVATE_FILE, DataFolder
from store.identifiers import is_id, new_id
from store.table import Reads, now
from store.uploads import Upload

log = logging.getLogger(__name__)

#: Left free for everything else the box has to write down.
RESERVE_BYTES = 1 << 30
#: What nobody has sent to or used for so long is removed.
FORGOTTEN_AFTER = timedelta(days=3)
#: An upload under way has got bytes within this time.
SENT_WITHIN = timedelta(hours=1)
_MOST_OPEN = 200
_LONGEST_NAME = 200
_LONGEST_SUFFIX = 20
_ORPHAN_SECONDS = 3600.0


class DiskFull(Refusal):
    """There is no room for the file; what came before is kept."""

    status = 507
    code = "disk_full"


def begin(box: Appliance, who: Person, name: str, size: int) -> Upload:
    """Announce a file and make room for it in the books.   name: as the person calls it.   size: bytes.

    Raises: TooLarge; DiskFull, also when the room that is left is promised to other uploads; Conflict when the person
        has too many unfinished ones.
    """
    if size > box.serve.max_upload_bytes:
        raise TooLarge(
            words(
                "The file is too large. Expected: at most {most:,} bytes. Received: {size:,} bytes.",
                most=box.serve.max_upload_bytes,
                size=size,
            ),
            remedy=words("Send a smaller file, or ask an administrator to raise AIMASS_MAX_UPLOAD_GIB."),
        )
    upload = Upload(id=new_id(), user_id=who.id, name=clean_name(name), bytes=size, created_at=now())
    with box.db.write() as tx:  # of two that are announced at once, the second sees the first
        if len(uploads.list_open(tx, who.id)) >= _MOST_OPEN:
            raise Conflict(
                words("{count} of your uploads are waiting already.", count=_MOST_OPEN),
                remedy=words("Use or discard some of them first."),
            )
        _refuse_without_room(box, tx, size)
        part_of(box.folder, upload).touch(mode=PRIVATE_FILE)
        uploads.add(tx, upload)
    return finish(box, upload) if size == 0 else upload


def _refuse_without_room(box: Appliance, tx: Reads, size: int) -> None:
    """Let a file pass for which there is room beside what others have announced and are still sending."""
    free = shutil.disk_usage(box.folder.uploads).free - RESERVE_BYTES
    if free < size:
        raise disk_full()
    promised = sum(_to_come(box, upload) for upload in uploads.unfinished(tx))
    if free < size + promised:
        raise DiskFull(
            words(
                "The server's disk has no room for this file beside the uploads under way, which still need "
                "{promised:,.1f} GiB of the {free:,.1f} GiB that are free.",
                promised=promised / GIB,
                free=free / GIB,
            ),
            remedy=words("Wait until they have arrived, or make room on the disk, then send the file again."),
        )


def _to_come(box: Appliance, upload: Upload) -> int:
    """Return how many bytes of an upload are on their way; none of one that nobody has sent to for an hour.

    It may be gone on with for days, but until then it holds nobody else up.
    """
    part = part_of(box.folder, upload)
    try:
        here = part.stat().st_size
    except OSError:
        return 0
    is_sent = _age_s(part, box.clock.earliest()) < SENT_WITHIN.total_seconds()
    return max(0, upload.bytes - here) if is_sent else 0


def find(box: Appliance, who: Person, upload_id: str) -> Upload:
    """Return one of the caller's own uploads.   Raises: NotFound, for those of others too."""
    upload = uploads.get(box.db, upload_id) if is_id(upload_id) else None
    if upload is None or upload.user_id != who.id:
        raise NotFound(words("There is no such upload."), remedy=words("Send the file again."))
    return upload


def received(box: Appliance, upload: Upload) -> int:
    """Return how many bytes are here: the size of the file itself, so a kill loses nothing that was acknowledged.

    A kill between the last byte and its row is made good here.   Raises: NotFound when the file was removed.
    """
    if upload.finished_at is not None:
        return upload.bytes
    if whole_of(box.folder, upload).exists():
        return finish(box, upload).bytes
    try:
        return part_of(box.folder, upload).stat().st_size
    except FileNotFoundError:
        raise NotFound(words("There is no such upload."), remedy=words("Send the file again.")) from None


def finish(box: Appliance, upload: Upload) -> Upload:
    """Give a file that is all here its final name, then write it down."""
    part, whole = part_of(box.folder, upload), whole_of(box.folder, upload)
    if part.exists():
        part.replace(whole)
        descriptor = os.open(whole.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    with box.db.write() as tx:
        uploads.finish(tx, upload.id, now())
    return uploads.get(box.db, upload.id) or upload


def discard(box: Appliance, who: Person, upload_id: str) -> None:
    """Remove an upload and its bytes.   Raises: NotFound, Conflict once something was made of it."""
    upload = find(box, who, upload_id)
    if upload.consumed_at is not None:
        raise Conflict(
            words("The file has become a dataset already."), remedy=words("Delete the dataset instead.")
        )
    _remove(box, upload)


def forget_stale(box: Appliance) -> int:
    """Remove uploads that nobody touched for three days, the rows of those used before, and files without a row.

    Returns: how many of all.
    """
    moment = box.clock.earliest()
    used = uploads.used(box.db, moment - FORGOTTEN_AFTER)
    count = len(used)
    if used:
        with box.db.write() as tx:
            for upload_id in used:
                uploads.remove(tx, upload_id)
    for upload in uploads.stale(box.db, moment - FORGOTTEN_AFTER):
        if _age_s(part_of(box.folder, upload), moment) > FORGOTTEN_AFTER.total_seconds():
            _remove(box, upload)
            count += 1
    for path in box.folder.uploads.iterdir():
        known = uploads.get(box.db, path.name.removesuffix(".part"))
        if known is None and path.is_file() and _age_s(path, moment) > _ORPHAN_SECONDS:
            path.unlink(missing_ok=True)
            count += 1
    return count


def clean_name(name: str) -> str:
    """Return a file's own name as it may be shown and kept: no folder, no control characters, at most 200 letters.

    >>> clean_name("../../etc/passwd"), clean_name("C:\\\\data\\\\客户.csv"), clean_name("..")
    ('passwd', '客户.csv', 'file')
    """
    last = unicodedata.normalize("NFC", name).replace("\\", "/").rstrip("/").rpartition("/")[2]
    kept = "".join(sign if sign.isprintable() else "_" for sign in last).strip()
    if kept.strip(". ") == "":
        return "file"
    if len(kept) > _LONGEST_NAME:
        suffix = Path(kept).suffix[:_LONGEST_SUFFIX]
        kept = kept[: _LONGEST_NAME - len(suffix)] + suffix
    return kept


def part_of(folder: DataFolder, upload: Upload) -> Path:
    """Return where an upload's bytes are while they come in."""
    return folder.uploads / f"{upload.id}.part"


def whole_of(folder: DataFolder, upload: Upload) -> Path:
    """Return where the whole file is."""
    return folder.uploads / upload.id


def disk_full() -> DiskFull:
    """Return the refusal of a disk without room."""
    return DiskFull(
        words("The server's disk has no room for this file."),
        remedy=words("Make room on it, then go on with the same file: what has arrived is kept."),
    )


def _remove(box: Appliance, upload: Upload) -> None:
    with box.db.write() as tx:
        uploads.remove(tx, upload.id)
    for path in (part_of(box.folder, upload), whole_of(box.folder, upload)):
        path.unlink(missing_ok=True)


def _age_s(path: Path, moment: datetime) -> float:
    """Seconds between a file's last writing and a moment; endless when it is not there."""
    try:
        return moment.timestamp() - path.stat().st_mtime
    except OSError:
        return float("inf")
