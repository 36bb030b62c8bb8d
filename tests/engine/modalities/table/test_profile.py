"""Profiles: facts that can be counted by hand, and links that point the right way."""

from __future__ import annotations

import csv
import math
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from engine.files import read_json
from engine.modalities.table import ImportLimits, import_table, profile, profile_table
from engine.specs.codec import from_json, to_json
from engine.specs.profile import Profile
from engine.specs.schema import Column, Schema

LIMITS = ImportLimits(memory_bytes=256 << 20, threads=1)


def profile_of(source: Path, folder: Path, target: str | None = None) -> Profile:
    folder.mkdir()
    import_table(source, folder, limits=LIMITS, progress=lambda share: None)
    schema = from_json(Schema, read_json(folder / "schema.json"))
    found = profile_table(folder / "data.parquet", schema, target=target, limits=LIMITS)
    assert from_json(Profile, to_json(found)) == found
    return found


@pytest.mark.slow
def test_adult_is_described_as_a_plain_count_describes_it(shared_data: Path, tmp_path: Path) -> None:
    path = shared_data / "tabular" / "adult.csv"
    with path.open(newline="") as file:
        rows = [{k.strip(): v.strip() for k, v in row.items()} for row in csv.DictReader(file)]
    found = profile_of(path, tmp_path / "out", "income")
    ages = [int(row["age"]) for row in rows]
    age, work = found.by_name["age"], found.by_name["workclass"]
    assert (age.minimum, age.maximum, age.distinct) == (min(ages), max(ages), len(set(ages)))
    assert age.mean == pytest.approx(sum(ages) / len(ages))
    assert (
        sum(age.histogram_counts) == len(ages) and len(age.histogram_edges) == len(age.histogram_counts) + 1
    )
    counted = Counter(row["workclass"] for row in rows)
    assert work.missing == counted.pop("")
    assert work.top_values == tuple(counted.most_common())
    assert found.duplicate_rows == len(rows) - len({tuple(row.values()) for row in rows})
    assert found.by_name["income"].target_link is None


@pytest.mark.slow
def test_links_tell_copies_from_noise_in_every_pair_of_kinds(tmp_path: Path) -> None:
    draw = random.Random(1)
    lines = ["target,cube,noise,group,letter,day"]
    for i in range(600):
        x = draw.uniform(-5, 5)
        letter, day = draw.choice("abc"), f"2020-{1 + i % 12:02d}-{1 + i % 28:02d}"
        lines.append(f"{x:.6f},{x**3:.6f},{draw.random():.6f},{'up' if x > 0 else 'down'},{letter},{day}")
    source = tmp_path / "made.csv"
    source.write_text("\n".join(lines))
    numeric = profile_of(source, tmp_path / "a", "target").by_name
    assert numeric["cube"].target_link and numeric["cube"].target_link.value == pytest.approx(1.0)
    assert numeric["cube"].target_link.measure == "spearman"
    assert numeric["noise"].target_link and numeric["noise"].target_link.value < 0.15
    assert numeric["group"].target_link and numeric["group"].target_link.value > 0.8
    classes = profile_of(source, tmp_path / "b", "group").by_name
    assert classes["target"].target_link and classes["target"].target_link.value > 0.8
    assert classes["letter"].target_link and classes["letter"].target_link.measure == "cramers_v"
    assert classes["letter"].target_link.value < 0.15


def test_alerts_name_what_is_odd(tmp_path: Path) -> None:
    lines = ["id,empty,same,rare,power,when"]
    lines += [f"{i},,1,{'x' if i else 'y'},{i % 9 + 1}.5 kW,{i % 28 + 1}/1/2020" for i in range(200)]
    source = tmp_path / "odd.csv"
    source.write_text("\n".join([*lines, lines[-1], lines[-1], lines[-1]]))
    found = profile_of(source, tmp_path / "out")
    codes = {column.name: {alert.code for alert in column.alerts} for column in found.columns}
    assert "all_missing" in codes["empty"] and "constant" in codes["same"]
    assert "imbalanced" in codes["rare"] and "number_in_text" in codes["power"]
    assert found.duplicate_rows == 3 and {alert.code for alert in found.alerts} == {"duplicate_rows"}
    assert found.by_name["when"].earliest == "2020-01-01 00:00:00"


@pytest.mark.slow
def test_order_in_the_file_is_seen_by_time_not_by_letters(shared_data: Path, tmp_path: Path) -> None:
    found = profile_of(shared_data / "tabular" / "bike_hourly.csv", tmp_path / "out", "cnt").by_name
    assert found["dteday"].is_sorted and found["instant"].is_sorted and not found["temp"].is_sorted
    assert (found["dteday"].earliest, found["dteday"].latest) == (
        "2011-01-01 00:00:00",
        "2012-12-31 00:00:00",
    )


