"""Decoding and feeding pictures, and holding none of them, against a bare `tf.data` pipeline over the same JPEG files.

Ours: a run's shards made once (decode, resize by the served graph, write) and read back for each pass. Theirs: list
files, read, decode, resize antialiased, batch, for each pass. Prints pictures/s and processor milliseconds per picture
of the first pass (shards and one reading of them) and of five passes (bar 0.9; a training makes many more), rounds in
turns. With `--memory`, peak memory of making and reading
shards of ever more listed pictures (the same file over and over), which must stay level.
Usage: python scripts/bench/picture_feed.py [--pictures N] [--rounds N] [--memory N …]
"""

from __future__ import annotations

import argparse
import io
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import duckdb
import numpy as np
import onnx
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image

from engine.serving.session import Session
from engine.specs.features import ColumnChoice, Feature, FeaturePlan, Step
from engine.specs.schema import Column, Schema
from engine.training.materialise import Part, Sample
from engine.training.pixel_rows import PixelRows
from engine.training.shards import PixelWriter

BAR = 0.9
WIDTH, HEIGHT, SIDE, BATCH, PASSES, THREADS = 240, 180, 96, 64, 5, 2
SCHEMA = Schema(columns=(Column(name="image", source_name="image", physical="image", semantic="image"),))


