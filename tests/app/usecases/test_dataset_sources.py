"""A dataset is made of a whole upload, once, or of a file below a folder that was offered; of nothing else."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.usecases import uploads
from app.usecases.dataset_sources import (
    browse,
    create_from_folder,
    create_from_upload,
    holds_pictures,
    safe_name,
    server_folders,
)
from app.usecases.refusals import Conflict, NotFound, Refusal, TooLarge
from app.wiring import Appliance
from engine.errors import BadCommand
from store import datasets, jobs
from store.identifiers import new_id
from store.uploads import Upload
from tests.app.usecases.walking import ADA, BOB, together

pytestmark = pytest.mark.slow


def arrived(box: Appliance, name: str = "data.csv", content: bytes = b"a,b\n1,2\n") -> Upload:
    begun = uploads.begin(box, ADA, name, len(content))
    uploads.part_of(box.folder, begun).write_bytes(content)
    return uploads.finish(box, begun)


def test_an_upload_becomes_a_dataset_and_its_import_is_queued(box: Appliance) -> None:
    upload = arrived(box, "销售 2024.csv.gz")
    made = create_from_upload(box, ADA, upload.id)
    assert (made.name, made.state, made.created_by) == ("销售 2024", "importing", ADA.id)
    source = box.folder.dataset(made.id) / "source"
    assert [path.name for path in source.iterdir()] == ["销售 2024.csv.gz"]
    assert not box.folder.upload(upload.id).exists()
    job = jobs.get(box.db, made.job_id or "")
    assert job is not None and (job.state, job.kind, job.title) == ("queued", "import_dataset", "销售 2024")
    assert job.arguments["input_bytes"] == 8


def test_an_upload_is_used_once_by_its_owner_when_it_is_whole(box: Appliance) -> None:
    upload = arrived(box)
    with pytest.raises(NotFound):
        create_from_upload(box, BOB, upload.id)
    half = uploads.begin(box, ADA, "half.csv", 100)
    with pytest.raises(Conflict, match="as a whole"):
        create_from_upload(box, ADA, half.id)
    before = datasets.count(box.db)
    raised = together(*[lambda: create_from_upload(box, ADA, upload.id)] * 4)
    assert sorted(type(error).__name__ for error in raised) == ["Conflict"] * 3 + ["NoneType"]
    assert datasets.count(box.db) == before + 1
    rows = {record.id for record in datasets.list(box.db)}
    assert {path.name for path in box.folder.datasets.iterdir()} == rows


@pytest.mark.parametrize("upload_id", [pytest.param(new_id(), id="unknown"), "../../x", ""])
def test_an_upload_that_is_not_there_is_not_found(box: Appliance, upload_id: str) -> None:
    with pytest.raises(NotFound):
        create_from_upload(box, ADA, upload_id)


def test_a_bad_name_or_too_large_a_file_changes_nothing(box: Appliance) -> None:
    upload = arrived(box)
    for name in ("", "x" * 10_000, "a\x00b", "a\nb"):
        with pytest.raises(Refusal):
            create_from_upload(box, ADA, upload.id, name=name)
    small = replace(box, serve=replace(box.serve, max_upload_gib=1e-9))
    with pytest.raises(TooLarge):
        create_from_upload(small, ADA, upload.id)
    assert box.folder.upload(upload.id).exists()
    assert create_from_upload(box, ADA, upload.id, name=" <b>Sales</b> ").name == "<b>Sales</b>"


@pytest.fixture
def offering(box: Appliance, tmp_path: Path) -> Appliance:
    root = tmp_path / "offered"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "data.csv").write_text("a,b\n1,2\n")
    return replace(box, serve=replace(box.serve, data_roots=(str(root),)))


def test_no_folder_is_offered_unless_it_is_named(box: Appliance, offering: Appliance) -> None:
    assert server_folders(box, ADA) == ()
    with pytest.raises(NotFound):
        browse(box, ADA, "0")
    assert [root.id for root in server_folders(offering, ADA)] == ["0"]
    assert [entry.name for entry in browse(offering, ADA, "0", "sub")] == ["data.csv"]


def test_a_file_of_this_machine_becomes_a_dataset(offering: Appliance) -> None:
    made = create_from_folder(offering, ADA, "0", "sub/data.csv")
    assert (made.name, made.state, made.bytes) == ("data", "importing", 8)
    job = jobs.get(offering.db, made.job_id or "")
    assert job is not None and job.arguments["copy_path"] == "sub/data.csv"


def test_a_folder_of_pictures_becomes_one_and_no_other_folder(offering: Appliance) -> None:
    root = Path(offering.serve.data_roots[0])
    for name in ("cat/1.png", "dog/2.png", "dog/notes.txt"):
        (root / "pets" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "pets" / name).write_bytes(b"12345")
    assert holds_pictures(offering, ADA, "0", "pets")
    assert not holds_pictures(offering, ADA, "0", "sub") and not holds_pictures(
        offering, ADA, "0", "sub/data.csv"
    )
    made = create_from_folder(offering, ADA, "0", "pets")
    assert (made.name, made.source_name, made.bytes) == ("pets", "pets.zip", 15)
    job = jobs.get(offering.db, made.job_id or "")
    assert (
        job is not None and job.arguments["copy_path"] == "pets" and job.arguments["copy_name"] == "pets.zip"
    )
    small = replace(offering, serve=replace(offering.serve, max_upload_gib=14 / 2**30))
    with pytest.raises(TooLarge):
        create_from_folder(small, ADA, "0", "pets")
    with pytest.raises(BadCommand):
        holds_pictures(offering, ADA, "0", "../offered/pets")


@pytest.mark.parametrize("root_id", ["1", "-1", "x", "", "²"])
def test_another_root_is_not_found(offering: Appliance, root_id: str) -> None:
    with pytest.raises(NotFound):
        create_from_folder(offering, ADA, root_id, "sub/data.csv")


def test_a_path_that_climbs_is_refused(offering: Appliance) -> None:
    for path in ("../offered/sub/data.csv", "/etc/passwd", "sub"):
        with pytest.raises(BadCommand):
            create_from_folder(offering, ADA, "0", path)


@given(st.text(max_size=400))
def test_any_name_becomes_one_that_every_disk_takes(name: str) -> None:
    safe = safe_name(name)
    assert safe and len(safe.encode("utf-8", "surrogatepass")) <= 130
    assert (
        "/" not in safe and "\0" not in safe and safe not in (".", "..") and not safe.startswith((".", "~"))
    )
    assert safe_name(safe) == safe
