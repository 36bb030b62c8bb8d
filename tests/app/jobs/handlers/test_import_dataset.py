"""A dataset's file becomes rows, a profile and a preview, or one clear sentence; users' files stay in the worker."""

from __future__ import annotations

import gzip
import hashlib
import json
import zipfile
from pathlib import Path

import pytest
from sklearn.datasets import load_iris

from engine.files import read_json
from engine.specs.codec import from_json
from engine.specs.profile import Profile
from store import datasets
from store.datasets import Dataset
from store.identifiers import new_id
from store.jobs import JobRecord
from store.table import now
from tests.app.jobs.conftest import Bench
from tests.engine.modalities.image.samples import encoded, noise

pytestmark = pytest.mark.slow

PNG = encoded(noise(8, 8))
IRIS = load_iris(as_frame=True).frame.to_csv(index=False).encode()


def submit(bench: Bench, name: str, content: bytes, **arguments: object) -> JobRecord:
    """Put a file where an upload would be and ask for its import."""
    dataset_id = new_id()
    source = bench.folder.dataset(dataset_id) / "source"
    if "copy_path" not in arguments:
        source.mkdir(parents=True)
        (source / name).write_bytes(content)
    record = Dataset(
        id=dataset_id,
        name=name,
        state="importing",
        source_name=name,
        bytes=len(content),
        created_by="wang",
        created_at=now(),
    )
    with bench.db.write() as tx:
        datasets.add(tx, record)
    told = {"dataset_id": dataset_id, "max_bytes": 1 << 30, "input_bytes": len(content), **arguments}
    return bench.submit("import_dataset", f"dataset:{dataset_id}", **told)


def dataset_of(bench: Bench, job: JobRecord) -> Dataset:
    found = datasets.get(bench.db, job.subject.partition(":")[2])
    assert found is not None
    return found


def zipped(path: Path, *entries: tuple[str, bytes]) -> bytes:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in entries:
            archive.writestr(name, content)
    return path.read_bytes()


def test_a_table_is_read_described_and_shown(bench: Bench) -> None:
    content = IRIS + b"not,enough\n"
    job = bench.until_state(submit(bench, "iris.csv", content), "succeeded", "failed")
    assert job.state == "succeeded", job
    found = dataset_of(bench, job)
    assert (found.state, found.rows, found.columns, found.rejected) == ("ready", 150, 5, 1)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    folder = bench.folder.dataset(found.id)
    profile = from_json(Profile, read_json(folder / "profile.json"))
    assert profile.rows == 150 and all(column.target_link is None for column in profile.columns)
    preview = read_json(folder / "preview.json")
    assert preview["columns"][0] == "sepal length (cm)" and preview["rows"][0][:2] == [5.1, 3.5]
    assert len(preview["rows"]) == 150
    assert "not,enough" in (folder / "dataset" / "rejects.csv").read_text()
    notes = [event.event.get("note") for event in bench.events(job) if event.kind == "progress"]
    assert notes[0] == "Reading the file"
    assert not (bench.folder.job(job.id) / "tmp").exists()


def test_a_packed_table_is_read(bench: Bench, tmp_path: Path) -> None:
    jobs = [
        submit(bench, "iris.csv.gz", gzip.compress(IRIS)),
        submit(
            bench, "iris.zip", zipped(tmp_path / "a.zip", ("data/iris.csv", IRIS), ("README.md", b"About."))
        ),
    ]
    for job in jobs:
        assert bench.until_state(job, "succeeded", "failed").state == "succeeded"
        assert dataset_of(bench, job).rows == 150


def test_pictures_are_read_described_and_shown(bench: Bench, tmp_path: Path) -> None:
    entries = [(f"{'ab'[i % 2]}/{i:02d}.png", encoded(noise(8, 8, i))) for i in range(20)]
    content = zipped(tmp_path / "set.zip", *entries, ("a/drawing.svg", b"<svg/>"))
    job = bench.until_state(submit(bench, "set.zip", content), "succeeded", "failed")
    assert job.state == "succeeded", job
    found = dataset_of(bench, job)
    assert (found.state, found.rows, found.rejected) == ("ready", 20, 1)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    folder = bench.folder.dataset(found.id)
    assert from_json(Profile, read_json(folder / "profile.json")).by_name["label"].distinct == 2
    preview = read_json(folder / "preview.json")
    assert "image" not in preview["columns"] and preview["rows"][0][:2] == ["a", "a/00.png"]


