"""Every set of pictures has the same columns in the same order."""

from __future__ import annotations

import pyarrow as pa

from engine.modalities.image.columns import RESERVED, arrow_schema, picture_schema
from engine.modalities.image.source import label_column, set_column
from engine.specs.codec import from_json, to_json
from engine.specs.schema import Column, Schema

MEASURED = ("width", "height", "brightness", "contrast", "saturation", "colourfulness", "sharpness")


def test_the_order_of_the_columns() -> None:
    age = Column(name="age", source_name="age", physical="int64", semantic="number")
    schema = picture_schema((label_column(), age, set_column()))
    assert schema.names == ("image", "label", "age", "path", "set", *MEASURED, "look_alikes")
    assert {c.name for c in schema.columns if c.measured_from == "image"} == {"set", *MEASURED, "look_alikes"}
    assert schema.column("image").input_type == "image" and schema.column("path").semantic == "identifier"
    assert from_json(Schema, to_json(schema)) == schema
    assert set(schema.names) - {"label", "age"} == set(RESERVED)


def test_how_parquet_holds_them() -> None:
    held = arrow_schema(picture_schema((label_column(),)))
    assert held.field("image").type == pa.binary() and held.field("label").type == pa.string()
    assert held.field("width").type == pa.int64() and held.field("sharpness").type == pa.float64()
