"""Memory while ever more pictures are imported and fed to training: a few real files that a table names over and over.

Each count has a process for the import and one for the feed (shards made once, one shuffled pass read). Prints the peak
memory of each and the ratio of the largest count to the smallest; exits 0 when both ratios meet the bar (1.2).
Usage: python scripts/bench/listed_pictures.py [--listed N …] [--million]
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from PIL import Image
from sklearn.datasets import load_sample_images

BAR = 1.2
FILES, SIDE, BATCH, MILLION = 40, 32, 64, 1_000_000
STAGES = ("import", "feed")


def main() -> int:
    """Measure, print, and return 0 when memory stays level."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--listed", type=int, nargs="*", default=[10_000, 100_000])
    parser.add_argument("--million", action="store_true", help="List a million pictures too.")
    parser.add_argument("--stage", choices=STAGES, help=argparse.SUPPRESS)
    parser.add_argument("--place", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.stage:
        {"import": read_in, "feed": feed}[options.stage](options.place)
        print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024)
        return 0
    peaks: dict[str, list[float]] = {stage: [] for stage in STAGES}
    counts = sorted({*options.listed, *([MILLION] if options.million else [])})
    for count in counts:
        with tempfile.TemporaryDirectory() as name:
            write_source(Path(name) / "pictures", count)
            for stage in STAGES:
                peaks[stage].append(peak(stage, Path(name)))
        told = ", ".join(f"{stage} {peaks[stage][-1]:,.0f} MiB" for stage in STAGES)
        print(f"{count:>9,} pictures listed: {told}", flush=True)
    ratios = {stage: found[-1] / found[0] for stage, found in peaks.items()}
    print(", ".join(f"{stage} × {ratio:.2f}" for stage, ratio in ratios.items()) + f" (bar {BAR})")
    return 0 if max(ratios.values()) <= BAR else 1


def peak(stage: str, place: Path) -> float:
    """Run one stage in a process of its own; returns the most MiB it held."""
    command = [sys.executable, __file__, "--stage", stage, "--place", str(place)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE)
    return float(done.stdout.split()[-1])


def write_source(folder: Path, count: int) -> None:
    """Write real pictures (pieces of two photographs) and a table that names them `count` times.

    A folder: an archive that unpacks to so much more than its size is refused as a bomb.
    """
    folder.mkdir()
    names = []
    for number, piece in enumerate(pieces()):
        names.append((f"{number}.png", "china" if number < FILES // 2 else "flower"))
        piece.save(folder / names[-1][0])
    with (folder / "labels.csv").open("w", encoding="utf-8") as table:
        table.write("file,label\n")
        table.writelines(",".join(names[row % FILES]) + "\n" for row in range(count))


def pieces() -> Iterator[Image.Image]:
    """Yield `FILES` pieces of photographs, half of each."""
    rng = np.random.default_rng(0)
    for photograph in load_sample_images().images:
        for _ in range(FILES // 2):
            y, x = rng.integers(0, np.array(photograph.shape[:2]) - 48)
            yield Image.fromarray(photograph[y : y + 48, x : x + 48])


def read_in(place: Path) -> None:
    """Import the folder as the product does."""
    from engine.modalities.image.importing import import_images
    from engine.modalities.table.limits import ImportLimits

    (place / "data").mkdir()
    import_images(place / "pictures", place / "data", limits=ImportLimits(), progress=lambda share: None)


def feed(place: Path) -> None:
    """Make shards of all that was imported, and read one shuffled pass of them."""
    from engine.training.pixel_rows import PixelRows
    from scripts.bench.picture_feed import make_shards

    count = pq.ParquetFile(place / "data" / "data.parquet").metadata.num_rows
    rows = pa.table({"_row": np.arange(count), "_fold": np.zeros(count, np.int8), "_y": np.zeros(count)})
    (place / "data" / "rows").mkdir()
    pq.write_table(rows, place / "data" / "rows" / "train.parquet")
    pq.write_table(rows.slice(0, 0), place / "data" / "rows" / "valid.parquet")
    del rows
    make_shards(place / "data", place / "features", side=SIDE)
    for _ in PixelRows(place / "features" / "pixels", "train").batches(BATCH, seed=0):
        pass


if __name__ == "__main__":
    sys.exit(main())
