"""What the services folder is made of: the order of rolling back, the fields of a file, what is kept and what goes."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from app.usecases.service_files import deployed_versions, fields_of, mirror_keys, read_stats
from app.wiring import Appliance
from engine.errors import BadModel
from engine.serving.fields import input_fields
from engine.serving.model import ServedModel
from store.services import Action, Deployment
from store.table import now


def history(*actions: tuple[Action, int]) -> tuple[Deployment, ...]:
    made = [
        Deployment(service="s", sequence=number, version=version, at=now(), by="u", action=action)
        for number, (action, version) in enumerate(actions, start=1)
    ]
    return tuple(reversed(made))


@pytest.mark.parametrize(
    ("actions", "stack"),
    [
        ([], []),
        ([("deploy", 1)], [1]),
        ([("deploy", 1), ("deploy", 2), ("stop", 2), ("start", 2)], [1, 2]),
        ([("deploy", 1), ("deploy", 2), ("roll_back", 1)], [1]),
        ([("deploy", 1), ("deploy", 2), ("deploy", 3), ("roll_back", 1)], [1]),
        ([("deploy", 1), ("deploy", 2), ("deploy", 1)], [1, 2, 1]),
        ([("deploy", 1), ("stop", 1), ("deploy", 1)], [1]),
        ([("deploy", 1), ("deploy", 2), ("roll_back", 1), ("deploy", 3)], [1, 3]),
    ],
)
def test_rolling_back_pops_what_was_deployed(actions: list[tuple[Action, int]], stack: list[int]) -> None:
    assert deployed_versions(history(*actions)) == stack


def test_fields_are_read_without_opening_the_model(tmp_path: Path, small_model: bytes) -> None:
    path = tmp_path / "model.onnx"
    path.write_bytes(small_model)
    assert fields_of(path) == input_fields(ServedModel.open(path).metadata)
    path.write_bytes(b"nothing of the kind")
    with pytest.raises(BadModel):
        fields_of(path)


def test_the_plane_is_told_the_hash_of_the_portals_key_and_nothing_more(box: Appliance) -> None:
    mirror_keys(box)
    path = box.folder.services / "keys.json"
    told = json.loads(path.read_text())
    assert told["portal"] == hashlib.sha256(box.plane_key.encode()).hexdigest()
    assert box.plane_key not in path.read_text() and box.plane_key not in repr(box)
    assert path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("content", ["", "{half", "[]", "3"])
def test_figures_that_cannot_be_read_are_none(box: Appliance, content: str) -> None:
    folder = box.folder.services / "s"
    folder.mkdir(parents=True)
    assert read_stats(box, "s") == {}
    (folder / "stats.json").write_text(content)
    assert read_stats(box, "s") == {}
    (folder / "stats.json").write_text(json.dumps({"requests": 3}))
    assert read_stats(box, "s") == {"requests": 3}
