"""Measure what is not measured yet, one fit after the other, each line kept the moment it is known."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np

from scripts.bench.quality import machine, ours, results
from scripts.bench.quality.environments import python_of
from scripts.bench.quality.parts import Parts, cut
from scripts.bench.quality.results import Result
from scripts.bench.quality.scores import Array, score
from scripts.bench.quality.sets import LONG_S, LONG_SETS, SETS, SHORT_S, Set

AIMASS = "aimass"
#: The floor needs no budget: it is measured once.
FLOOR = "lightgbm"
PEERS = ("autogluon", "flaml", FLOOR)
#: Beyond twice the budget: loading libraries, answering the test rows, writing the leaderboard.
GRACE_S = 180.0
FLOOR_S = 300.0


@dataclass(frozen=True, kw_only=True)
class Bench:
    """Where everything is, and how it is measured.

    data: shared data.  peers: their environments.  kept: the project's file of peers' results.
    own: the file of ours, never kept.  quiet: wait until the machine has nothing else to do.
    retry: failures count as not measured.
    """

    data: Path
    peers: Path
    kept: Path
    own: Path
    seed: int
    cores: int
    quiet: bool
    retry: bool

    def file_of(self, system: str) -> Path:
        return self.own if system == AIMASS else self.kept


@dataclass(frozen=True)
class Todo:
    """One fit to be measured."""

    one: Set
    system: str
    budget_s: float


def plan(sets: Sequence[Set], systems: Sequence[str], budgets: Sequence[float]) -> Iterator[Todo]:
    """Yield the fits: the short budgets of all sets before the long ones, which only the first sets get."""
    for budget_s in sorted(budgets):
        for one in sets:
            if budget_s == LONG_S and one not in SETS[:LONG_SETS]:
                continue
            for system in systems:
                if system != FLOOR:
                    yield Todo(one, system, budget_s)
                elif budget_s == min(budgets):
                    yield Todo(one, system, 0.0)


def measure(bench: Bench, todos: Sequence[Todo]) -> None:
    """Measure all that has no line in its file; a stop loses the fit under way and nothing else."""
    found = [*results.read(bench.kept), *results.read(bench.own)]
    known = {result.key for result in found if result.score is not None or not bench.retry}
    for number, todo in enumerate(todos, start=1):
        with tempfile.TemporaryDirectory(prefix="aimass-quality-") as scratch:
            parts = cut(todo.one, bench.data, Path(scratch) / "parts")
            if (todo.one.name, todo.system, todo.budget_s, bench.seed, parts.rows) in known:
                continue
            budget = f" {todo.budget_s:g} s" if todo.budget_s else ""
            print(f"{number}/{len(todos)} {todo.one.name}: {todo.system}{budget}", flush=True)
            result = _measure_one(bench, todo, parts, Path(scratch))
            results.append(bench.file_of(todo.system), result)
            print(f"  {_say(result)}", flush=True)


def default_budgets() -> tuple[float, ...]:
    return SHORT_S, LONG_S


def _measure_one(bench: Bench, todo: Todo, parts: Parts, scratch: Path) -> Result:
    if bench.quiet:
        machine.wait_until_quiet()
    busy = machine.busy_share()
    out = scratch / "out"
    out.mkdir()
    fields: dict[str, Any] = {"score": None}
    try:
        if todo.system == AIMASS:
            answers, more = ours.measure(todo.one, parts, out, todo.budget_s, bench.seed, bench.cores)
        else:
            answers, more = _measure_peer(bench, todo, parts, out)
        fields |= {**more, "score": score(todo.one.metric, parts.truth, answers)}
    except (machine.Overrun, machine.Failed, ValueError) as error:
        fields["error"] = f"{type(error).__name__}: {error}"
        _keep_logs(out, bench.own.parent / "failed" / f"{todo.one.name}-{todo.system}-{todo.budget_s:g}")
    return Result(
        set=todo.one.name,
        system=todo.system,
        budget_s=todo.budget_s,
        seed=bench.seed,
        metric=todo.one.metric,
        rows=parts.rows,
        train_rows=parts.train_rows,
        test_rows=len(parts.truth),
        cores=bench.cores,
        machine=machine.model_name(),
        busy_before=busy,
        date=datetime.now(UTC).isoformat(timespec="seconds"),
        **fields,
    )


def _measure_peer(bench: Bench, todo: Todo, parts: Parts, out: Path) -> tuple[Array, dict[str, Any]]:
    script = str(Path(__file__).with_name("peer.py"))
    told = [todo.system, parts.folder, out, todo.budget_s, bench.seed, bench.cores]
    command = [str(python_of(bench.peers, todo.system)), script, *map(str, told)]
    deadline_s = 2 * todo.budget_s + GRACE_S if todo.budget_s else FLOOR_S
    machine.run(command, cores=bench.cores, deadline_s=deadline_s, folder=out, log=out / "peer.log")
    fields: dict[str, Any] = json.loads((out / "peer.json").read_text("utf-8"))
    return np.load(out / "answers.npy", allow_pickle=False), fields


def _keep_logs(out: Path, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for log in out.rglob("*.log"):
        shutil.copy(log, folder)


def _say(result: Result) -> str:
    if result.score is None:
        return result.error
    return f"{result.metric} {result.score:.5f}, fit {result.fit_s:.0f} s, {result.best}"
