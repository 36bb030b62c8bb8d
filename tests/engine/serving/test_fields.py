"""A form can be made of any published model, old ones too."""

from __future__ import annotations

import base64
from dataclasses import replace
from pathlib import Path

from engine.modalities.image import decode
from engine.serving.fields import input_fields
from engine.serving.model import ServedModel
from engine.serving.table_rows import json_feeds
from engine.specs.bundle import BundleMetadata, InputFacts
from engine.specs.schema import Column, Schema
from tests.engine.published import AGE, CITY, FEATURES


def test_an_old_model_gives_examples_from_its_golden_rows(classifier: Path) -> None:
    model = ServedModel.open(classifier)
    fields = {field.name: field for field in input_fields(model.metadata)}
    assert list(fields) == list(model.inputs)
    age = fields[AGE]
    assert age.kind == "number" and isinstance(age.example, float)
    assert age.low is not None and age.high is not None and age.low <= age.example <= age.high
    assert set(fields[CITY].choices) <= {"北京", "a b", "O'Hare", '"q"'} and fields[CITY].choices
    example = {field.name: field.example for field in fields.values()}
    assert model.answer_feeds(json_feeds([example], model)).labels is not None


def with_facts(metadata: BundleMetadata, column: Column, facts: InputFacts) -> BundleMetadata:
    others = tuple(other for other in metadata.schema.columns if other.name != column.name)
    return replace(
        metadata,
        schema=Schema(columns=(*others, column)),
        card=replace(metadata.card, inputs=(facts,)),
    )


def test_facts_of_the_training_table_come_first(classifier: Path) -> None:
    metadata = ServedModel.open(classifier).metadata
    whole = Column(name=FEATURES, source_name=FEATURES, physical="int64", semantic="number")
    facts = InputFacts(name=FEATURES, low=0.123456789, median=2.6, high=4.0)
    field = input_fields(with_facts(metadata, whole, facts))[-1]
    assert (field.low, field.example, field.high) == (0.123457, 3.0, 4.0)
    assert field.help == "Usually between 0.123457 and 4."


def test_each_kind_of_text_has_its_field(classifier: Path) -> None:
    metadata = ServedModel.open(classifier).metadata
    kinds = {"category": "category", "boolean": "boolean", "datetime": "date", "text": "text"}
    for semantic, kind in kinds.items():
        column = Column(
            name=CITY,
            source_name=CITY,
            physical="string",
            semantic=semantic,  # type: ignore[arg-type]
            datetime_format="%Y-%m-%d" if semantic == "datetime" else None,
        )
        facts = InputFacts(name=CITY, choices=("2024-01-02", "other"))
        field = input_fields(with_facts(metadata, column, facts))[-1]
        assert (field.kind, field.example) == (kind, "2024-01-02")
        assert field.choices == (facts.choices if kind in ("category", "boolean") else ())
        assert ("%Y-%m-%d" in field.help) == (kind == "date")


def test_a_picture_is_asked_for_with_one_that_can_be_pasted(picture_model: Path) -> None:
    (field,) = input_fields(ServedModel.open(picture_model).metadata)
    assert (field.name, field.kind, field.missing_allowed) == ("image", "image", False)
    assert (field.width, field.height) == (20, 12)
    assert "20 × 12" in field.help
    assert isinstance(field.example, str)
    assert len(field.example) <= 4000
    assert decode(base64.b64decode(field.example)).shape[2] == 3
