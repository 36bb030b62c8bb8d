"""Laws every transform keeps: SQL = ONNX on hostile values, fitted on training rows only, state in JSON."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import onnx
import onnxruntime as ort
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from engine.specs.codec import from_json, to_json
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.schema import BLANKS, Column, Schema
from engine.transforms import CATALOGUE, GRAPH_CATALOGUE, sql, transform
from engine.transforms.base import TrainingRows, Transform
from engine.transforms.compile_onnx import add_inputs, add_view
from engine.transforms.compile_sql import view_cardinalities, view_columns
from engine.transforms.fitting import check_plan, fit_plan
from engine.transforms.graph import Graph
from tests.conformance.hostile_values import DATES, DRAWN_NUMBERS, DRAWN_TEXTS, NUMBERS, TEXTS

pytestmark = pytest.mark.slow

ROWS = 100_000
FOLDS = 5


def _params(owner: Transform) -> list[dict[str, Any]]:
    """Defaults, then every choice and both sides of every switch, one at a time."""
    found: list[dict[str, Any]] = [{}]
    for param in owner.params:
        options: Sequence[Any] = (
            param.choices if param.kind == "choice" else (True, False) if param.kind == "bool" else ()
        )
        found += [{param.name: option} for option in options if option != param.default]
    small = {p.name: 3 for p in owner.params if p.name in {"max_keys", "top", "max_classes"}}
    return [*found, small] if small else found


CASES = [
    pytest.param(t, p, id=f"{t.name}-{json.dumps(p, ensure_ascii=True)}")
    for t in CATALOGUE
    for p in _params(t)
]
EVERY = pytest.mark.parametrize("owner", CATALOGUE, ids=lambda t: t.name)


class Table:
    """One raw column `c` in DuckDB, with folds and a target."""

    def __init__(self, values: Sequence[Any], *, number: bool, classes: int = 2, target: Any = None) -> None:
        self.number = number
        column = Column(
            name="c",
            source_name="c",
            physical="double" if number else "string",
            semantic="number" if number else "category",
            trim=True,
            missing_tokens=() if number else ("NA", "?", "无"),
        )
        self.schema = Schema(columns=(column,))
        self.connection = duckdb.connect(config={"threads": 1})
        self.classes = classes
        self.values = pa.array(values, pa.float64() if number else pa.string())
        index = np.arange(len(values))
        given = index % max(classes, 7) % max(classes, 7) if target is None else target
        y = np.asarray(given, float) if classes == 0 else np.asarray(given, np.int32) % classes
        relation = pa.table(
            {"_row": index, "_fold": (index % FOLDS).astype(np.int8), "_y": y, "c": self.values}
        )
        self.connection.register("arrow", relation)
        clean = "c" if number else f"trim(c, {sql.literal(BLANKS)})"
        missing = "WHEN TRUE THEN" if number else "WHEN c NOT IN ('NA', '?', '无') THEN"
        # As an import leaves it: trimmed, missing tokens NULL. The model gets the values as they were.
        self.connection.execute(
            f"CREATE TABLE train AS WITH t AS (SELECT * REPLACE ({clean} AS c) FROM arrow)"
            f" SELECT * REPLACE (CASE {missing} c END AS c) FROM t"
        )

    @property
    def rows(self) -> TrainingRows:
        return TrainingRows(self.connection, folds=FOLDS, classes=self.classes, seed=0)

    def raw(self) -> npt.NDArray[Any]:
        """Return the model's input: what a client sends, None for a missing text as ''."""
        if self.number:
            # A client turns a number beyond float32 into an infinity.
            with np.errstate(over="ignore"):
                return np.asarray(self.values.to_numpy(zero_copy_only=False), float).astype(np.float32)[
                    :, None
                ]
        return np.array(["" if v is None else v for v in self.values.to_pylist()], dtype=object).reshape(
            -1, 1
        )

    def sql(self, plan: FeaturePlan, *, fold: str | None = None) -> npt.NDArray[np.float32]:
        columns = view_columns(plan, "tree", self.schema, fold=fold)
        listed = ", ".join(f"{expression} AS c{i}" for i, (_, expression) in enumerate(columns))
        found = self.connection.execute(f"SELECT {listed} FROM train ORDER BY _row").fetchnumpy()
        return np.stack(
            [np.ma.filled(np.ma.asarray(found[f"c{i}"]), np.nan) for i in range(len(columns))], axis=1
        )


def _plan(owner: Transform, params: dict[str, Any]) -> FeaturePlan:
    steps = [Step(transform=owner.name, params=params)]
    if owner.gives == "text":
        steps.append(Step(transform="one_hot"))
    feature = Feature(name="f", column="c", steps=tuple(steps))
    return FeaturePlan(
        columns=(ColumnChoice(column="c", use=True, reason="law"),), views={"tree": (feature,)}
    )


