"""Files of weights as people have them, read into the network they are for and written anew.

For a process of its own with bounds: HDF5 is read by native code, and a file may say anything. No Keras model is ever
made from what a file says: only numbers are taken, into a network that this machine makes.
"""

from __future__ import annotations

import json
import math
import re
import tempfile
import warnings
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import h5py
import numpy as np

from engine.errors import BadData
from engine.families.bridges.trained_bodies import application
from engine.families.trained_networks import BY_NAME, TrainedNetwork
from engine.words import words

#: Numbers that a file may hold; the largest network here has 28 million.
_MOST_VALUES = 400_000_000
_MOST_CONFIG = 50 << 20
_SIDE = 64
#: What the files that Keras publishes for EfficientNet have where variances belong: deviations. Keras repairs that
#: where it fetches a file itself. Source: Keras, `applications.efficientnet`, IMAGENET_STDDEV_RGB.
_DEVIATIONS = (0.229, 0.224, 0.225)


def read_weights_file(network: str, path: Path, out: Path) -> int:
    """Read `path` into the network and write its numbers to `out`, a .npz file; return how many there are.

    path: `.weights.h5` or `.h5` of the network without its top, or a `.keras` archive of it.
    Raises: BadData when it is no such file, or another network's; the sentence names the layer.
    """
    known = BY_NAME[network]
    # Keras reads variables in a way that numpy is going to forbid.
    with warnings.catch_warnings(), tempfile.TemporaryDirectory(dir=out.parent, prefix=".tmp-") as folder:
        warnings.simplefilter("ignore")
        file = _inside(path, Path(folder)) if path.suffix == ".keras" else path
        _refuse_strange(file, path.name)
        whole = application(known, (_SIDE, _SIDE, 3))
        try:
            whole.load_weights(file)
        except (ValueError, KeyError, OSError, RuntimeError, AttributeError, TypeError) as error:
            raise _does_not_fit(known, path.name, str(error)) from error
    arrays = [np.asarray(variable.value.numpy()) for variable in whole.weights]
    for variable, array in zip(whole.weights, arrays, strict=True):
        if not np.isfinite(array).all():
            raise BadData(
                words(
                    "The file {name!r} cannot be used: the weights of the layer `{layer}` are not all numbers.",
                    name=path.name,
                    layer=variable.path,
                ),
                remedy=words("Fetch the file again."),
            )
    _mend_variances(whole, arrays)
    np.savez(out, **{f"{position:04d}": array for position, array in enumerate(arrays)})  # type: ignore[arg-type]
    return sum(array.size for array in arrays)


def _mend_variances(whole: Any, arrays: list[Any]) -> None:
    for position, variable in enumerate(whole.weights):
        is_variance = variable.path.startswith("normalization") and variable.path.endswith("/variance")
        if is_variance and np.allclose(arrays[position].ravel(), _DEVIATIONS, atol=1e-4):
            arrays[position] = np.square(arrays[position])


def _inside(path: Path, folder: Path) -> Path:
    """Return the weights inside a .keras archive; what it says of layers is looked at and never followed."""
    try:
        with zipfile.ZipFile(path) as archive:
            if archive.getinfo("config.json").file_size > _MOST_CONFIG:
                raise BadData(
                    words(
                        "The file {name!r} is no Keras model: its description is too long.", name=path.name
                    ),
                    remedy=words("Fetch the file again."),
                )
            _refuse_code(json.loads(archive.read("config.json")), path.name)
            if archive.getinfo("model.weights.h5").file_size > 4 * _MOST_VALUES:
                raise _too_large(path.name)
            return Path(archive.extract("model.weights.h5", folder))
    except (zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise _no_weights(path.name) from error


def _refuse_code(config: Any, name: str) -> None:
    """Raise BadData where a description names a layer that holds code."""
    for value in _values(config):
        if str(value.get("class_name", "")).lower() in ("lambda", "__lambda__", "__typespec__"):
            raise BadData(
                words(
                    "The file {name!r} cannot be used: it has a Lambda layer, which holds code.", name=name
                ),
                remedy=words("Save the weights alone, with `model.save_weights`."),
            )


def _values(config: Any) -> Iterator[dict[str, Any]]:
    """Yield every mapping of a JSON value."""
    waiting = [config]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            yield value
            waiting += value.values()
        elif isinstance(value, list):
            waiting += value


def _refuse_strange(file: Path, name: str) -> None:
    """Raise BadData for what is no HDF5 file, for one that leads to other files, and for one that swells."""
    try:
        with h5py.File(file, "r") as held:
            values = sum(_sizes(held, name))
    except OSError as error:
        raise _no_weights(name) from error
    if values > _MOST_VALUES:
        raise _too_large(name)


def _sizes(group: h5py.Group, name: str, depth: int = 0) -> Iterator[int]:
    for key in group:
        link = group.get(key, getlink=True)
        if not isinstance(link, h5py.HardLink) or depth > 30:
            raise _leads_elsewhere(name)
        child = group[key]
        if isinstance(child, h5py.Group):
            yield from _sizes(child, name, depth + 1)
        elif isinstance(child, h5py.Dataset):
            if child.external or child.is_virtual:
                raise _leads_elsewhere(name)
            yield math.prod(child.shape or ())


def _does_not_fit(known: TrainedNetwork, name: str, error: str) -> BadData:
    # Keras goes on with the numbers themselves and with every other layer.
    said = re.split(r" Target variable:| List of objects", " ".join(error.split()))[0][:400]
    return BadData(
        words(
            "The file {name!r} does not hold the weights of {title} without its top: {error}",
            name=name,
            title=known.title,
            error=said,
        ),
        remedy=words(
            "Name the network that the file is for, and the file without the top (often called notop)."
        ),
    )


def _no_weights(name: str) -> BadData:
    return BadData(
        words("The file {name!r} is no file of weights of Keras, or it is damaged.", name=name),
        remedy=words("Fetch the file again: a .weights.h5, .h5 or .keras file."),
    )


def _leads_elsewhere(name: str) -> BadData:
    return BadData(
        words("The file {name!r} cannot be used: it leads to other files.", name=name),
        remedy=words("Fetch the file from where Keras publishes it."),
    )


def _too_large(name: str) -> BadData:
    return BadData(
        words(
            "The file {name!r} cannot be used: it holds more numbers than any network known here.", name=name
        ),
        remedy=words("Fetch the file from where Keras publishes it."),
    )