NUMBERS = st.one_of(
    st.floats(-1e300, 1e300),
    st.sampled_from([0.0, 1.0, 1.0 + 2**-52, 1.0 + 2**-51, -1e-310, 1e15, 1e15 + 0.125]),
    st.integers(-5, 5).map(float),
)


@pytest.mark.slow
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(values=[1.0, 1.0 + 2**-52, 1.0 + 2**-51])
@given(values=st.lists(st.one_of(st.none(), NUMBERS), min_size=1, max_size=60))
def test_figures_are_those_of_numpy(values: list[float | None], tmp_path: Path) -> None:
    data = tmp_path / "data.parquet"
    pq.write_table(pa.table({"a": pa.array(values, pa.float64())}), data)
    schema = Schema(columns=(Column(name="a", source_name="a", physical="double", semantic="number"),))
    found = profile_table(data, schema, target=None, limits=LIMITS).by_name["a"]
    present = np.array([value for value in values if value is not None])
    assert (found.rows, found.missing) == (len(values), len(values) - len(present))
    assert found.distinct == len(set(present)) and found.zeros == (present == 0).sum()
    if not len(present):
        assert found.quantiles == {} and found.histogram_counts == () and not found.is_sorted
        return
    assert (found.minimum, found.maximum) == (present.min(), present.max())
    assert found.is_sorted is bool((np.diff(present) >= 0).all())
    scale = float(np.abs(present).max())
    for share, quantile in found.quantiles.items():
        assert quantile == pytest.approx(np.quantile(present, float(share)), rel=1e-9, abs=1e-9 * scale)
    if scale < 1e100:
        assert found.mean == pytest.approx(present.mean(), rel=1e-9, abs=1e-9 * scale)
        if len(present) > 1:
            assert found.std == pytest.approx(present.std(ddof=1), rel=1e-6, abs=1e-7 * scale)
    if found.distinct > 1 and math.isfinite(present.max() - present.min()):
        edges = np.array(found.histogram_edges)
        assert sum(found.histogram_counts) == len(present)
        assert (edges[0], edges[-1]) == (present.min(), present.max()) and (np.diff(edges) > 0).all()
        below = [int((present <= edge).sum()) for edge in edges[1:]]
        assert np.cumsum(found.histogram_counts).tolist() == below


def test_top_values_are_the_most_frequent_fifty(tmp_path: Path) -> None:
    draw = np.random.default_rng(7)
    words = [f"w{min(int(n), 70)}" for n in draw.geometric(0.05, 3000)]
    source = tmp_path / "t.csv"
    source.write_text("\n".join(["word,n", *(f"{word},{i % 3}" for i, word in enumerate(words))]))
    found = profile_of(source, tmp_path / "out").by_name["word"]
    by_count = sorted(Counter(words).items(), key=lambda item: (-item[1], item[0]))
    assert found.top_values == tuple(by_count[:50]) and found.distinct == len(by_count)
    assert found.mean_length == pytest.approx(sum(map(len, words)) / len(words)) and found.mean_words == 1.0


def test_columns_described_alone_are_described_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    draw = np.random.default_rng(0)
    table = pa.table({name: draw.normal(size=50) for name in "abcde"})
    schema = Schema(
        columns=tuple(
            Column(name=name, source_name=name, physical="double", semantic="number") for name in "abcde"
        )
    )
    pq.write_table(table, tmp_path / "data.parquet")
    together = profile_table(tmp_path / "data.parquet", schema, target=None, limits=LIMITS)
    asked: list[int] = []
    describe = profile._describe_numbers
    monkeypatch.setattr(
        profile, "_describe_numbers", lambda *told: (asked.append(len(told[2])), describe(*told))[1]
    )
    monkeypatch.setattr(profile, "_CELLS", 100)
    assert profile_table(tmp_path / "data.parquet", schema, target=None, limits=LIMITS) == together
    assert asked == [2, 2, 1]


def test_pictures_are_counted_and_never_read(tmp_path: Path) -> None:
    image = Column(name="image", source_name="image", physical="image", semantic="image")
    label = Column(name="label", source_name="label", physical="string", semantic="category")
    path = tmp_path / "data.parquet"
    pictures = [b"\x89PNG first" + bytes(5000), b"second", b"second", None] * 10
    pq.write_table(
        pa.table({"image": pa.array(pictures, pa.binary()), "label": ["a", "b", "b", "a"] * 10}), path
    )
    footer_only = path.read_bytes()
    place = footer_only.index(b"PNG first")
    # The page is no page any more: whoever reads it fails.
    path.write_bytes(footer_only[: place - 60] + b"\xff" * 50 + footer_only[place - 10 :])
    schema = Schema(columns=(image, label))
    found = profile_table(path, schema, target="label", limits=LIMITS)
    assert from_json(Profile, to_json(found)) == found
    facts = found.by_name["image"]
    assert (facts.rows, facts.missing, facts.top_values, facts.target_link) == (40, 10, (), None)
    assert found.duplicate_rows == 38 and found.by_name["label"].distinct == 2