def _fit(table: Table, owner: Transform, params: dict[str, Any]) -> FeaturePlan:
    return fit_plan(_plan(owner, params), table.schema, table.rows, ["tree"])


def _session(plan: FeaturePlan, schema: Schema) -> ort.InferenceSession:
    graph = Graph()
    features, labels = add_view(graph, add_inputs(graph, schema, ["c"]), plan, "tree", schema)
    graph.output(features, "features", onnx.TensorProto.FLOAT, ["N", len(labels)])
    options = ort.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return ort.InferenceSession(
        graph.model().SerializeToString(), options, providers=["CPUExecutionProvider"]
    )


def _onnx(session: ort.InferenceSession, raw: npt.NDArray[Any], batch: int = 500) -> npt.NDArray[np.float32]:
    starts = range(0, max(1, len(raw)), batch)
    parts = [session.run(None, {"c": raw[i : i + batch]})[0] for i in starts]
    return np.concatenate(parts)


def _assert_same(table: Table, plan: FeaturePlan) -> None:
    raw = table.raw()
    expected = table.sql(plan)
    received = _onnx(_session(plan, table.schema), raw)
    labels = [label for label, _ in view_columns(plan, "tree", table.schema, fold=None)]
    assert received.dtype == np.float32
    assert received.shape == expected.shape == (len(raw), len(labels))
    assert len(set(labels)) == len(labels)
    wrong = np.argwhere(~((received == expected) | (np.isnan(received) & np.isnan(expected))))
    assert not len(wrong), [(raw[r, 0], labels[c], expected[r, c], received[r, c]) for r, c in wrong[:5]]


def _listed(owner: Transform) -> list[Any]:
    return list(NUMBERS) if owner.takes == "number" else [*TEXTS, *DATES]


def _many(owner: Transform, drawn: list[Any], count: int) -> list[Any]:
    """Return listed and drawn values, numbers of any bits, and texts put together from two others."""
    random = np.random.default_rng(len(drawn))
    pool = np.array([*_listed(owner), *drawn], dtype=object)
    picked = pool[random.integers(len(pool), size=count)]
    if owner.takes == "number":
        bits = random.integers(0, 2**32, size=count, dtype=np.uint32).view(np.float32).astype(object)
        return list(np.where(random.random(count) < 0.5, picked, bits))
    joints = np.array(["", " ", ".", ",", "-", "0"], dtype=object)[random.integers(6, size=count)]
    second = pool[random.integers(len(pool), size=count)]
    joined = np.array([f"{a}{j}{b}" for a, j, b in zip(picked, joints, second, strict=True)], dtype=object)
    simple = np.array([v is None or len(v) > 99 for v in picked]) | (random.random(count) < 0.5)
    return list(np.where(simple, picked, joined))


@pytest.mark.parametrize(("owner", "params"), CASES)
def test_sql_and_onnx_agree_on_every_listed_value(owner: Transform, params: dict[str, Any]) -> None:
    table = Table(_listed(owner) * 3, number=owner.takes == "number")
    _assert_same(table, _fit(table, owner, params))


@EVERY
@pytest.mark.parametrize("classes", [0, 3])
def test_sql_and_onnx_agree_for_every_task(owner: Transform, classes: int) -> None:
    table = Table(_listed(owner) * 3, number=owner.takes == "number", classes=classes)
    _assert_same(table, _fit(table, owner, {}))


@pytest.mark.parametrize("classes", [0, 2, 30])
@pytest.mark.parametrize(("owner", "params"), CASES)
def test_the_width_told_before_fitting_is_never_exceeded(
    owner: Transform, params: dict[str, Any], classes: int
) -> None:
    values = _listed(owner)
    table = Table(values * 3, number=owner.takes == "number", classes=classes)
    (feature,) = _fit(table, owner, params).views["tree"]
    step = feature.steps[0]
    told = owner.width(step.params, distinct=len({v for v in values if v is not None}), classes=classes)
    assert 1 <= len(owner.labels(step.params, step.state or {})) <= told


