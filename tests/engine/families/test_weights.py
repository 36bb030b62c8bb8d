"""The list of weights says what is there, and never that a changed file is what was imported."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from engine.errors import WorkFailed
from engine.families.weights import (
    Weights,
    forget_weights,
    networks_in,
    note_weights,
    read_weights,
    sha256_of,
    weights_file,
)


@pytest.fixture
def noted(tmp_path: Path) -> Weights:
    """A file of weights on the list of a folder."""
    file = tmp_path / "resnet50.npz"
    file.write_bytes(b"numbers")
    weights = Weights(
        network="resnet50",
        file=file.name,
        sha256=sha256_of(file),
        bytes=7,
        original="notop.h5",
        original_sha256="0" * 64,
        added_at="2026-11-23T12:00:00+00:00",
        added_by="ada",
        source="Apache 2.0",
    )
    note_weights(tmp_path, weights)
    return weights


def test_a_network_is_listed_once(tmp_path: Path, noted: Weights) -> None:
    other = replace(noted, network="mobilenet_v2")
    again = replace(noted, source="elsewhere")
    note_weights(tmp_path, other)
    note_weights(tmp_path, again)
    assert read_weights(tmp_path) == (other, again)
    assert networks_in(tmp_path) == ("mobilenet_v2", "resnet50")
    assert weights_file(tmp_path, "resnet50") == tmp_path / noted.file


def test_no_folder_has_no_weights(tmp_path: Path) -> None:
    assert networks_in(None) == networks_in(tmp_path / "none") == ()
    assert forget_weights(tmp_path / "none", "resnet50") is None
    with pytest.raises(WorkFailed, match=r"no weights for ResNet50.*aimass weights add"):
        weights_file(None, "resnet50")


def test_a_changed_file_is_refused(tmp_path: Path, noted: Weights) -> None:
    (tmp_path / noted.file).write_bytes(b"Numbers")
    with pytest.raises(WorkFailed, match="has changed"):
        weights_file(tmp_path, "resnet50")


def test_what_is_forgotten_is_gone(tmp_path: Path, noted: Weights) -> None:
    assert forget_weights(tmp_path, "resnet50") == noted
    assert not (tmp_path / noted.file).exists()
    assert read_weights(tmp_path) == ()
    assert forget_weights(tmp_path, "resnet50") is None


def test_a_file_that_is_gone_counts_as_no_weights(tmp_path: Path, noted: Weights) -> None:
    (tmp_path / noted.file).unlink()
    assert networks_in(tmp_path) == ()
