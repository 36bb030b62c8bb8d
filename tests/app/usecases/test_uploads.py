from __future__ import annotations

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from app.settings import GIB, ServeSettings
from app.usecases import uploads
from app.usecases.accounts import Person
from app.usecases.refusals import Conflict, NotFound, TooLarge
from app.usecases.uploads import DiskFull, clean_name
from app.wiring import Appliance
from store import uploads as records
from store.clock import EvenClock
from store.folder import boot_id
from store.table import now

pytestmark = pytest.mark.slow


ANN = Person(id="ann", name="ann", display="Ann", role="member")
BOB = Person(id="bob", name="bob", display="Bob", role="admin")


def test_an_upload_is_its_owners_alone(box: Appliance) -> None:
    upload = uploads.begin(box, ANN, "a.csv", 5)
    assert uploads.find(box, ANN, upload.id).name == "a.csv"
    for who, place in ((BOB, upload.id), (ANN, "../../x"), (ANN, "0" * 16)):
        with pytest.raises(NotFound):
            uploads.find(box, who, place)


def test_the_file_on_disk_says_how_far_it_is(box: Appliance) -> None:
    upload = uploads.begin(box, ANN, "a.csv", 5)
    part = uploads.part_of(box.folder, upload)
    assert part.stat().st_mode & 0o077 == 0
    part.write_bytes(b"123")
    assert uploads.received(box, upload) == 3
    part.write_bytes(b"12345")
    done = uploads.finish(box, upload)
    assert done.finished_at is not None
    assert uploads.received(box, done) == 5
    assert uploads.whole_of(box.folder, upload).read_bytes() == b"12345"


def test_a_kill_between_the_last_byte_and_its_row_is_made_good(box: Appliance) -> None:
    upload = uploads.begin(box, ANN, "a.csv", 5)
    part = uploads.part_of(box.folder, upload)
    part.write_bytes(b"12345")
    part.rename(uploads.whole_of(box.folder, upload))
    assert uploads.received(box, upload) == 5
    assert uploads.find(box, ANN, upload.id).finished_at is not None


def test_a_file_that_was_removed_is_not_found(box: Appliance) -> None:
    upload = uploads.begin(box, ANN, "a.csv", 5)
    uploads.part_of(box.folder, upload).unlink()
    with pytest.raises(NotFound):
        uploads.received(box, upload)


def test_too_large_a_file_is_refused_at_once(box: Appliance) -> None:
    small = replace(box, serve=ServeSettings(max_upload_gib=0.001))
    with pytest.raises(TooLarge, match="1,073,741 bytes"):
        uploads.begin(small, ANN, "a.csv", 1 << 30)


def test_a_disk_without_room_is_refused_at_once(box: Appliance) -> None:
    vast = replace(box, serve=ServeSettings(max_upload_gib=1e9))
    with pytest.raises(DiskFull) as refused:
        uploads.begin(vast, ANN, "a.csv", 1 << 59)
    assert refused.value.status == 507


def test_nobody_has_endless_uploads(box: Appliance, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uploads, "_MOST_OPEN", 2)
    for _ in range(2):
        uploads.begin(box, ANN, "a.csv", 1)
    with pytest.raises(Conflict):
        uploads.begin(box, ANN, "a.csv", 1)
    assert uploads.begin(box, BOB, "a.csv", 1).user_id == "bob"


def test_giving_up_removes_the_bytes(box: Appliance) -> None:
    upload = uploads.begin(box, ANN, "a.csv", 1)
    uploads.discard(box, ANN, upload.id)
    assert list(box.folder.uploads.iterdir()) == []
    with pytest.raises(NotFound):
        uploads.discard(box, ANN, upload.id)


def test_what_became_a_dataset_cannot_be_given_up(box: Appliance) -> None:
    upload = uploads.begin(box, ANN, "a.csv", 0)
    with box.db.write() as tx:
        assert records.consume(tx, upload.id, now())
    with pytest.raises(Conflict):
        uploads.discard(box, ANN, upload.id)


def test_only_what_nobody_touched_for_days_is_forgotten(box: Appliance) -> None:
    fresh, old = (uploads.begin(box, ANN, name, 9) for name in ("fresh.csv", "old.csv"))
    long_ago = time.time() - 4 * 86_400
    with box.db.write() as tx:
        tx.execute("UPDATE uploads SET created_at = created_at - INTERVAL 4 DAY")
    os.utime(uploads.part_of(box.folder, old), (long_ago, long_ago))
    orphan, new_orphan = box.folder.uploads / "orphan.part", box.folder.uploads / "new.part"
    for path in (orphan, new_orphan):
        path.touch()
    os.utime(orphan, (long_ago, long_ago))
    assert uploads.forget_stale(box) == 2
    assert {path.name for path in box.folder.uploads.iterdir()} == {f"{fresh.id}.part", "new.part"}


