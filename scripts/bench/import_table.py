"""Import throughput against DuckDB's own COPY read_csv TO parquet on the same file.   Bar: ratio ≥ 0.7."""

from __future__ import annotations

import argparse
import resource
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.files import read_json
from engine.modalities.table import ImportLimits, import_table, profile_table
from engine.specs.codec import from_json
from engine.specs.schema import Schema

BAR = 0.7
ROWS = """
SELECT i AS id, (random() * 80)::INT AS age, round(random() * 1000, 2) AS price, round(random() * 10 - 5, 4) AS score,
  ['red', 'green', 'blue', 'black'][1 + (random() * 3)::INT] AS color, ['yes', 'no'][1 + random()::INT] AS flag,
  (DATE '2015-01-01' + (random() * 3000)::INT)::VARCHAR AS day, (random() * 100000)::INT AS amount,
  CASE WHEN random() < 0.05 THEN NULL ELSE round(random() * 100, 3) END AS gaps,
  'City ' || (random() * 300)::INT AS city,
  'A' || (random() * 1e6)::INT AS code, (random() * 5)::INT AS rating, round(random(), 6) AS p,
  round(random() * 1e6, 1) AS income, 'order of ' || (random() * 50)::INT || ' items' AS note
FROM range({rows}) t(i)
"""


def main() -> int:
    """Print both throughputs, their ratio, the profile's time and the peak memory; 0 when the bar is met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=2_000_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="aimass-bench-"))
    try:
        return _measure(folder, options.rows, options.rounds, ImportLimits(threads=options.threads))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _measure(folder: Path, rows: int, rounds: int, limits: ImportLimits) -> int:
    source, plain, ours = folder / "table.csv", folder / "plain.parquet", folder / "ours"
    with duckdb.connect(config={"threads": limits.threads}) as connection:
        connection.execute(f"COPY ({ROWS.format(rows=rows)}) TO '{source}' (HEADER)")
    ours.mkdir()

    def copy() -> None:
        with duckdb.connect(
            config={"threads": limits.threads, "memory_limit": f"{limits.memory_bytes}B"}
        ) as database:
            database.execute(f"COPY (FROM read_csv('{source}')) TO '{plain}' (FORMAT parquet)")

    def bring_in() -> None:
        import_table(source, ours, limits=limits, progress=lambda share: None)

    bring_in()
    times = [(_seconds(copy), _seconds(bring_in)) for _ in range(rounds)]
    baseline, own = (min(column) for column in zip(*times, strict=True))
    schema = from_json(Schema, read_json(ours / "schema.json"))
    described = _seconds(lambda: profile_table(ours / "data.parquet", schema, target="flag", limits=limits))
    size, ratio = source.stat().st_size / 1e6, baseline / own
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"file               {rows:,} rows x 15 columns, {size:,.0f} MB; best of {rounds}, {limits.threads} threads"
    )
    print(f"DuckDB COPY        {baseline:6.2f} s  {size / baseline:7.1f} MB/s")
    print(f"aimass import      {own:6.2f} s  {size / own:7.1f} MB/s")
    print(f"ratio              {ratio:6.2f}  (bar {BAR})")
    print(f"profile            {described:6.2f} s")
    print(f"peak memory        {peak:6.0f} MiB (both, one process)")
    return 0 if ratio >= BAR else 1


def _seconds(work: Callable[[], None] | Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


if __name__ == "__main__":
    raise SystemExit(main())
