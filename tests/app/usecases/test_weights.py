"""Weights are added once by loading them for real, listed for administrators, and removed."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import h5py
import numpy as np
import pytest

from app.settings import Settings
from app.usecases.person import Person
from app.usecases.weights import (
    add_weights,
    adding_command,
    networks_of,
    remove_weights,
    weights_of,
    weights_place,
    with_weights,
)
from app.wiring import Appliance
from engine.errors import BadCommand
from engine.families.weights import read_weights, weights_file
from store.folder import DataFolder
from tests.app.usecases.doorstep import ada, clock, door
from tests.engine.made_weights import SMALL, weights_folder

__all__ = ["ada", "clock", "door"]

pytestmark = pytest.mark.slow  # it loads TensorFlow

SETTINGS = Settings(threads=1, memory_gib=1.0)


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of weights as Keras publishes them, in its old form, by lot."""
    from engine.families.bridges.trained_bodies import application
    from engine.families.trained_networks import BY_NAME

    path = tmp_path_factory.mktemp("published") / "notop.h5"
    with h5py.File(path, "w") as held:
        layers = application(BY_NAME[SMALL], (32, 32, 3)).layers
        held.attrs["layer_names"] = [layer.name.encode() for layer in layers]
        for layer in layers:
            group = held.create_group(layer.name)
            group.attrs["weight_names"] = [variable.name.encode() for variable in layer.weights]
            for variable in layer.weights:
                group.create_dataset(variable.name, data=variable.value.numpy())
    return path


def test_a_file_is_checked_and_kept_and_removed(file: Path, door: Appliance, ada: Person) -> None:
    place = weights_place(door.settings, door.folder)
    kept = add_weights(place, file, network=SMALL, source=" Apache 2.0 ", by="ada")
    assert (kept.network, kept.original, kept.source, kept.added_by) == (
        SMALL,
        "notop.h5",
        "Apache 2.0",
        "ada",
    )
    assert weights_of(door, ada) == (kept,) == read_weights(place)
    assert weights_of(door, dataclasses.replace(ada, role="member")) == ()
    assert networks_of(door) == (SMALL,)
    with np.load(weights_file(place, SMALL), allow_pickle=False) as held:
        assert len(held.files) == 260
    assert {path.name for path in place.iterdir()} == {"weights.json", ".lock", kept.file}
    assert remove_weights(place, SMALL) == kept
    assert networks_of(door) == ()
    with pytest.raises(BadCommand, match="no weights for MobileNetV2"):
        remove_weights(place, SMALL)


@pytest.mark.parametrize(
    ("name", "network", "said"),
    [
        ("w.h5", "vgg", "no network 'vgg'"),
        ("w.pt", SMALL, "no file of weights"),
        ("none.h5", SMALL, "no file of weights"),
    ],
)
def test_what_cannot_be_meant_is_refused_at_once(name: str, network: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "w.h5").touch()
    (tmp_path / "w.pt").touch()
    with pytest.raises(BadCommand, match=said):
        add_weights(tmp_path / "place", tmp_path / name, network=network, source="", by="ada")
    assert not (tmp_path / "place").exists()


def test_the_settings_may_name_another_folder(tmp_path: Path, door: Appliance) -> None:
    named = dataclasses.replace(SETTINGS, weights=str(weights_folder()))
    folder = DataFolder(tmp_path)
    assert weights_place(named, folder) == weights_folder()
    assert with_weights(SETTINGS, folder).weights == str(tmp_path / "weights")
    assert str(door.folder.root) in adding_command(door)
