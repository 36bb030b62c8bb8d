"""Train every configuration on one data set and judge it on rows that training never saw."""

from __future__ import annotations

import dataclasses
import importlib
import json
import os
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from engine.errors import AimassError
from engine.families import family
from engine.families.base import Budget
from engine.specs.training import Candidate
from engine.training.feature_rows import ParquetFeatureRows
from engine.training.pixel_rows import shape_of
from engine.training.workshop import LIBRARY_ERRORS, Workshop, record_of
from scripts.knowledge.portfolio import portfolio
from scripts.knowledge.prepare import Prepared, open_run, prepare
from scripts.knowledge.sets import Source, sources, write_sample

#: Seconds of work that one training may take, whatever else the machine does; networks are given more.
FIT_S, NETWORK_S = 4.0, 9.0
NETWORKS = ("mlp", "tabm")
BRIDGES = (
    "boosting", "catboost_trees", "xgboost_trees", "sklearn_trees", "support_vectors", "neighbours",
    "linear_models", "network", "tabm",
)  # fmt: skip
Key = tuple[str, int, str]
#: Set, repeat, folder of data, ledger, and the time after which nothing more is begun.
Job = tuple[str, int, str, str, float]


def read_ledger(ledger: Path) -> dict[Key, dict[str, Any]]:
    """Return what was measured: (set, repeat, configuration) → its line; a line that was cut short is none."""
    found: dict[Key, dict[str, Any]] = {}
    for line in ledger.read_text("utf-8").splitlines() if ledger.exists() else ():
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue
        found[(entry["set"], entry["repeat"], entry["configuration"])] = entry
    return found


def measure(source: Source, repeat: int, ledger: Path) -> int:
    """Measure what the ledger does not have yet of one set, divided by one seed; return the number of new lines."""
    known = read_ledger(ledger)
    done = 0
    with tempfile.TemporaryDirectory(prefix="aimass-knowledge-") as place:
        folder = Path(place)
        write_sample(source, folder / "sample.csv")
        prepared = prepare(open_run(source, folder / "sample.csv", folder / "run", repeat))
        task = prepared.run.task
        shapes = {view: shape_of(prepared.features / view, task) for view in prepared.views}
        for candidate in portfolio(task, shapes):
            if (source.name, repeat, candidate.id) in known:
                continue
            entry = {"set": source.name, "repeat": repeat, "configuration": candidate.id}
            append(ledger, entry | _outcome(prepared, candidate))
            done += 1
    return done


def warm() -> None:
    """Load every library once, so that no set pays for it."""
    for name in BRIDGES:
        importlib.import_module(f"engine.families.bridges.{name}")


def work(job: Job) -> str:
    """Measure one set once, in a process of its own; return what to tell."""
    name, repeat, data, ledger, until = job
    if time.time() > until:
        return f"{name} {repeat}: left for the next time"
    source = next(one for one in sources(Path(data)) if one.name == name)
    begun = time.monotonic()
    try:
        count = measure(source, repeat, Path(ledger))
    except AimassError as error:
        return f"{name} {repeat}: {error}"
    return f"{name} {repeat}: {count} measured in {time.monotonic() - begun:.0f} s"


def append(ledger: Path, entry: Mapping[str, Any]) -> None:
    """Add one line at once, so that two processes never mix theirs."""
    handle = os.open(ledger, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)
    try:
        os.write(handle, (json.dumps(entry) + "\n").encode())
    finally:
        os.close(handle)


def _outcome(prepared: Prepared, candidate: Candidate) -> dict[str, Any]:
    try:
        return _train(prepared, candidate)
    except LIBRARY_ERRORS as error:
        return {"failed": str(error)[:200]}


def _train(prepared: Prepared, candidate: Candidate) -> dict[str, Any]:
    run, member = prepared.run, family(candidate.family)
    shop = Workshop(
        task=run.task, features=prepared.features, models=run.paths.models, seed=run.spec.seed, threads=1,
        clock=time.process_time,
    )  # fmt: skip
    view = shop.view(member)
    data = shop.data(ParquetFeatureRows(view, "train"), ParquetFeatureRows(view, "valid"))
    budget = Budget(NETWORK_S if member.name in NETWORKS else FIT_S, time.process_time)
    wall, work = time.monotonic(), time.process_time()
    fitted = member.build(candidate.params, data, budget, lambda share, train, valid: None)
    wall, work = time.monotonic() - wall, time.process_time() - work
    x, y = ParquetFeatureRows(prepared.judged / view.name, "valid").arrays()
    record = record_of(candidate, run.task, fitted, data, (y, fitted.predict(x)), work)
    return {
        "metric": run.task.metric,
        "metrics": {name: round(value, 5) for name, value in record.metrics.items()},
        "wall_s": round(wall, 3),
        "work_s": round(work, 3),
        "stopped": record.stopped,
        "rows": record.rows,
        "features": record.features,
        "judged": len(y),
        "params": dataclasses.asdict(candidate)["params"],
    }
