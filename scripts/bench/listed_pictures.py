"""Memory while ever more pictures are imported and fed to training: a few real files that a table names over and over.

Each count and stage has a process of its own: a run's import (with profile and task), its split (with features and
leaks), its pixels (every picture decoded, resized and written in shuffled order), and one shuffled pass over these as
a network reads them. Prints seconds and the peak memory of each, with its ratio to that of the smallest count, which
is the baseline; exits 0 when the largest count's ratios meet the bar (1.2). DuckDB is given the least it can work
with (64 MiB); with the 1 GiB that a run gives it by default, it takes more of that while a million rows are split.
All counts together take about a minute on two cores and 7 GB of disk; with --folder, what was made stays, and stages
can be asked for one by one.
Usage: python scripts/bench/listed_pictures.py [--listed N …] [--million] [--stages NAME …] [--folder FOLDER]
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

BAR = 1.2
FILES, PIECE, BATCH, MILLION = 40, 48, 64, 1_000_000
#: Stage → what its first step reads of the run's spec, and its last step; the last stage is no step.
STEPS = {"import": ("data", "import"), "split": ("plan", "split"), "pixels": ("families", "models")}
STAGES = (*STEPS, "feed")
#: So much time for training that no picture is left out of the features.
TIME_LIMIT_S = 10_000.0
#: The least that DuckDB can be given; what it may take beside is no growth.
THREADS, MEMORY_BYTES = 2, 64 << 20


def main() -> int:
    """Measure, print, and return 0 when memory stays level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listed", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="List a million pictures too.")
    parser.add_argument("--stages", choices=STAGES, nargs="*", default=[*STAGES])
    parser.add_argument("--folder", type=Path, help="Keep here what is made, and go on from what is here.")
    parser.add_argument("--alone", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.alone:
        work(options.stages[0], options.alone)
        print(peak_mib())
        return 0
    counts = sorted({*options.listed, *([MILLION] if options.million else [])})
    peaks: dict[str, list[float]] = {stage: [] for stage in options.stages}
    with ExitStack() as stack:
        folder = options.folder or Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for count in counts:
            place = folder / str(count)
            write_source(place / "pictures", count)
            for stage in options.stages:
                measure(stage, place, peaks[stage], f"{count:>9,} pictures listed, {stage:>6}", counts[0])
    worst = max(found[-1] / found[0] for found in peaks.values())
    print(f"worst of {counts[-1]:,} against {counts[0]:,}: × {worst:.2f} (bar {BAR})")
    return int(worst > BAR)


def measure(stage: str, place: Path, peaks: list[float], title: str, baseline: int) -> None:
    """Run one stage in a process of its own, append the most MiB it held to `peaks`, and print it."""
    command = [sys.executable, __file__, "--alone", str(place), "--stages", stage]
    start = time.perf_counter()
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    peaks.append(float(done.stdout.split()[-1]))
    told = f"× {peaks[-1] / peaks[0]:.2f} of {baseline:,}" if len(peaks) > 1 else "the baseline"
    print(f"{title}: {peaks[-1]:5,.0f} MiB, {told}, {time.perf_counter() - start:.1f} s", flush=True)


def peak_mib() -> float:
    """Return the most memory that this process has held; what the process that started it held is not in it."""
    (line,) = (
        line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM")
    )
    return int(line.split()[1]) / 1024


def write_source(folder: Path, count: int) -> None:
    """Write real pictures (pieces of two photographs) and a table that names them `count` times; kept when there.

    A folder: an archive that unpacks to so much more than its size is refused as a bomb.
    """
    if folder.exists():
        return
    folder.mkdir(parents=True)
    names = []
    for number, piece in enumerate(pieces()):
        names.append((f"{number}.png", "china" if number < FILES // 2 else "flower"))
        piece.save(folder / names[-1][0])
    with (folder / "labels.csv").open("w", encoding="utf-8") as table:
        table.write("file,label\n")
        table.writelines(",".join(names[row % FILES]) + "\n" for row in range(count))


def pieces() -> Iterator[Any]:
    """Yield `FILES` pieces of photographs as Pillow images, half of each."""
    # Imported here, as the processes that are measured need none of it.
    import numpy as np
    from PIL import Image
    from sklearn.datasets import load_sample_images

    rng = np.random.default_rng(0)
    for photograph in load_sample_images().images:
        for _ in range(FILES // 2):
            y, x = rng.integers(0, np.array(photograph.shape[:2]) - PIECE)
            yield Image.fromarray(photograph[y : y + PIECE, x : x + PIECE])


def work(stage: str, place: Path) -> None:
    """Do one stage of the run in `place`, as the product does."""
    if stage not in STEPS:
        feed(place / "run")
        return
    from engine.pipeline import run_pipeline
    from engine.run import Run
    from engine.specs.run import RunPaths, RunSpec
    from engine.steps import forget

    begun = time.monotonic()
    (place / "run").mkdir(exist_ok=True)
    run = Run(
        spec=RunSpec(data=str(place / "pictures"), target="label", time_limit_s=TIME_LIMIT_S),
        paths=RunPaths(place / "run"),
        clock=lambda: time.monotonic() - begun,
        now=lambda: datetime.now(UTC).isoformat(timespec="seconds"),
        emit=lambda event: None,
        step_seconds=dict,
        threads=THREADS,
        memory_bytes=MEMORY_BYTES,
        version="bench",
    )
    field, last = STEPS[stage]
    forget(run.paths, [field])
    run_pipeline(run, until=last)


def feed(run: Path) -> None:
    """Read one shuffled pass of the pictures that train."""
    from engine.training.pixel_rows import PixelRows

    for _ in PixelRows(run / "features" / "pixels", "train").batches(BATCH, seed=0):
        pass


if __name__ == "__main__":
    sys.exit(main())
