"""Metadata go through JSON and back, and what does not fit is refused with one sentence."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadModel
from engine.specs.bundle import (
    KEY_CARD,
    KEY_GOLDEN_ROWS,
    KEY_METADATA_SHA256,
    METADATA_KEYS,
    DatasetFacts,
    GoldenRows,
    MetricValue,
    ModelCard,
    decode_number,
    encode_number,
    metadata_sha256,
    read_metadata,
    write_metadata,
)
from engine.specs.schema import Column, Schema

SCHEMA = Schema(columns=(Column(name="年 龄", source_name=" 年 龄", physical="double", semantic="number"),))
GOLDEN = GoldenRows(
    numbers={"年 龄": (1.5, None, "Infinity")}, texts={}, scores=((1.0,),) * 3, labels=(), tolerance=1e-5
)
CARD = ModelCard(
    title='A "card"',
    created_at="2026-01-02T03:04:05+00:00",
    task="regression",
    target="y",
    dataset=DatasetFacts(name="d.csv", rows=3, columns=2, train_rows=1, valid_rows=1, test_rows=1),
    metrics=(MetricValue(name="rmse", value=1.0),),
    members=(),
)


def entries() -> dict[str, str]:
    return write_metadata(
        card=CARD, classes=(), schema=SCHEMA, golden_rows=GOLDEN, version="1.2.3", graph_sha256="0" * 64
    )


def signed(changed: dict[str, str]) -> dict[str, str]:
    return changed | {KEY_METADATA_SHA256: metadata_sha256(changed)}


def test_metadata_survive_json() -> None:
    read = read_metadata(entries())
    assert (read.card, read.schema, read.golden_rows) == (CARD, SCHEMA, GOLDEN)
    assert (read.task, read.target, read.classes, read.outputs) == ("regression", "y", (), 1)
    assert read.aimass_version == "1.2.3"
    assert read.golden_rows.rows == 3


@given(st.floats(width=32))
def test_every_float_survives_json(value: float) -> None:
    back = decode_number(encode_number(value))
    assert back == value or (math.isnan(back) and math.isnan(value))


@pytest.mark.parametrize("key", METADATA_KEYS)
def test_every_entry_is_needed_and_guarded(key: str) -> None:
    complete = entries()
    with pytest.raises(BadModel, match="not published by AI Mass"):
        read_metadata({name: value for name, value in complete.items() if name != key})
    with pytest.raises(BadModel, match="changed after publishing"):
        read_metadata(complete | {key: complete[key] + " "})


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"title": 1}', "[" * 100_000])
@pytest.mark.parametrize("key", [KEY_CARD, KEY_GOLDEN_ROWS])
def test_unreadable_entries_are_a_bad_model(key: str, text: str) -> None:
    with pytest.raises(BadModel, match="cannot be read"):
        read_metadata(signed(entries() | {key: text}))


def test_other_entries_are_ignored() -> None:
    assert read_metadata(entries() | {"author": "someone"}).card == CARD


def test_a_card_of_before_inputs_were_kept_is_read() -> None:
    old = entries()
    card = json.loads(old[KEY_CARD])
    del card["inputs"]
    read = read_metadata(signed(old | {KEY_CARD: json.dumps(card)}))
    assert read.card.inputs == ()
