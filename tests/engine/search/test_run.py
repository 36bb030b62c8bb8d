from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from engine.families.base import Budget, Pruned
from engine.search.ledger import latest, read_records
from engine.search.run import Evaluate, SearchEnd, search
from engine.search.study import Study, Trial
from engine.specs.params import Param
from engine.specs.search import SearchSpec, TrialRecord
from tests.engine.search.made_search import OPENED, made_family, made_loss, made_study


def _loss(trial: Trial, lane: str) -> float:
    return made_loss(trial.candidate)


class _Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


def _search(
    study: Study, evaluate: Evaluate = _loss, lanes: tuple[str, ...] = ("a",), seconds: float = 1e6
) -> tuple[SearchEnd, list[Mapping[str, Any]]]:
    events: list[Mapping[str, Any]] = []
    clock = _Clock()
    end = search(study, evaluate, lanes, Budget(seconds, clock), events.append, clock=clock)
    return end, events


def test_a_search_ends_after_its_trials(tmp_path: Path) -> None:
    study = made_study(tmp_path, SearchSpec(sampler="random", pruner="none", trials=7))
    end, events = _search(study, lanes=("a", "b"))
    assert (end.stopped, end.spent) == ("trials", 7)
    assert end.best == study.best
    names = [event["event"] for event in events]
    assert names.count("trial_started") == names.count("trial_finished") == 7
    finished = [event for event in events if event["event"] == "trial_finished"]
    assert finished[-1]["best"] == min(event["score"] for event in finished)
    assert _search(study)[0].spent == 7


def test_a_search_ends_when_nothing_gets_better(tmp_path: Path) -> None:
    study = made_study(tmp_path, SearchSpec(sampler="random", pruner="none", patience=5))
    end, _ = _search(study, lambda trial, lane: 1.0)
    assert (end.stopped, end.spent) == ("patience", 6)


def test_a_search_ends_with_its_time(tmp_path: Path) -> None:
    clock = _Clock()

    def evaluate(trial: Trial, lane: str) -> float:
        clock.now += 4.0
        return 1.0

    study = made_study(tmp_path, SearchSpec(pruner="none"))
    end = search(study, evaluate, ["a"], Budget(10.0, clock), lambda event: None, clock=clock)
    assert (end.stopped, end.spent) == ("seconds", 3)
    assert {record.seconds for record in study.spent} == {4.0}


def test_seconds_of_earlier_attempts_count(tmp_path: Path) -> None:
    clock = _Clock()

    def evaluate(trial: Trial, lane: str) -> float:
        clock.now += 4.0
        return 1.0

    spent = []
    for trials in (2, 100):
        study = made_study(tmp_path, SearchSpec(pruner="none", seconds=15.0, trials=trials))
        spent.append(
            search(study, evaluate, ["a"], Budget(1e6, clock), lambda event: None, clock=clock).spent
        )
        OPENED.pop().close()
    assert spent == [2, 4]


def test_a_search_ends_when_all_has_been_tried(tmp_path: Path) -> None:
    small = made_family("small", params=(Param(name="on", kind="bool", default=True, help=""),))
    end, _ = _search(made_study(tmp_path, families=[small]), lambda trial, lane: 1.0)
    assert (end.stopped, end.spent) == ("exhausted", 2)


def test_an_exception_fails_its_trial_alone(tmp_path: Path) -> None:
    def evaluate(trial: Trial, lane: str) -> float:
        if trial.number == 1:
            raise ZeroDivisionError("nothing to share")
        if trial.number == 2:
            raise Pruned("hopeless")
        return made_loss(trial.candidate)

    study = made_study(tmp_path, SearchSpec(sampler="random", trials=5))
    _, events = _search(study, evaluate)
    assert [record.state for record in study.spent] == [
        "complete",
        "failed",
        "pruned",
        "complete",
        "complete",
    ]
    failed = [event for event in events if event["event"] == "trial_failed"]
    assert [event["reason"] for event in failed] == ["ZeroDivisionError: nothing to share"]


def test_a_search_of_failures_gives_up(tmp_path: Path) -> None:
    def evaluate(trial: Trial, lane: str) -> float:
        raise ValueError("never")

    end, _ = _search(made_study(tmp_path, SearchSpec(trials=99)), evaluate)
    assert (end.stopped, end.spent) == ("failures", 10)


