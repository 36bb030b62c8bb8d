from __future__ import annotations

from app.usecases import uploads
from app.usecases.arrivals import waiting
from app.wiring import Appliance
from tests.app.usecases.walking import ADA, BOB


def test_half_and_whole_files_wait_for_their_owner(box: Appliance) -> None:
    half = uploads.begin(box, ADA, "half.csv", 100)
    uploads.part_of(box.folder, half).write_bytes(b"x" * 40)
    whole = uploads.begin(box, ADA, "whole.csv", 3)
    uploads.part_of(box.folder, whole).write_bytes(b"a\n1")
    uploads.finish(box, whole)

    found = {arrival.upload.name: (arrival.bytes_here, arrival.is_whole) for arrival in waiting(box, ADA)}

    assert found == {"half.csv": (40, False), "whole.csv": (3, True)}
    assert waiting(box, BOB) == ()


def test_a_file_that_is_gone_waits_for_nobody(box: Appliance) -> None:
    upload = uploads.begin(box, ADA, "gone.csv", 100)
    uploads.part_of(box.folder, upload).unlink()

    assert waiting(box, ADA) == ()
