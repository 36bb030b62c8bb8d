"""The neural network fed from Parquet against keras.fit on arrays in memory: same model, same batches.

Prints rows/s of both, the ratio and the peak memory; exits 0 when the bar (1.0) is met. The rounds alternate, so
that what else the machine does falls on both alike.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import duckdb
import keras
import numpy as np

from engine.families.bridges.network import build_network, stream
from engine.families.mlp import FAMILY
from engine.families.targets import Target, read_target
from engine.files import write_json
from engine.specs.params import complete
from engine.training.feature_rows import DESCRIPTION, ParquetFeatureRows

BAR = 1.0
NUMBERS, INDICES, CATEGORIES = 12, 3, 50


def main() -> int:
    """Measure, print, and return 0 when the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="aimass-bench-") as folder:
        write_features(Path(folder), options.rows)
        return measure(ParquetFeatureRows(Path(folder), "train"), options.batch, options.rounds)


def write_features(folder: Path, rows: int) -> None:
    """Write a made view of `rows` rows: numbers, indices and a binary target."""
    numbers = ", ".join(f"(random() * 2 - 1)::FLOAT AS f{i}" for i in range(NUMBERS))
    indices = ", ".join(f"floor(random() * {CATEGORIES})::FLOAT AS f{NUMBERS + i}" for i in range(INDICES))
    with duckdb.connect(config={"threads": 2}) as connection:
        connection.execute(
            f"COPY (SELECT *, (f0 + f1 * f2 > 0)::DOUBLE AS _y, i AS _row FROM "
            f"(SELECT {numbers}, {indices}, i FROM range({rows}) t(i))) TO '{folder}/train.parquet' "
            "(FORMAT parquet, ROW_GROUP_SIZE 61440)"
        )
    columns = [f"c{i}" for i in range(NUMBERS + INDICES)]
    cardinalities = {str(NUMBERS + i): CATEGORIES for i in range(INDICES)}
    write_json(
        folder / DESCRIPTION,
        {"columns": columns, "cardinalities": cardinalities, "rows": {"train": rows}},
    )


def measure(rows: ParquetFeatureRows, batch: int, rounds: int) -> int:
    """Alternate both ways `rounds` times after one unmeasured round each; the best of each counts."""
    x, y = rows.arrays()
    target = read_target(y, "binary", 2)
    params = complete(FAMILY.params, {}, "mlp")
    streamed, whole = build_network(params, rows, target), build_network(params, rows, target)
    steps = rows.rows // batch
    ours: list[float] = []
    theirs: list[float] = []
    for number in range(rounds + 1):
        first, second = fit_stream(streamed, rows, target, batch, number), fit_arrays(whole, x, y, batch)
        if number:
            ours.append(steps * batch / first)
            theirs.append(rows.rows / second)
            print(f"round {number}: streamed {ours[-1]:,.0f} rows/s, arrays {theirs[-1]:,.0f} rows/s")
    ratio = max(ours) / max(theirs)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    print(f"streamed from Parquet {max(ours):,.0f} rows/s; keras.fit on arrays {max(theirs):,.0f} rows/s")
    print(f"ratio {ratio:.2f} (bar {BAR}); peak memory {peak:.2f} GB, the arrays' own copy included")
    return 0 if ratio >= BAR else 1


def fit_stream(model: keras.Model, rows: ParquetFeatureRows, target: Target, batch: int, seed: int) -> float:
    """One pass from Parquet; returns seconds."""
    feed = stream(rows, target, batch, seed)
    start = time.perf_counter()
    model.fit(feed, epochs=1, steps_per_epoch=rows.rows // batch, shuffle=False, verbose=0)
    return time.perf_counter() - start


def fit_arrays(model: keras.Model, x: np.ndarray, y: np.ndarray, batch: int) -> float:
    """One pass over arrays in memory, shuffled as keras.fit does; returns seconds."""
    start = time.perf_counter()
    model.fit(x, y.astype(np.float32), epochs=1, batch_size=batch, shuffle=True, verbose=0)
    return time.perf_counter() - start


if __name__ == "__main__":
    sys.exit(main())
