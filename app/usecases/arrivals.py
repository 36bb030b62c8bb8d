"""Files a person has sent and that nothing has become of yet: half there after a broken line, or whole and waiting."""

from __future__ import annotations

from dataclasses import dataclass

from app.usecases.person import Person
from app.usecases.refusals import NotFound
from app.usecases.uploads import received
from app.wiring import Appliance
from store import uploads
from store.uploads import Upload


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """One upload on the server.   bytes_here: of `upload.bytes`; all of them once it is whole."""

    upload: Upload
    bytes_here: int

    @property
    def is_whole(self) -> bool:
        return self.bytes_here >= self.upload.bytes


def waiting(box: Appliance, who: Person) -> tuple[Arrival, ...]:
    """Return the caller's own uploads that nobody has used, newest first; those whose file is gone are left out."""
    found = []
    for upload in uploads.list_open(box.db, who.id):
        try:
            found.append(Arrival(upload=upload, bytes_here=received(box, upload)))
        except NotFound:
            continue
    return tuple(found)