def test_the_row_of_a_file_that_was_used_goes_days_later(box: Appliance) -> None:
    used, lately = (uploads.begin(box, ANN, name, 0) for name in ("used.csv", "lately.csv"))
    with box.db.write() as tx:
        for upload, age in ((used, timedelta(days=4)), (lately, timedelta(days=2))):
            tx.execute("UPDATE uploads SET finished_at = created_at WHERE id = ?", (upload.id,))
            records.consume(tx, upload.id, now() - age)
    assert uploads.forget_stale(box) == 1
    assert records.get(box.db, used.id) is None
    assert records.get(box.db, lately.id) is not None


def roomy(box: Appliance) -> tuple[Appliance, int]:
    """The box taking files of any size, and three fifths of the room on the disk, in bytes."""
    room = shutil.disk_usage(box.folder.uploads).free - uploads.RESERVE_BYTES
    return replace(box, serve=replace(box.serve, max_upload_gib=1e6)), int(room * 0.6)


def test_room_that_is_promised_to_others_is_not_promised_twice(box: Appliance) -> None:
    box, most = roomy(box)
    first = uploads.begin(box, ANN, "first.csv", most)
    with pytest.raises(DiskFull, match="uploads under way") as refused:
        uploads.begin(box, BOB, "second.csv", most)
    assert refused.value.status == 507
    assert f"{most / GIB:,.1f} GiB" in refused.value.message
    assert [one.id for one in records.unfinished(box.db)] == [first.id]
    assert len(list(box.folder.uploads.iterdir())) == 1
    uploads.begin(box, BOB, "small.csv", 1000)


def test_what_has_arrived_and_what_was_given_up_is_not_promised(box: Appliance) -> None:
    box, most = roomy(box)
    first = uploads.begin(box, ANN, "first.csv", most)
    os.truncate(uploads.part_of(box.folder, first), most)  # a file with a hole: all there, and no room taken
    second = uploads.begin(box, BOB, "second.csv", most)
    uploads.discard(box, BOB, second.id)
    third = uploads.begin(box, BOB, "third.csv", most)
    long_ago = time.time() - uploads.SENT_WITHIN.total_seconds() - 60
    os.utime(uploads.part_of(box.folder, third), (long_ago, long_ago))
    fourth = uploads.begin(box, ANN, "fourth.csv", most)
    assert [one.id for one in records.unfinished(box.db)] == [first.id, third.id, fourth.id]


def test_of_two_announced_at_once_one_gets_the_room(box: Appliance) -> None:
    box, most = roomy(box)

    def announce(who: Person) -> str:
        try:
            return uploads.begin(box, who, "a.csv", most).id
        except DiskFull:
            return ""

    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(announce, [ANN, BOB] * 8))
    assert len([one for one in made if one]) == 1


@pytest.mark.parametrize("days", [400, -400])
def test_a_clock_that_is_set_makes_no_upload_stale(box: Appliance, days: int) -> None:
    """RELIABILITY F48: one upload from before the step, one from after it."""
    before = uploads.begin(box, ANN, "before.csv", 5)
    step = timedelta(days=days)
    day, ticks = (now() + step).timestamp(), 1e3
    box.folder.clock.write_text(json.dumps({"boot_id": boot_id(), "ticks": ticks, "time": now().timestamp()}))
    shifted = replace(box, clock=EvenClock(box.folder.clock, time_of_day=lambda: day, ticks=lambda: ticks))
    after = uploads.begin(shifted, ANN, "after.csv", 5)
    with box.db.write() as tx:
        tx.execute("UPDATE uploads SET created_at = created_at + $1 WHERE id = $2", (step, after.id))
    os.utime(uploads.part_of(box.folder, after), (day, day))
    assert uploads.forget_stale(shifted) == 0
    assert {one.id for one in records.list_open(box.db, ANN.id)} == {before.id, after.id}


@pytest.mark.parametrize(
    ("name", "clean"),
    [
        ("table.csv", "table.csv"),
        ("../../etc/passwd", "passwd"),
        ("a\\b\\客户.csv", "客户.csv"),
        ("", "file"),
        ("...", "file"),
        ("a\nb\x00.csv", "a_b_.csv"),
        ("<img src=x>.csv", "<img src=x>.csv"),
    ],
)
def test_a_name_is_a_name_and_no_path(name: str, clean: str) -> None:
    assert clean_name(name) == clean


def test_a_long_name_keeps_its_ending() -> None:
    assert clean_name("x" * 10_000 + ".csv").endswith("x.csv")
    assert len(clean_name("x" * 10_000 + ".csv")) == 200