@pytest.mark.parametrize(
    "kind", ["climb", "bomb", "gzip bomb", "two", "image", "empty", "quota", "pictures climb", "picture bomb"]
)
def test_a_bad_file_is_one_clear_sentence(bench: Bench, tmp_path: Path, kind: str) -> None:
    path = tmp_path / "a.zip"
    big = b"a,b\n" + b"0,0\n" * (40 << 20)
    name, content, words = {
        "climb": lambda: ("a.zip", zipped(path, ("../iris.csv", IRIS)), "not safe"),
        "bomb": lambda: ("a.zip", zipped(path, ("iris.csv", big)), "unpacks to more"),
        "gzip bomb": lambda: ("a.csv.gz", gzip.compress(big), "unpacks to more"),
        "two": lambda: ("a.zip", zipped(path, ("a.csv", IRIS), ("b.csv", IRIS)), "exactly one table"),
        "image": lambda: ("a.csv", b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "PNG image"),
        "empty": lambda: ("a.csv", b"", "is empty"),
        "quota": lambda: ("a.zip", zipped(path, ("a.csv", IRIS)), "at most 1,000 bytes"),
        "pictures climb": lambda: (
            "a.zip",
            zipped(path, ("../iris.csv", b""), ("a.png", PNG), ("b.png", PNG)),
            "not safe",
        ),
        "picture bomb": lambda: ("a.zip", zipped(path, ("a.png", PNG + bytes(200 << 20))), "unpacks to more"),
    }[kind]()
    arguments = {"max_bytes": 1000} if kind == "quota" else {}
    job = bench.until_state(submit(bench, name, content, **arguments), "succeeded", "failed", "lost")
    assert (job.state, job.error_class) == ("failed", "USER"), job.message
    assert words in job.message and job.remedy
    assert "/" not in job.message.replace("../iris.csv", "")
    found = dataset_of(bench, job)
    assert found.state == "failed" and found.message == job.message
    assert not (bench.folder.dataset(found.id) / "dataset").exists()
    assert not list(tmp_path.glob("iris.csv"))


def test_a_cancelled_import_is_a_failed_dataset_that_can_be_tried_again(bench: Bench) -> None:
    job = submit(bench, "iris.csv", IRIS)
    bench.supervisor.cancel(job.id)
    assert dataset_of(bench, job).state == "failed" and "cancelled" in dataset_of(bench, job).message
    bench.supervisor.retry(job.id)
    bench.until_state(job, "succeeded")
    assert dataset_of(bench, job).state == "ready" and dataset_of(bench, job).message is None


def test_a_file_of_this_machine_is_copied_first(bench: Bench, tmp_path: Path) -> None:
    root = tmp_path / "root"
    (root / "sub").mkdir(parents=True)
    (root / "sub" / "iris.csv").write_bytes(IRIS)
    copy = {"copy_root": str(root), "copy_path": "sub/iris.csv", "copy_name": "iris.csv"}
    job = submit(bench, "iris.csv", IRIS, **copy)
    assert bench.until_state(job, "succeeded", "failed").state == "succeeded"
    (root / "sub" / "iris.csv").write_bytes(b"changed")
    held = bench.folder.dataset(dataset_of(bench, job).id) / "source" / "iris.csv"
    assert held.read_bytes() == IRIS
    outside = submit(bench, "iris.csv", IRIS, **{**copy, "copy_path": "../iris.csv"})
    assert bench.until_state(outside, "failed").error_class == "USER"
    larger = submit(bench, "iris.csv", IRIS, **{**copy, "copy_path": "sub/iris.csv"}, max_bytes=3)
    failed = bench.until_state(larger, "failed")
    assert "larger than" in failed.message
    assert json.dumps(failed.message)


def test_a_folder_of_pictures_of_this_machine_becomes_one_archive(bench: Bench, tmp_path: Path) -> None:
    for i in range(20):
        path = tmp_path / "root" / "pets" / "ab"[i % 2] / f"{i:02d}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(encoded(noise(8, 8, i)))
    copy = {"copy_root": str(tmp_path / "root"), "copy_path": "pets", "copy_name": "pets.zip"}
    job = bench.until_state(submit(bench, "pets.zip", b"", **copy), "succeeded", "failed")
    assert job.state == "succeeded", job
    found = dataset_of(bench, job)
    held = bench.folder.dataset(found.id) / "source" / "pets.zip"
    assert (found.rows, found.sha256) == (20, hashlib.sha256(held.read_bytes()).hexdigest())
    failed = bench.until_state(submit(bench, "pets.zip", b"", **copy, max_bytes=100), "failed", "succeeded")
    assert failed.error_class == "USER" and "holds more than a dataset may" in failed.message


def test_a_worker_that_reads_strangers_files_is_bounded(bench: Bench) -> None:
    hungry = bench.until_state(bench.submit("greedy", "thing:1", what="memory"), "failed", "succeeded")
    assert hungry.error_class == "RESOURCE" and "memory" in hungry.message
    large = bench.until_state(bench.submit("greedy", "thing:2", what="disk"), "failed", "succeeded")
    assert large.error_class == "RESOURCE" and "larger file" in large.message
