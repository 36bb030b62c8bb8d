"""Peak memory of a whole run on 10 million rows × 15 columns, every process together.   Bar: ≤ 3 GiB."""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

import duckdb
import psutil

ROOT = Path(__file__).resolve().parents[2]
BAR_GIB = 3.0
GIB = 1 << 30
ROWS = """
SELECT *, CASE WHEN n1 + 0.5 * n2 * (c1 = 'red')::INT + 0.02 * i1 + g < 6 THEN 'no' ELSE 'yes' END AS answer FROM (
SELECT round(random() * 10, 3) AS n1, round(random() * 10, 3) AS n2, round(random() * 1000, 2) AS n3,
  round(random(), 5) AS n4, round(random() * 1e6, 1) AS n5,
  CASE WHEN random() < 0.1 THEN NULL ELSE random()::FLOAT END AS n6,
  (random() * 100)::INT AS i1, (random() * 5)::INT AS i2, (random() * 10000)::INT AS i3,
  ['red', 'green', 'blue'][1 + (random() * 2)::INT] AS c1, ['yes', 'no'][1 + random()::INT] AS c2,
  'city ' || (random() * 400)::INT AS c3, (DATE '2015-01-01' + (random() * 3000)::INT)::VARCHAR AS d1,
  random() + random() + random() AS g FROM range({rows}))
"""


def main() -> int:
    """Print the peak, its ratio to the size of the raw table in memory, and the score; 0 when the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--time-limit", type=float, default=300.0)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="aimass-bench-"))
    try:
        data = folder / "table.csv"
        with duckdb.connect(config={"memory_limit": "1GB"}) as connection:
            connection.execute(f"COPY ({ROWS.format(rows=options.rows)}) TO '{data}' (HEADER)")
        return _measure(data, folder / "run", options.rows, options.time_limit)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(data: Path, out: Path, rows: int, time_limit: float) -> int:
    command = [sys.executable, "-m", "app.cli", "run", str(data), "--target", "answer", "--out", str(out)]
    start = time.monotonic()
    process = psutil.Popen([*command, "--time-limit", str(time_limit)], cwd=ROOT)
    peak = 0
    while process.poll() is None:
        peak = max(peak, _resident(process))
        time.sleep(0.2)
    seconds = time.monotonic() - start
    if process.returncode != 0:
        print(f"the run failed with exit code {process.returncode}")
        return 1
    report = json.loads((out / "report.json").read_text())
    score = report["evaluation"]["scores"][0]
    raw = rows * 15 * 8
    print(
        f"rows {rows:,} × 15 columns, CSV {data.stat().st_size / 1e9:.2f} GB, {seconds:.0f} s of {time_limit:.0f} s"
    )
    print(f"{score['name']} {score['value']:.5f} (baseline {score['baseline']:.5f})")
    print(f"steps: {report['settings']['steps']}")
    print(f"peak {peak / GIB:.2f} GiB; baseline: the table as doubles in memory {raw / GIB:.2f} GiB")
    print(f"ratio peak / baseline {peak / raw:.2f}; peak / bar {peak / GIB / BAR_GIB:.2f}  (bar: ≤ 1)")
    return 0 if peak <= BAR_GIB * GIB else 1


def _resident(process: psutil.Process) -> int:
    """Resident bytes of a process and its children; one that has just ended counts as 0."""
    total = 0
    for one in (process, *process.children(recursive=True)):
        try:
            total += one.memory_info().rss
        except psutil.NoSuchProcess:
            continue
    return total


if __name__ == "__main__":
    sys.exit(main())