@EVERY
@settings(max_examples=1, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
@given(data=st.data())
def test_sql_and_onnx_agree_on_100_000_made_rows(owner: Transform, data: st.DataObject) -> None:
    """Fitted on a fifth of the rows, so that most of the others were never seen."""
    drawn = data.draw(
        st.lists(DRAWN_NUMBERS if owner.takes == "number" else DRAWN_TEXTS, min_size=300, max_size=400)
    )
    values = _many(owner, drawn, ROWS)
    number = owner.takes == "number"
    plan = _fit(Table(values[: ROWS // 5], number=number), owner, {})
    _assert_same(Table(values, number=number), plan)


@EVERY
@pytest.mark.parametrize(
    "values", [[], [None], [None] * 7, ["one"]], ids=["none", "one", "missing", "single"]
)
def test_any_batch_is_answered_also_one_without_rows(owner: Transform, values: list[Any]) -> None:
    number = owner.takes == "number"
    plan = _fit(Table(_listed(owner), number=number), owner, {})
    _assert_same(Table([5.0] if number and values == ["one"] else values, number=number), plan)


@EVERY
def test_it_can_be_fitted_on_rows_without_any_value(owner: Transform) -> None:
    number = owner.takes == "number"
    plan = _fit(Table([None] * 20, number=number), owner, {})
    _assert_same(Table(_listed(owner), number=number), plan)


@EVERY
def test_only_training_rows_are_seen_by_the_fit(owner: Transform) -> None:
    """Other rows of the same file may change at will; the state does not."""
    states = []
    for others in (_listed(owner), _listed(owner)[::-1][:40]):
        table = Table(_listed(owner) * 2 + others, number=owner.takes == "number")
        table.connection.execute("ALTER TABLE train RENAME TO file")
        table.connection.execute(
            f"CREATE VIEW train AS SELECT * FROM file WHERE _row < {2 * len(_listed(owner))}"
        )
        states.append(to_json(_fit(table, owner, {})))
    assert states[0] == states[1]


@EVERY
def test_the_fitted_plan_survives_json(owner: Transform) -> None:
    table = Table(_listed(owner), number=owner.takes == "number")
    plan = _fit(table, owner, {})
    again = from_json(FeaturePlan, json.loads(json.dumps(to_json(plan), allow_nan=False)))
    assert to_json(again) == to_json(plan)
    assert view_columns(again, "tree", table.schema, fold="_fold") == view_columns(
        plan, "tree", table.schema, fold="_fold"
    )
    check_plan(again, table.schema)


@EVERY
def test_fitting_twice_gives_the_same_state(owner: Transform) -> None:
    table = Table(_listed(owner) * 5, number=owner.takes == "number")
    assert to_json(_fit(table, owner, {})) == to_json(_fit(table, owner, {}))


@EVERY
def test_an_index_stays_within_its_cardinality(owner: Transform) -> None:
    number = owner.takes == "number"
    plan = _fit(Table(_listed(owner), number=number), owner, {})
    table = Table([*_listed(owner), *(NUMBERS if number else ["unseen", "new"])], number=number)
    values = table.sql(plan)
    for position, cardinality in view_cardinalities(plan, "tree", table.schema).items():
        column = values[:, position]
        assert column.min() >= 0
        assert column.max() < cardinality
        assert (column == np.floor(column)).all()


@EVERY
@pytest.mark.parametrize("classes", [0, 2, 3])
def test_a_row_never_sees_the_target_of_its_own_fold(owner: Transform, classes: int) -> None:
    """What is given out of fold must not move when the targets of that fold do."""
    values = (
        ["red", "green", "blue", None, "rare"] * 40 if owner.takes == "text" else [1.0, 2.0, None, 5.0] * 50
    )
    random = np.random.default_rng(0)
    levels = classes or 9
    target = random.integers(0, levels, len(values)).astype(float)
    table = Table(values, number=owner.takes == "number", classes=classes, target=target)
    plan = _fit(table, owner, {})
    whole, out_of_fold = table.sql(plan), table.sql(plan, fold="_fold")
    if np.array_equal(whole, out_of_fold, equal_nan=True):
        return
    for fold in range(FOLDS):
        own = np.arange(len(values)) % FOLDS == fold
        changed = np.where(own, levels - 1 - target, target)
        other = Table(values, number=owner.takes == "number", classes=classes, target=changed)
        moved = _fit(other, owner, {})
        np.testing.assert_array_equal(other.sql(moved, fold="_fold")[own], out_of_fold[own])
        assert not np.array_equal(other.sql(moved)[own], whole[own])


def test_target_means_are_given_out_of_fold() -> None:
    table = Table(["a", "b"] * 50, number=False, target=[0, 1, 1, 0, 1] * 20)
    plan = _fit(table, transform("target_encode"), {})
    assert not np.array_equal(table.sql(plan), table.sql(plan, fold="_fold"))


@EVERY
def test_what_it_declares_can_be_read_by_forms(owner: Transform) -> None:
    assert owner.title
    assert owner.takes in {"number", "text"}
    for param in owner.params:
        assert param.help.endswith("."), param.name
        assert param.problem(param.default) is None, param.name


def test_every_transform_file_is_in_the_catalogue(repository: Path) -> None:
    made = {
        path.stem
        for path in (repository / "engine" / "transforms").glob("*.py")
        if "\nTRANSFORM = " in path.read_text(encoding="utf-8")
    }
    every = (*CATALOGUE, *GRAPH_CATALOGUE)
    assert made == {owner.name for owner in every}
    assert all(transform(owner.name) is owner for owner in every)