def main() -> int:
    """Measure, print, and return 0 when the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pictures", type=int, default=3_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument(
        "--memory", type=int, nargs="*", help="Counts of listed pictures to watch memory with."
    )
    parser.add_argument("--listed", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.listed:
        return hold(options.listed)
    if options.memory is not None:
        return watch_memory(options.memory or [40_000, 400_000])
    with tempfile.TemporaryDirectory() as place:
        files = write_files(Path(place), options.pictures)
        write_dataset(Path(place), [file.read_bytes() for file in files])
        theirs(files[:BATCH])  # TensorFlow's first steps are nobody's throughput.
        rounds = [(ours(Path(place), turn), theirs(files)) for turn in range(options.rounds)]
    for name, index in (("first pass", 0), (f"{PASSES} passes", 1)):
        mine, bare = ([turn[side][index] for turn in rounds] for side in (0, 1))
        ratio = statistics.median(a.rate / b.rate for a, b in zip(mine, bare, strict=True))
        work = statistics.median(b.work_ms / a.work_ms for a, b in zip(mine, bare, strict=True))
        print(
            f"{name}: shards {said(mine)}; tf.data {said(bare)}; ratio {ratio:.2f} (processor time {work:.2f})"
        )
    print(f"bar {BAR} on {PASSES} passes: {'met' if ratio >= BAR else 'not met'}")
    return int(ratio < BAR)


@dataclass(frozen=True)
class Pace:
    """How fast pictures came.   rate: pictures/s.   work_ms: processor milliseconds per picture."""

    rate: float
    work_ms: float


def said(paces: list[Pace]) -> str:
    """Return the medians of several rounds in words."""
    rate, work = (statistics.median(values) for values in zip(*map(astuple, paces), strict=True))
    return f"{rate:,.0f} pictures/s, {work:.2f} ms"


def passes(read: Callable[[int], int], start: float, work: float) -> tuple[Pace, Pace]:
    """Return the paces of the first pass and of all.   read: makes pass number n and counts its pictures.

    start, work: wall clock and processor seconds when it all began.
    """
    found = []
    for number in range(PASSES):
        total = read(number) * (number + 1)
        seconds, worked = time.perf_counter() - start, time.process_time() - work
        found.append(Pace(total / seconds, 1000 * worked / total))
    return found[0], found[-1]


def write_files(place: Path, count: int) -> list[Path]:
    """Write smooth noise, about as large as photographs are: 15 kB each."""
    rng = np.random.default_rng(0)
    files = []
    for number in range(count):
        small = Image.fromarray(rng.integers(0, 256, (24, 32, 3)).astype(np.uint8))
        files.append(place / f"{number:06}.jpg")
        small.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC).save(files[-1], quality=90)
    return files


def write_dataset(place: Path, contents: list[bytes]) -> None:
    """Write the imported data and the rows of the split."""
    pq.write_table(pa.table({"image": contents}), place / "data.parquet", row_group_size=2_000)
    rows = pa.table({"_row": range(len(contents)), "_fold": [0] * len(contents), "_y": [0.0] * len(contents)})
    (place / "rows").mkdir()
    pq.write_table(rows, place / "rows" / "train.parquet")
    pq.write_table(rows.slice(0, 0), place / "rows" / "valid.parquet")


def ours(place: Path, turn: int) -> tuple[Pace, Pace]:
    """Make the shards and read them, pass for pass."""
    start, work = time.perf_counter(), time.process_time()
    make_shards(place, place / f"features-{turn}")
    rows = PixelRows(place / f"features-{turn}" / "pixels", "train")
    # What a network gets: bytes to floats is its first layer's work, on both sides.
    return passes(lambda seed: sum(len(x) for x, _ in rows.batches(BATCH, seed=seed)), start, work)


def make_shards(place: Path, folder: Path, side: int = SIDE) -> None:
    """Write the view of pixels as a run does."""
    folder.mkdir()
    step = Step(transform="resize", params={"side": side}, state={})
    feature = Feature(name="image", column="image", steps=(step,))
    used = (ColumnChoice(column="image", use=True, reason=""),)
    with duckdb.connect(config={"threads": THREADS, "memory_limit": "1GB"}) as connection:
        writer = PixelWriter(
            connection=connection,
            data=place / "data.parquet",
            schema=SCHEMA,
            runner=runner,
            threads=THREADS,
            progress=lambda share: None,
        )
        plan = FeaturePlan(columns=used, views={"pixels": (feature,)})
        writer.write(Part.as_split(place / "rows"), plan, folder, Sample(seed=0))


def runner(graph: onnx.ModelProto) -> Callable[[Mapping[str, Any]], Any]:
    """Open a graph as a run does."""
    session = Session(graph.SerializeToString())
    return lambda feeds: session.run(feeds)[0]


def theirs(files: list[Path]) -> tuple[Pace, Pace]:
    """Read, decode and resize, pass for pass."""
    import tensorflow as tf

    tf.config.threading.set_intra_op_parallelism_threads(THREADS)

    def read(path: Any) -> Any:
        pixels = tf.io.decode_jpeg(tf.io.read_file(path), channels=3)
        return tf.cast(tf.image.resize(pixels, (SIDE, SIDE), antialias=True), tf.uint8)

    names = [str(file) for file in files]
    pipeline = (
        tf.data.Dataset.from_tensor_slices(names).shuffle(len(names)).map(read, num_parallel_calls=THREADS)
    )
    pipeline = pipeline.batch(BATCH).prefetch(2)
    start, work = time.perf_counter(), time.process_time()
    return passes(lambda _: sum(int(batch.shape[0]) for batch in pipeline), start, work)


def watch_memory(counts: list[int]) -> int:
    """Print the peak of a process per count of listed pictures; 0 when the largest is within 15 % of the smallest."""
    peaks = []
    for count in counts:
        command = [sys.executable, __file__, "--listed", str(count)]
        peaks.append(float(subprocess.run(command, check=True, capture_output=True, text=True).stdout))
        print(f"{count:,} listed pictures: peak {peaks[-1]:,.0f} MiB")
    return int(max(peaks) > 1.15 * peaks[0])


def hold(count: int) -> int:
    """Make and read shards of `count` pictures that are one small file, and print the peak in MiB."""
    file = io.BytesIO()
    Image.fromarray(np.random.default_rng(0).integers(0, 256, (32, 32, 3)).astype(np.uint8)).save(file, "PNG")
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        schema = pa.schema([("image", pa.binary())])
        with pq.ParquetWriter(place / "data.parquet", schema) as writer:
            for start in range(0, count, 2_000):
                part = [file.getvalue()] * min(2_000, count - start)
                writer.write_table(pa.table({"image": part}, schema=schema))
        rows = pa.table({"_row": np.arange(count), "_fold": np.zeros(count, np.int8), "_y": np.zeros(count)})
        (place / "rows").mkdir()
        pq.write_table(rows, place / "rows" / "train.parquet")
        pq.write_table(rows.slice(0, 0), place / "rows" / "valid.parquet")
        del rows
        make_shards(place, place / "features", side=32)
        for _ in PixelRows(place / "features" / "pixels", "train").batches(BATCH, seed=0):
            pass
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
    return 0


if __name__ == "__main__":
    sys.exit(main())
