"""What lies in the folder is served, once it has proven itself; what breaks takes nothing down."""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from app.inference.refused import Refused
from app.inference.repository import Repository, read_wish
from tests.planes import ServicesFolder


class Served:
    """A folder and the repository that reads it."""

    def __init__(self, root: Path) -> None:
        self.folder = ServicesFolder(root)
        self.lines: list[str] = []
        self.repository = Repository(self.folder.folder, self.lines.append)

    def version(self, name: str = "demo") -> str | None:
        self.repository.refresh()
        loaded = self.repository.entry(name).loaded
        return loaded.version if loaded else None


@pytest.fixture
def served(tmp_path: Path) -> Served:
    return Served(tmp_path)


def test_versions_follow_the_file(served: Served, small_model: bytes, small_regressor: bytes) -> None:
    assert not served.repository.is_ready
    served.folder.put("demo", "1", small_model)
    assert served.version() == "1" and served.repository.is_ready
    first = served.repository.loaded("demo")
    assert served.version() == "1" and served.repository.loaded("demo") is first
    served.folder.put("demo", "2", small_regressor)
    assert served.version() == "2"
    served.folder.set_live("demo", "1")
    assert served.version() == "1"
    served.folder.set_live("demo", None)
    assert served.version() is None and served.repository.is_ready
    (served.folder.folder / "demo" / "service.json").unlink()
    served.repository.refresh()
    with pytest.raises(Refused, match="no model 'demo'"):
        served.repository.entry("demo")


@pytest.mark.parametrize("damage", ["truncated", "other bytes", "no model", "missing", "wrong sha"])
def test_a_broken_version_leaves_the_old_one(served: Served, small_model: bytes, damage: str) -> None:
    served.folder.put("demo", "1", small_model)
    assert served.version() == "1"
    content = {
        "truncated": small_model[:-1],
        "other bytes": small_model.replace(b"Softmax", b"Sofmaxx", 1),
        "no model": b"nothing",
    }.get(damage, small_model)
    path = served.folder.put("demo", "2", content, sha256="0" * 64 if damage == "wrong sha" else "")
    if damage == "missing":
        path.unlink()
    assert served.version() == "1"
    entry = served.repository.entry("demo")
    assert "Version 2 could not be loaded" in entry.reason and served.repository.is_degraded
    assert served.repository.is_ready
    told = len(served.lines)
    assert served.version() == "1" and len(served.lines) == told
    served.folder.put("demo", "2", small_model)
    assert served.version() == "2" and entry.reason == ""


def test_after_a_restart_the_version_before_stands_in(served: Served, small_model: bytes) -> None:
    served.folder.put("demo", "1", small_model)
    served.folder.put("demo", "2", small_model[:-1])
    assert served.version() == "1" and served.repository.is_degraded


def test_a_service_that_never_answered_is_not_ready(served: Served) -> None:
    served.folder.put("demo", "1", b"nothing")
    assert served.version() is None and not served.repository.is_ready
    with pytest.raises(Refused) as caught:
        served.repository.loaded("demo")
    assert caught.value.status == 404


def test_unloading_lasts_until_it_is_loaded_or_deployed(served: Served, small_model: bytes) -> None:
    served.folder.put("demo", "1", small_model)
    assert served.version() == "1"
    for _ in range(2):
        served.repository.unload("demo")
        assert served.version() is None and served.repository.is_ready
    served.repository.load("demo")
    assert served.version() == "1"
    served.repository.unload("demo")
    served.folder.put("demo", "2", small_model)
    assert served.version() == "2"
    served.folder.set_live("demo", None)
    served.repository.refresh()
    with pytest.raises(Refused, match="stopped"):
        served.repository.load("demo")


@pytest.mark.parametrize("name", ["stats", "Demo", ".hidden", "a b", "-a", "a" * 64])
def test_folders_of_other_names_are_no_services(served: Served, small_model: bytes, name: str) -> None:
    served.folder.put(name, "1", small_model)
    served.repository.refresh()
    assert served.repository.entries == {}


@pytest.mark.parametrize(
    "facts",
    [
        {},
        [],
        {"live": None, "versions": []},
        {"live": "1", "versions": {}},
        {"live": "1", "versions": {"1": {"file": "../../secret", "sha256": ""}}},
        {"live": "1", "versions": {"1": {"file": "/etc/passwd", "sha256": ""}}},
        {"live": "1", "versions": {"1": {"file": "versions/1/../model.onnx", "sha256": ""}}},
        {"live": "x", "versions": {"x": {"file": "versions/1/model.onnx", "sha256": ""}}},
    ],
)
def test_a_wish_that_cannot_be_read_changes_nothing(served: Served, small_model: bytes, facts: Any) -> None:
    served.folder.put("demo", "1", small_model)
    assert served.version() == "1"
    file = served.folder.folder / "demo" / "service.json"
    file.write_text(json.dumps(facts))
    with pytest.raises((ValueError, KeyError, TypeError, AttributeError)):
        read_wish(file)
    assert served.version() == "1"
    assert "cannot be read" in served.lines[-1]


def test_what_a_plane_needs_not_is_not_loaded(small_model: bytes, tmp_path: Path, repository: Path) -> None:
    """A model is loaded, proven and asked without Arrow, DuckDB and pandas: 90 MiB that each plane would hold."""
    model = tmp_path / "model.onnx"
    model.write_bytes(small_model)
    program = (
        "import sys, app.inference.process\n"
        "from pathlib import Path\n"
        "from app.inference.repository import load_version\n"
        "from engine.serving.answers_csv import answers_csv\n"
        "from engine.serving.explain import explain\n"
        "from engine.serving.table_rows import json_feeds\n"
        "model = load_version('1', Path(sys.argv[1]), sys.argv[2]).model\n"
        "feeds = json_feeds([dict.fromkeys(model.inputs)], model)\n"
        "answer = model.answer_feeds(feeds)\n"
        "explain(model, feeds, answer, 0), answers_csv(model, answer)\n"
        "print(*sorted({'pyarrow', 'duckdb', 'pandas', 'onnx'} & sys.modules.keys()))"
    )
    asked = [sys.executable, "-c", program, str(model), hashlib.sha256(small_model).hexdigest()]
    result = subprocess.run(asked, cwd=repository, capture_output=True, text=True, check=False)
    assert (result.returncode, result.stdout.split()) == (0, []), result.stderr
