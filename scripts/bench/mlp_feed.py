"""The neural network fed from Parquet against keras.fit on arrays in memory: same model, same shuffled batches.

Prints rows/s of both (median, best, spread), the ratio, processor seconds and peak memory; exits 0 when the median of
the rounds' ratios meets the bar (1.0). Every measurement has a process of its own: one training whose first pass
(tracing, compiling, first touch of memory) is not counted, and `--passes` that are. The sides take turns in going
first, so that whatever else the machine does falls on both alike. Where it is loaded, believe processor seconds.

Both train the very same layers with AdamW and clipped gradients. `--jit` lets keras.fit compile its steps too.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

# As the product sets them, for both sides.
os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["TF_ENABLE_ONEDNN_OPTS"] = "0"
os.environ["KERAS_BACKEND"] = "tensorflow"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import duckdb
import keras
import numpy as np
import tensorflow as tf

from engine.families.base import Budget, TrainingData
from engine.families.bridges.network import build_network, network_of, recipe
from engine.families.bridges.network_training import Training
from engine.families.mlp import FAMILY
from engine.families.targets import Target, read_target
from engine.files import write_json
from engine.specs.params import complete
from engine.training.feature_rows import DESCRIPTION, NoRows, ParquetFeatureRows

BAR = 1.0
NUMBERS, INDICES, CATEGORIES = 12, 3, 50
SIDES = ("streamed", "arrays")


def main() -> int:
    """Measure, print, and return 0 when the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=500_000)
    parser.add_argument("--batch", type=int, default=1024)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--passes", type=int, default=2, help="Measured passes over the rows in each round.")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--jit", action="store_true", help="Let keras.fit compile its steps by XLA.")
    parser.add_argument("--side", choices=SIDES, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.side:
        json.dump(train(options), sys.stdout)
        return 0
    with tempfile.TemporaryDirectory(prefix="aimass-bench-") as folder:
        write_features(Path(folder), options.rows)
        return compare(options, Path(folder))


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


def compare(options: argparse.Namespace, folder: Path) -> int:
    """Run the rounds and say how both sides did."""
    found: dict[str, list[dict[str, float]]] = {side: [] for side in SIDES}
    for number in range(options.rounds):
        for side in SIDES if number % 2 == 0 else reversed(SIDES):
            found[side].append(_in_own_process(options, folder, side))
        latest = ", ".join(f"{side} {found[side][-1]['rows_per_s']:,.0f}" for side in SIDES)
        print(f"round {number + 1}: {latest} rows/s", flush=True)
    for side in SIDES:
        speeds = sorted(each["rows_per_s"] for each in found[side])
        cost = statistics.median(each["cpu_s_per_million"] for each in found[side])
        peak = max(each["peak_mb"] for each in found[side])
        middle = statistics.median(speeds)
        print(f"{side:9} {middle:9,.0f} rows/s in the median, {speeds[0]:,.0f} to {speeds[-1]:,.0f}")
        print(f"{'':9} {cost:9.1f} processor seconds per million rows, peak memory {peak:,.0f} MB")
    ours, theirs = ([each["rows_per_s"] for each in found[side]] for side in SIDES)
    ratio = statistics.median(a / b for a, b in zip(ours, theirs, strict=True))
    print(
        f"ratio     {ratio:.2f} (median of {options.rounds} rounds; bar {BAR}), bests {max(ours) / max(theirs):.2f}"
    )
    return 0 if ratio >= BAR else 1


def _in_own_process(options: argparse.Namespace, folder: Path, side: str) -> dict[str, float]:
    numbers = [f"--{name}={getattr(options, name)}" for name in ("batch", "passes", "threads")]
    command = [sys.executable, __file__, f"--side={side}", f"--folder={folder}", *numbers]
    command += ["--jit"] if options.jit else []
    answer: dict[str, float] = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)
    return answer


def train(options: argparse.Namespace) -> dict[str, float]:
    """Train one side in this process; returns rows/s and what the measured passes cost."""
    tf.config.threading.set_intra_op_parallelism_threads(options.threads)
    tf.config.threading.set_inter_op_parallelism_threads(max(1, options.threads // 2))
    keras.utils.set_random_seed(0)
    rows = ParquetFeatureRows(options.folder, "train")
    target = read_target(rows.arrays(1000)[1], "binary", 2)
    params = complete(FAMILY.params, {"batch_size": options.batch, "schedule": "constant"}, "mlp")
    model = build_network(params, rows, target)
    run = train_streamed if options.side == "streamed" else train_arrays
    ends = run(model, rows, target, params, options)
    steps = rows.rows // options.batch
    trained = options.passes * (steps * options.batch if options.side == "streamed" else rows.rows)
    seconds, processor_s = (last - first for first, last in zip(ends[0], ends[-1], strict=True))
    return {
        "rows_per_s": trained / seconds,
        "cpu_s_per_million": processor_s / trained * 1e6,
        "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3,
    }


def train_streamed(
    model: keras.Model,
    rows: ParquetFeatureRows,
    target: Target,
    params: dict[str, Any],
    options: argparse.Namespace,
) -> list[tuple[float, float]]:
    """Train as the product does; returns wall and processor seconds at the end of each pass."""
    ends: list[tuple[float, float]] = []
    data = TrainingData(
        task="binary", outputs=2, train=rows, valid=NoRows(rows), seed=0, threads=options.threads
    )
    Training(
        network=network_of(model, target),
        # As many passes as the product asks for decide whether it compiles; this bench measures fewer.
        recipe=replace(recipe(params, rows.rows), passes=1 + options.passes, batch=options.batch),
        data=data,
        target=target,
        budget=Budget(3600.0, time.monotonic),
        progress=lambda *_: ends.append((time.perf_counter(), time.process_time())),
    ).run()
    return ends


def train_arrays(
    model: keras.Model,
    rows: ParquetFeatureRows,
    target: Target,
    params: dict[str, Any],
    options: argparse.Namespace,
) -> list[tuple[float, float]]:
    """Train as keras.fit does, everything in memory; returns the same as `train_streamed`."""
    ends: list[tuple[float, float]] = []
    clock = keras.callbacks.LambdaCallback(
        on_epoch_end=lambda epoch, logs: ends.append((time.perf_counter(), time.process_time()))
    )
    model.compile(
        keras.optimizers.AdamW(params["learning_rate"], weight_decay=1e-4, clipnorm=params["clip_norm"]),
        loss=keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        jit_compile=options.jit,
        steps_per_execution=4,
    )
    x, y = rows.arrays()
    model.fit(
        x,
        target.encode(y).astype(np.float32),
        batch_size=options.batch,
        shuffle=True,
        epochs=1 + options.passes,
        callbacks=[clock],
        verbose=0,
    )
    return ends


if __name__ == "__main__":
    sys.exit(main())
