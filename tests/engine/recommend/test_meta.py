"""Meta-features: facts of shape and spread, finite whatever the profile says, and no names or values."""

from __future__ import annotations

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.recommend.meta import COORDINATES, MetaFeatures, meta_features
from engine.specs.codec import from_json, to_json
from engine.specs.profile import ColumnProfile, Profile, TargetLink
from engine.specs.schema import Column, Schema, Semantic, Task
from engine.specs.training import TaskSpec

ANY = st.floats(allow_nan=True, allow_infinity=True)
COUNTS = st.integers(0, 10**9)
KINDS: tuple[Semantic, ...] = ("number", "category", "boolean", "datetime", "text", "identifier", "constant")


def column(name: str, semantic: Semantic) -> Column:
    physical = "double" if semantic == "number" else "string"
    return Column(name=name, source_name=name, physical=physical, semantic=semantic)


@st.composite
def hostile(draw: st.DrawFn) -> tuple[Schema, Profile, TaskSpec]:
    """A table of any kinds of columns, none included, whose profile holds NaN and infinities."""
    kinds = draw(st.lists(st.sampled_from(KINDS), max_size=4))
    schema = Schema(columns=(column("y", "number"), *(column(f"c{i}", k) for i, k in enumerate(kinds))))
    facts = tuple(
        ColumnProfile(
            name=one.name,
            rows=draw(COUNTS),
            missing=draw(COUNTS),
            distinct=draw(COUNTS),
            mean=draw(st.none() | ANY),
            std=draw(st.none() | ANY),
            quantiles={share: draw(ANY) for share in ("0.01", "0.25", "0.5", "0.75", "0.99")},
            target_link=draw(st.none() | ANY.map(lambda value: TargetLink(measure="spearman", value=value))),
        )
        for one in schema.columns
    )
    task: Task = draw(st.sampled_from(("binary", "multiclass", "regression")))
    classes = () if task == "regression" else tuple("abc"[: draw(st.integers(0, 3))])
    profile = Profile(rows=draw(COUNTS), duplicate_rows=draw(COUNTS), columns=facts)
    return schema, profile, TaskSpec(target="y", task=task, metric="", classes=classes)


@given(hostile(), st.integers(-1, 10**12))
def test_coordinates_are_finite_whatever_a_profile_says(
    table: tuple[Schema, Profile, TaskSpec], rows: int
) -> None:
    schema, profile, task = table
    point = meta_features(schema, profile, task, rows=rows).coordinates()
    assert len(point) == len(COORDINATES) and all(math.isfinite(one) for one in point)


def test_facts_are_counted_and_nothing_is_named() -> None:
    schema = Schema(
        columns=(
            column("secret diagnosis", "category"), column("secret age", "number"),
            column("secret town", "category"), column("secret id", "identifier"),
        )
    )  # fmt: skip
    profile = Profile(
        rows=100,
        duplicate_rows=5,
        columns=(
            ColumnProfile(
                name="secret diagnosis",
                rows=100,
                missing=0,
                distinct=2,
                top_values=(("ill", 90), ("well", 10)),
            ),
            ColumnProfile(
                name="secret age",
                rows=100,
                missing=20,
                distinct=60,
                target_link=TargetLink(measure="s", value=0.6),
            ),
            ColumnProfile(name="secret town", rows=100, missing=0, distinct=9),
            ColumnProfile(name="secret id", rows=100, missing=0, distinct=100),
        ),
    )
    task = TaskSpec(target="secret diagnosis", task="binary", metric="roc_auc", classes=("ill", "well"))
    found = meta_features(schema, profile, task, rows=64)
    assert (found.columns, found.numbers, found.categories, found.rows) == (2, 1, 1, 64)
    assert (found.missing, found.incomplete, found.duplicates) == (0.1, 0.5, 0.05)
    assert (found.classes, found.rarest, found.strongest) == (2, 0.1, 0.6)
    assert found.cardinality == pytest.approx(1.0)
    text = json.dumps(to_json(found))
    assert "secret" not in text and "ill" not in text and "well" not in text
    assert from_json(MetaFeatures, json.loads(text)) == found
