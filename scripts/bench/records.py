"""How long the records take to be asked and changed, in a box with 1,000 runs, 200 datasets and 100,000 events.

.venv/bin/python scripts/bench/records.py [FOLDER]
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

from store import audit, datasets, jobs, run_records, users
from store.database import Database
from store.datasets import DATASETS, Dataset
from store.folder import DataFolder
from store.identifiers import new_id
from store.jobs import JOBS, JobRecord
from store.run_records import RUNS, RunRecord
from store.table import now
from store.users import Session, User

RUNS_IN_ALL, DATASETS_IN_ALL, EVENTS_IN_ALL = 1_000, 200, 100_000


def fill(db: Database) -> tuple[str, str]:
    """Fill the tables; return the id of a job and of a run."""
    made = now()
    sets = [
        Dataset(
            id=new_id(), name=f"dataset {i}", state="ready", source_name="a.csv", bytes=1, rows=1, columns=1,
            created_by="u", created_at=made,
        )
        for i in range(DATASETS_IN_ALL)
    ]  # fmt: skip
    runs = [
        RunRecord(
            id=new_id(), name=f"run {i}", dataset_id=sets[i % DATASETS_IN_ALL].id, dataset_name="d", target="t",
            created_by="u", created_at=made, updated_at=made,
        )
        for i in range(RUNS_IN_ALL)
    ]  # fmt: skip
    work = [
        JobRecord(
            id=new_id(), kind="train_run", subject=f"run:{run.id}", title="Train", lane="training",
            state="succeeded", created_by="u", created_at=made,
        )
        for run in runs
    ]  # fmt: skip
    user = User(id=new_id(), name="ada", display="Ada", role="admin", password_hash="-", created_at=made)
    session = Session(
        token_hash="t", user_id=user.id, created_at=made, seen_at=made,
        expires_at=made + timedelta(days=1), agent="", address="",
    )  # fmt: skip
    with db.write() as tx:
        DATASETS.insert_many(tx, sets)
        RUNS.insert_many(tx, runs)
        JOBS.insert_many(tx, work)
        users.add(tx, user)
        users.add_session(tx, session)
    per_job = EVENTS_IN_ALL // 100
    for job in work[:100]:
        told = [{"event": "curve", "step": step, "valid": 0.5} for step in range(per_job)]
        with db.write() as tx:
            jobs.append_events(tx, job.id, told, attempt=1, at=made)
    return work[50].id, runs[500].id


def clock(name: str, work: Callable[[], object], times: int = 200) -> None:
    """Print the median and the slowest twentieth of a call, in milliseconds."""
    took = []
    for _ in range(times):
        started = time.perf_counter()
        work()
        took.append((time.perf_counter() - started) * 1e3)
    tell(name, took)


def tell(name: str, took: list[float]) -> None:
    """Print one row."""
    print(f"{name:46} {statistics.median(took):8.2f} {statistics.quantiles(took, n=20)[-1]:8.2f}")


def crowd(db: Database, run: str) -> None:
    """Print what 50 readers at once meet while one writer writes."""
    took: list[float] = []

    def read(_: int) -> None:
        for _ in range(20):
            started = time.perf_counter()
            run_records.get(db, run)
            took.append((time.perf_counter() - started) * 1e3)

    with ThreadPoolExecutor(51) as pool:
        readers = [pool.submit(read, number) for number in range(50)]
        for _ in range(50):
            with db.write() as tx:
                run_records.update(tx, run, step="split")
        for reader in readers:
            reader.result()
    tell("one run, 50 readers beside a writer", took)


def write(db: Database, run: str) -> None:
    """One small change, confirmed."""
    with db.write() as tx:
        run_records.update(tx, run, step="split")
        audit.append(tx, who="ada", action="bench")


def main(root: Path) -> None:
    """Fill a box and time it."""
    folder = DataFolder(root / "data")
    started = time.perf_counter()
    db = Database.open(folder)
    print(f"first open {time.perf_counter() - started:.2f} s")
    job, run = fill(db)
    print(f"{'milliseconds':46} {'median':>8} {'p95':>8}")
    clock("one run by id", lambda: run_records.get(db, run))
    clock("who is signed in", lambda: users.signed_in(db, "t", now()))
    clock("page of 50 runs and their count", lambda: (run_records.list(db), run_records.count(db)))
    clock("search in runs", lambda: (run_records.list(db, search="99"), run_records.count(db, search="99")))
    clock("page of 50 datasets and their count", lambda: (datasets.list(db), datasets.count(db)))
    clock("active jobs of a run", lambda: jobs.active(db, f"run:{run}"))
    clock("queued jobs of a lane", lambda: jobs.queued(db, "training"))
    clock("last 100 of a job's 1,000 events", lambda: jobs.events(db, job, after_seq=900))
    clock("one small change", lambda: write(db, run), times=100)
    crowd(db, run)
    db.close()
    started = time.perf_counter()
    Database.open(folder).close()
    size = folder.database.stat().st_size >> 20
    print(f"open again, every column read {time.perf_counter() - started:.2f} s, {size} MiB")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as scratch:
        main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(scratch))
