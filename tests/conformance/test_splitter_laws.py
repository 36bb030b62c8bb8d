"""Laws every splitter of the catalogue obeys, on tables with duplicates, rare classes and gaps."""

from __future__ import annotations

import tempfile
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from engine.errors import BadData, InvalidSpec
from engine.specs.schema import Column, Schema
from engine.specs.split import SETS, SplitSpec, SplitSummary
from engine.specs.training import TaskSpec
from engine.splitters import CATALOGUE, splitter
from engine.splitters.base import Splitter
from engine.splitters.divide import divide

pytestmark = pytest.mark.slow

SCHEMA = Schema(
    columns=(
        Column(name="size", source_name="size", physical="double", semantic="number"),
        Column(name='Group\'s "id"', source_name="g", physical="string", semantic="category"),
        Column(
            name="day", source_name="day", physical="string", semantic="datetime", datetime_format="%d/%m/%Y"
        ),
        Column(name="class", source_name="class", physical="string", semantic="category"),
        Column(name="part", source_name="part", physical="string", semantic="category"),
    )
)
GROUP = SCHEMA.names[1]
NEEDED = {"": None, "group": GROUP, "time": "day", "set": "part"}
#: The last two are the class and the set.
Row = tuple[float | None, str | None, str | None, str | None, str | None]


@dataclass(frozen=True)
class Divided:
    """A division: set and fold per row number, and the summary."""

    sets: dict[int, str]
    folds: dict[int, int]
    summary: SplitSummary


def run(rows: list[Row], spec: SplitSpec, *, threads: int = 2) -> Divided:
    labels = sorted({row[3] for row in rows if row[3] is not None})
    task = TaskSpec(target="class", task="multiclass", metric="log_loss", classes=tuple(labels))
    with tempfile.TemporaryDirectory() as folder:
        data, out = Path(folder, "data.parquet"), Path(folder, "split.parquet")
        types = (pa.float64(), *[pa.string()] * 4)
        columns = [pa.array([row[place] for row in rows], type=kind) for place, kind in enumerate(types)]
        pq.write_table(pa.Table.from_arrays(columns, names=list(SCHEMA.names)), data, row_group_size=50)
        with duckdb.connect(config={"threads": threads}) as connection:
            summary = divide(connection, data, SCHEMA, task, spec, out)
            assert not connection.execute("SHOW TABLES").fetchall()
        table = pq.read_table(out)
    written = table.to_pydict()
    assert table.schema.types == [pa.int64(), pa.string(), pa.int8()]
    assert written["_row"] == sorted(written["_row"])
    assert {path.name for path in Path(folder).glob("*")} == set()
    return Divided(
        sets=dict(zip(written["_row"], written["_set"], strict=True)),
        folds=dict(zip(written["_row"], written["_fold"], strict=True)),
        summary=summary,
    )


def spec_of(chosen: Splitter, **changes: Any) -> SplitSpec:
    return replace(SplitSpec(splitter=chosen.name, column=NEEDED[chosen.needs]), **changes)


days = st.integers(0, 400).map(lambda n: f"{n % 28 + 1}/{n // 28 % 12 + 1}/{2020 + n // 336}")
row = st.tuples(
    st.one_of(st.none(), st.integers(-50, 50).map(float), st.sampled_from([0.0, -0.0, 1e300, float("inf")])),
    st.one_of(st.none(), st.integers(0, 30).map(str)),
    days,
    st.sampled_from(["a", "a", "a", "b", "b", "上", None]),
    st.sampled_from(["train", "Training ", "TEST", "test", None]),
)


@st.composite
def tables(draw: st.DrawFn) -> list[Row]:
    """Rows in which each class has at least two, some rows are repeated, and some have no class."""
    rows = draw(st.lists(row, min_size=30, max_size=150))
    repeated = draw(st.lists(st.sampled_from(rows), max_size=40))
    rows = draw(st.permutations([*rows, *repeated]))
    counts = Counter(values[3] for values in rows)
    return [(*values[:3], "a", values[4]) if counts[values[3]] < 2 else values for values in rows]