def test_each_lane_has_one_trial_at_a_time(tmp_path: Path) -> None:
    busy: set[str] = set()
    together: list[int] = []
    meeting = threading.Barrier(2, timeout=60)

    def evaluate(trial: Trial, lane: str) -> float:
        assert lane not in busy
        busy.add(lane)
        meeting.wait()
        together.append(len(busy))
        meeting.wait()
        busy.remove(lane)
        return made_loss(trial.candidate)

    end, _ = _search(made_study(tmp_path, SearchSpec(trials=8)), evaluate, ("a", "b"))
    assert end.spent == 8
    assert set(together) == {2}


def test_an_interrupt_ends_running_trials_and_they_are_tried_first_again(tmp_path: Path) -> None:
    def evaluate(trial: Trial, lane: str) -> float:
        if trial.number < 3:
            return 1.0
        for step in range(1, 10_000):
            trial.report(step, 1.0)
            time.sleep(0.001)
        return 0.0

    def interrupt(event: Mapping[str, Any]) -> None:
        if event["event"] == "trial_started" and event["trial"] == 4:
            raise KeyboardInterrupt

    clock = _Clock()
    study = made_study(tmp_path, SearchSpec(pruner="none"))
    with pytest.raises(KeyboardInterrupt):
        search(study, evaluate, ["a", "b"], Budget(1e6, clock), interrupt, clock=clock)
    assert [record.state for record in study.records] == ["complete"] * 3 + ["running"] * 2
    OPENED.pop().close()
    again = made_study(tmp_path, SearchSpec(pruner="none"))
    assert [again.ask().number for _ in range(3)] == [3, 4, 5]


#: One process loads the libraries and forks a searching child again and again, killing it at random moments.
PROGRAM = """
import os, random, signal, sys, time
from pathlib import Path
from engine.families.base import Budget
from engine.search.run import search
from engine.specs.search import SearchSpec, TrialRecord
from tests.engine.search.made_search import OPENED, made_loss, made_study

folder, trials, kills = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])

def evaluate(trial, lane):
    for step in range(1, 4):
        time.sleep(0.01)
        trial.report(step, 1.0)
    return made_loss(trial.candidate)

def work():
    study = made_study(folder, SearchSpec(pruner="none", trials=trials, seed=5))
    search(study, evaluate, ["a", "b"], Budget(1e6, time.monotonic), lambda event: None, clock=time.monotonic)

chance = random.Random(7)
for turn in range(kills + 1):
    child = os.fork()
    if child == 0:
        work()
        os._exit(0)
    if turn < kills:
        time.sleep(chance.uniform(0.0, 0.6))
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    (folder / f"after-{turn}").write_bytes((folder / "search.jsonl").read_bytes()
        if (folder / "search.jsonl").exists() else b"")
    print(os.waitstatus_to_exitcode(status), flush=True)
"""


@pytest.mark.slow
def test_a_search_killed_at_twenty_random_moments_ends_with_every_trial_once(tmp_path: Path) -> None:
    root, trials = Path(__file__).parents[3], 400
    command = [sys.executable, "-c", PROGRAM, str(tmp_path), str(trials), "20"]
    done = subprocess.run(command, cwd=root, stdout=subprocess.PIPE, text=True, check=True)
    assert [int(code) for code in done.stdout.split()] == [-signal.SIGKILL] * 20 + [0]
    acknowledged: dict[int, TrialRecord] = {}
    for turn in range(21):
        facts, _ = read_records((tmp_path / f"after-{turn}").read_bytes())
        ended = {record.number: record for record in facts if record.state != "running"}
        assert acknowledged.items() <= ended.items(), "a finished trial was lost or trained again"
        acknowledged = ended
    assert len([record for record in facts if record.state != "running"]) == trials
    assert {record.state for record in ended.values()} == {"complete"}
    assert sorted(latest(tuple(facts))) == list(range(trials))
    trained = {(one.candidate.family, str(sorted(one.candidate.params.items()))) for one in ended.values()}
    assert len(trained) == trials
