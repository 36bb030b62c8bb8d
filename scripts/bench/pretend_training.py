"""A worker that only says that it trains, twice a second, as a real one does: `pretend_training.py ROOT JOB RUN TOKEN`.

It ends when nobody holds the other end of its standard input.
"""

from __future__ import annotations

import json
import math
import os
import select
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from app.jobs.messages import MessageWriter
from app.jobs.process import DATA_VARIABLE, TOKEN_VARIABLE, LifeLock, identify
from app.jobs.workplace import JobFiles
from engine.files import read_json
from engine.specs.run import RunPaths
from store.folder import DataFolder
from store.runs import EVENTS_NAME
from store.table import now

EVERY_S = 0.5
#: So many points make one model's curve.
POINTS = 300


@contextmanager
def pretend_training(folder: DataFolder, job_id: str, run_id: str, token: str) -> Iterator[None]:
    """Let a worker say that it trains until the block ends; it lives when the block begins."""
    command = [sys.executable, __file__, str(folder.root), job_id, run_id]
    environment = {**os.environ, TOKEN_VARIABLE: token, DATA_VARIABLE: str(folder.root.resolve())}
    worker = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, start_new_session=True
    )
    try:
        assert worker.stdout is not None and worker.stdout.readline(), "the worker did not begin"
        yield
    finally:
        worker.communicate()


def main() -> None:
    """Take the job's lock and tell one model's progress after the other's."""
    root, job_id, run_id = sys.argv[1:4]
    folder, token = DataFolder(Path(root)), os.environ[TOKEN_VARIABLE]
    files, run = JobFiles(folder.job(job_id)), RunPaths(folder.run(run_id))
    lock, myself = LifeLock(files.lock), identify(os.getpid(), token=token)
    assert myself is not None and lock.take()
    lock.sign(myself)
    emit = MessageWriter(files.messages, token)
    candidates = read_json(run.candidates)["candidates"]
    print("begun", flush=True)
    step = 0
    with (run.folder / EVENTS_NAME).open("a", encoding="utf-8", buffering=1) as events:
        while not select.select([sys.stdin], [], [], EVERY_S)[0]:
            candidate = candidates[step // POINTS % len(candidates)]
            share = (step % POINTS + 1) / POINTS
            told = {
                "event": "model_progress", "candidate": candidate["id"], "family": candidate["family"],
                "share": round(share, 4), "within": round(share, 4),
                "train": math.exp(-4 * share), "valid": math.exp(-3 * share) + 0.05 * share,
            }  # fmt: skip
            stamp = {
                "time": now().isoformat(timespec="milliseconds"),
                "elapsed_s": round(20 + step * EVERY_S, 3),
            }
            events.write(json.dumps({**stamp, **told}) + "\n")
            emit(told)
            step += 1


if __name__ == "__main__":
    main()
