"""The columns of a set of pictures, in the order of the dataset."""

from __future__ import annotations

from collections.abc import Sequence

import pyarrow as pa

from engine.modalities.image.measures import NAMES
from engine.specs.pictures import LOOK_ALIKES
from engine.specs.schema import Column, Schema

IMAGE, PATH = "image", "path"
SIZES = ("width", "height")
#: Names that no column of a label table may take.
RESERVED = frozenset({IMAGE, PATH, "set", *SIZES, *NAMES, LOOK_ALIKES})

_ARROW = {"int64": pa.int64(), "double": pa.float64(), "string": pa.string(), "image": pa.binary()}


def picture_schema(beside: Sequence[Column]) -> Schema:
    """Return the schema of pictures with the source's own columns `beside` them: image, these, path, measures.

    What the import measures is told by `measured_from`; look_alikes is the group of (near-)doubles.
    """
    own = [column for column in beside if column.measured_from is None]
    placed = [column for column in beside if column.measured_from is not None]
    sizes = [_measured(name, "int64") for name in SIZES]
    measures = [_measured(name, "double") for name in NAMES]
    group = Column(
        name=LOOK_ALIKES,
        source_name=LOOK_ALIKES,
        physical="string",
        semantic="category",
        measured_from=IMAGE,
    )
    image = Column(name=IMAGE, source_name=IMAGE, physical="image", semantic="image")
    path = Column(name=PATH, source_name=PATH, physical="string", semantic="identifier")
    return Schema(columns=(image, *own, path, *placed, *sizes, *measures, group))


def arrow_schema(schema: Schema) -> pa.Schema:
    """Return how Parquet holds it."""
    return pa.schema([pa.field(column.name, _ARROW[column.physical]) for column in schema.columns])


def _measured(name: str, physical: str) -> Column:
    return Column(
        name=name,
        source_name=name,
        physical="int64" if physical == "int64" else "double",
        semantic="number",
        measured_from=IMAGE,
    )