members = pytest.mark.parametrize("chosen", CATALOGUE, ids=lambda s: s.name)
by_lot = pytest.mark.parametrize("name", ["random", "stratified"])


def divided_or_skip(rows: list[Row], spec: SplitSpec) -> Divided | None:
    """None when the table's classes do not survive this split, which must then be said."""
    try:
        return run(rows, spec)
    except BadData as error:
        assert "no training row" in error.message or "cannot be divided" in error.message
        assert spec.splitter != "stratified" or len({r for r in rows if r[3]}) < 3
        return None


@members
@given(rows=tables())
@settings(max_examples=12)
def test_sets_are_disjoint_complete_and_counted(chosen: Splitter, rows: list[Row]) -> None:
    done = divided_or_skip(rows, spec_of(chosen))
    if done is None:
        return
    labelled = [number for number, values in enumerate(rows) if values[3] is not None]
    assert sorted(done.sets) == labelled
    assert set(done.sets.values()) == set(SETS)
    assert set(done.folds.values()) <= set(range(5))
    assert done.summary.rows == Counter(done.sets.values())
    assert done.summary.unlabelled == len(rows) - len(labelled)
    assert done.summary.duplicate_rows == len(labelled) - len({rows[number] for number in labelled})
    for name in SETS:
        counted = Counter(rows[number][3] for number, where in done.sets.items() if where == name)
        assert done.summary.classes[name] == counted


@members
@given(rows=tables())
@settings(max_examples=12)
def test_equal_rows_share_set_and_fold(chosen: Splitter, rows: list[Row]) -> None:
    done = divided_or_skip(rows, spec_of(chosen))
    if done is None:
        return
    places: dict[Row, set[tuple[str, int]]] = defaultdict(set)
    for number, name in done.sets.items():
        places[rows[number]].add((name, done.folds[number]))
    assert all(len(where) == 1 for where in places.values())
    assert done.summary.straddled == 0


@members
@given(rows=tables(), data=st.data())
@settings(max_examples=8)
def test_a_row_keeps_its_place_whatever_the_file_order_and_threads(
    chosen: Splitter, rows: list[Row], data: st.DataObject
) -> None:
    done = divided_or_skip(rows, spec_of(chosen, seed=3))
    if done is None:
        return
    order = data.draw(st.permutations(range(len(rows))))
    again = run([rows[number] for number in order], spec_of(chosen, seed=3), threads=1)
    for place, number in enumerate(order):
        assert again.sets.get(place) == done.sets.get(number)
        assert again.folds.get(place) == done.folds.get(number)


@members
@given(rows=tables())
@settings(max_examples=12)
def test_every_class_is_trained_on_and_tested_where_it_can_be(chosen: Splitter, rows: list[Row]) -> None:
    done = divided_or_skip(rows, spec_of(chosen))
    if done is None:
        return
    places: dict[str | None, set[str]] = defaultdict(set)
    distinct: dict[str | None, set[Row]] = defaultdict(set)
    for number, name in done.sets.items():
        places[rows[number][3]].add(name)
        distinct[rows[number][3]].add(rows[number])
    for label, where in places.items():
        assert "train" in where
        if chosen.name == "stratified":
            wanted = {1: {"train"}, 2: {"train", "test"}}.get(len(distinct[label]), set(SETS))
            assert where == wanted


@by_lot
@given(rows=tables(), test=st.floats(0.1, 0.4), valid=st.floats(0.1, 0.4))
@settings(max_examples=12)
def test_shares_are_met_to_the_largest_unit(name: str, rows: list[Row], test: float, valid: float) -> None:
    done = divided_or_skip(rows, spec_of(splitter(name), test_share=test, valid_share=valid))
    if done is None:
        return
    total = len(done.sets)
    largest = max(Counter(rows[number] for number in done.sets).values())
    strata = len({rows[number][3] for number in done.sets}) if name == "stratified" else 1
    for wanted, got in ((test, done.summary.rows["test"]), (valid, done.summary.rows["valid"])):
        assert abs(got - wanted * total) <= strata * (largest + 1)


