"""Files of weights as Keras publishes them are read; whatever else comes is refused with the reason."""

from __future__ import annotations

import json
import warnings
import zipfile
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from engine.errors import BadData
from engine.families.bridges.trained_bodies import application
from engine.families.bridges.weights_reading import read_weights_file
from engine.families.trained_networks import BY_NAME
from tests.engine.made_weights import SMALL

pytestmark = pytest.mark.slow  # it loads TensorFlow


@pytest.fixture(scope="module")
def network() -> Any:
    return application(BY_NAME[SMALL], (32, 32, 3))


def published(network: Any, file: Path, *, change: str = "", values: Any = None) -> Path:
    """Write a file as Keras publishes them: one group per layer.   change: the weight that gets other `values`."""
    with h5py.File(file, "w") as held:
        held.attrs["layer_names"] = [layer.name.encode() for layer in network.layers]
        for layer in network.layers:
            group = held.create_group(layer.name)
            names = [f"{layer.name}/{variable.name}:0" for variable in layer.weights]
            group.attrs["weight_names"] = [name.encode() for name in names]
            for name, variable in zip(names, layer.weights, strict=True):
                group.create_dataset(name, data=values if name == change else variable.value.numpy())
    return file


def test_both_kinds_of_files_hold_the_same_numbers(network: Any, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        network.save_weights(tmp_path / "new.weights.h5")
    with zipfile.ZipFile(tmp_path / "whole.keras", "w") as archive:
        archive.writestr("config.json", json.dumps({"class_name": "Functional"}))
        archive.write(tmp_path / "new.weights.h5", "model.weights.h5")
    published(network, tmp_path / "old.h5")
    for name in ("whole.keras", "old.h5"):
        count = read_weights_file(SMALL, tmp_path / name, tmp_path / "out.npz")
        assert count == network.count_params()
        with np.load(tmp_path / "out.npz") as held:
            arrays = [held[key] for key in sorted(held.files)]
        assert all(
            (array == variable.value.numpy()).all()
            for array, variable in zip(arrays, network.weights, strict=True)
        )


def test_a_wrong_shape_names_its_layer(network: Any, tmp_path: Path) -> None:
    file = published(network, tmp_path / "w.h5", change="Conv1/kernel:0", values=np.zeros((3, 3, 3, 32)))
    with pytest.raises(BadData, match=r"MobileNetV2.*Conv1.*\(3, 3, 3, 16\)"):
        read_weights_file(SMALL, file, tmp_path / "out.npz")
    assert not (tmp_path / "out.npz").exists()


def test_numbers_that_are_none_name_their_layer(network: Any, tmp_path: Path) -> None:
    values = np.full((3, 3, 3, 16), np.nan)
    file = published(network, tmp_path / "w.h5", change="Conv1/kernel:0", values=values)
    with pytest.raises(BadData, match="Conv1/kernel"):
        read_weights_file(SMALL, file, tmp_path / "out.npz")


def test_code_in_a_model_is_refused_before_anything_is_made(tmp_path: Path) -> None:
    config = {"config": {"layers": [{"class_name": "Lambda", "config": {}}]}}
    with zipfile.ZipFile(tmp_path / "m.keras", "w") as archive:
        archive.writestr("config.json", json.dumps(config))
        archive.writestr("model.weights.h5", b"")
    with pytest.raises(BadData, match="Lambda layer, which holds code"):
        read_weights_file(SMALL, tmp_path / "m.keras", tmp_path / "out.npz")


def test_a_file_that_leads_to_others_is_refused(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as held:
        held["secret"] = h5py.ExternalLink("/etc/passwd", "/")
    with pytest.raises(BadData, match="leads to other files"):
        read_weights_file(SMALL, tmp_path / "w.h5", tmp_path / "out.npz")


def test_a_file_that_swells_is_refused_unread(tmp_path: Path) -> None:
    with h5py.File(tmp_path / "w.h5", "w") as held:
        held.create_dataset("zeros", (1 << 20, 1 << 10), np.float32, chunks=(1 << 10, 1 << 10))
    assert (tmp_path / "w.h5").stat().st_size < 1 << 20
    with pytest.raises(BadData, match="more numbers than any network"):
        read_weights_file(SMALL, tmp_path / "w.h5", tmp_path / "out.npz")


@pytest.mark.parametrize("name", ["w.h5", "w.weights.h5", "w.keras"])
def test_any_other_file_is_refused(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(b"label,path\n" * 100)
    with pytest.raises(BadData, match="no file of weights of Keras"):
        read_weights_file(SMALL, tmp_path / name, tmp_path / "out.npz")
