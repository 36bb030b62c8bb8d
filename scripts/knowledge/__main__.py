"""Measure many configurations on many data sets, and distil what recommendations know from it.

.venv/bin/python scripts/knowledge measure LEDGER [--data DIR] [--processes N] [--minutes M]
.venv/bin/python scripts/knowledge distil LEDGER [--data DIR] [--out FILE]

`measure` adds one line per finished training to LEDGER (JSON lines) and goes on where it was stopped. At most 4,000
rows of a set are trained on; every score is of rows that training never saw. The test rows of scripts/bench/quality
are left out of everything. `distil` writes engine/recommend/knowledge.json.
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from pathlib import Path

# One thread each, and quiet, before any library reads it.
for _name in ("OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OPENBLAS_NUM_THREADS"):
    os.environ.setdefault(_name, "1")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
# In the place of this folder, whose modules would hide others of the same name.
if sys.path and Path(sys.path[0]).resolve() == Path(__file__).resolve().parent:
    sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from scripts.knowledge import measure as measuring  # noqa: E402 - after the threads are set
from scripts.knowledge.sets import Source, repeats, sources  # noqa: E402

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
OUT = ROOT / "engine" / "recommend" / "knowledge.json"


def read_options() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(
        prog="scripts/knowledge", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("verb", choices=("measure", "distil"))
    parser.add_argument("ledger", type=Path)
    parser.add_argument("--data", type=Path, default=DATA, help="folder with tabular/ and pmlb/")
    parser.add_argument("--out", type=Path, default=OUT)
    parser.add_argument("--sets", help="only these, separated by commas")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--minutes", type=float, default=30.0, help="after which no further set is begun")
    return parser.parse_args()


def chosen(options: argparse.Namespace) -> tuple[Source, ...]:
    """Return the sets asked for."""
    names = options.sets.split(",") if options.sets else None
    return tuple(one for one in sources(options.data) if names is None or one.name in names)


def main() -> int:
    """Do what was asked for."""
    options = read_options()
    if options.verb == "distil":
        from scripts.knowledge.distil import distil

        return distil(chosen(options), options.ledger, options.out)
    until = time.time() + 60 * options.minutes
    rows = {one.name: len(one.read()[1]) for one in chosen(options)}
    jobs = [
        (name, repeat, str(options.data), str(options.ledger), until)
        for repeat in range(2)
        for name, count in rows.items()
        if repeat < repeats(count)
    ]
    with multiprocessing.get_context("spawn").Pool(options.processes, initializer=measuring.warm) as pool:
        for said in pool.imap_unordered(measuring.work, jobs):
            sys.stderr.write(said + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