@by_lot
def test_another_seed_draws_other_rows(name: str) -> None:
    rows: list[Row] = [(float(n), None, "1/1/2020", "ab"[n % 2], None) for n in range(2000)]
    tests = [
        {n for n, where in run(rows, spec_of(splitter(name), seed=seed)).sets.items() if where == "test"}
        for seed in range(6)
    ]
    for left in range(6):
        for right in range(left):
            # Two independent draws of 20 % share 4 % of the rows: 80 of 2,000, standard deviation 7.2.
            assert 40 <= len(tests[left] & tests[right]) <= 120


@given(rows=tables())
@settings(max_examples=12)
def test_a_group_is_in_one_set_and_one_fold(rows: list[Row]) -> None:
    done = divided_or_skip(rows, spec_of(splitter("grouped")))
    if done is None:
        return
    places: dict[str, set[tuple[str, int]]] = defaultdict(set)
    for number, name in done.sets.items():
        if rows[number][1] is not None:
            places[rows[number][1] or ""].add((name, done.folds[number]))
    assert all(len(where) == 1 for where in places.values())


def test_rows_without_a_group_are_drawn_one_by_one() -> None:
    rows: list[Row] = [(float(n), None, "1/1/2020", "ab"[n % 2], None) for n in range(100)]
    assert run(rows, spec_of(splitter("grouped"))).summary.rows == {"train": 64, "valid": 16, "test": 20}


@given(rows=tables())
@settings(max_examples=12)
def test_training_ends_before_validation_and_validation_before_the_test(rows: list[Row]) -> None:
    done = divided_or_skip(rows, spec_of(splitter("time")))
    if done is None:
        return
    moments: dict[str, list[tuple[int, ...]]] = defaultdict(list)
    for number, name in done.sets.items():
        day = rows[number][2] or ""
        moments[name].append(tuple(int(part) for part in reversed(day.split("/"))))
    assert max(moments["train"]) < min(moments["valid"])
    assert max(moments["valid"]) < min(moments["test"])
    first = min(moments["test"])
    assert done.summary.first["test"] == f"{first[0]:04d}-{first[1]:02d}-{first[2]:02d}"


def test_a_row_without_a_time_trains() -> None:
    rows: list[Row] = [(float(n), None, f"{n % 28 + 1}/1/2020", "ab"[n % 2], None) for n in range(100)]
    rows += [(1000.0 + n, None, when, "a", None) for n, when in enumerate([None, "soon", "2020-01-01"])]
    done = run(rows, spec_of(splitter("time")))
    assert done.summary.untimed == 3
    assert {done.sets[number] for number in (100, 101, 102)} == {"train"}


@given(rows=tables(), has_valid=st.booleans())
@settings(max_examples=12)
def test_a_row_stays_in_the_set_it_was_given(rows: list[Row], has_valid: bool) -> None:
    if has_valid:
        rows = [(*row[:4], "dev") if n % 5 == 0 else row for n, row in enumerate(rows)]
    done = divided_or_skip(rows, spec_of(splitter("given")))
    if done is None:
        return
    meant = {"train": "train", "training": "train", "dev": "valid", "test": "test", "": "train"}
    for number, name in done.sets.items():
        wanted = meant[(rows[number][4] or "").strip().lower()]
        assert name == wanted or (not has_valid and (wanted, name) == ("train", "valid"))
    assert done.summary.given == (SETS if has_valid else ("train", "test"))


def test_the_catalogue_holds_every_splitter_file_once_under_its_own_name() -> None:
    folder = Path(__file__).resolve().parents[2] / "engine" / "splitters"
    files = {p.stem for p in folder.glob("*.py") if "SPLITTER = Splitter(" in p.read_text(encoding="utf-8")}
    assert sorted(files) == sorted(chosen.name for chosen in CATALOGUE)


def test_an_unknown_splitter_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(InvalidSpec, match="random, stratified, grouped, time, given"):
        splitter("monte_carlo")
