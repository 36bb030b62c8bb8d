"""Finished models are kept at once, not trained twice; one that fails does not end the others; time is well spent."""

from __future__ import annotations

import shutil
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from engine.errors import WorkFailed
from engine.families.base import Budget, Pruned
from engine.families.lightgbm import FAMILY as LIGHTGBM
from engine.specs.params import complete
from engine.specs.training import Candidate, ModelRecord
from engine.training.bag import Bag
from engine.training.holdout import Holdout
from engine.training.train import Scheme, train
from engine.training.workshop import OnEvent, Workshop, read_record
from tests.engine.training.made_run import TASK, MadeRun, make_run

BASELINE = Candidate(id="baseline", family="baseline")
TREE = Candidate(id="tree", family="decision_tree", params={"rows_per_leaf": 5, "depth": 4, "columns": "all"})
BROKEN = Candidate(
    id="broken", family="decision_tree", params={"rows_per_leaf": -5, "depth": 4, "columns": "all"}
)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> MadeRun:
    return make_run(tmp_path_factory.mktemp("run"))


@pytest.fixture(scope="module")
def folded(tmp_path_factory: pytest.TempPathFactory) -> MadeRun:
    return make_run(tmp_path_factory.mktemp("run"), folds=5)


@pytest.fixture
def run(made: MadeRun) -> MadeRun:
    shutil.rmtree(made.models, ignore_errors=True)
    return made


def trained(
    run: MadeRun, *candidates: Candidate, folds: int = 0, seconds: float = 60.0
) -> tuple[tuple[ModelRecord, ...], list[dict[str, Any]]]:
    events: list[dict[str, Any]] = []
    workshop = Workshop(
        task=TASK,
        features=run.features,
        models=run.models,
        seed=0,
        threads=1,
        clock=time.monotonic,
        folds=folds,
    )
    scheme = Bag(workshop) if folds else Holdout(workshop)
    return train(candidates, scheme, Budget(seconds, time.monotonic), events.append), events


def names(events: list[dict[str, Any]]) -> list[tuple[str, str]]:
    return [(e["event"], e["candidate"]) for e in events if e["event"] != "model_progress"]


def test_each_model_is_told_and_kept(run: MadeRun) -> None:
    records, events = trained(run, BASELINE, TREE)
    assert names(events) == [
        ("model_started", "baseline"),
        ("model_finished", "baseline"),
        ("model_started", "tree"),
        ("model_finished", "tree"),
    ]
    assert records[1].score > records[0].score == 0.5
    assert [read_record(run.models / one.candidate.id) for one in records] == list(records)


def test_bags_are_finished_after_all_were_tried(folded: MadeRun) -> None:
    records, events = trained(folded, BASELINE, TREE, folds=5)
    assert [len(record.fold_scores) for record in records] == [5, 5]
    assert names(events) == [
        ("model_started", "baseline"),
        ("model_finished", "baseline"),
        ("model_started", "tree"),
        ("model_tried", "tree"),
        ("model_finished", "tree"),
    ]
    again, events = trained(folded, BASELINE, TREE, folds=5)
    assert again == records
    assert names(events) == [("model_kept", "baseline"), ("model_kept", "tree")]


def test_a_finished_model_is_not_trained_again(run: MadeRun) -> None:
    first, _ = trained(run, BASELINE, TREE)
    shutil.rmtree(run.models / "baseline")
    again, events = trained(run, BASELINE, TREE)
    assert again[1] == first[1]
    assert names(events)[0] == ("model_kept", "tree")


def test_a_half_written_model_is_trained_again(run: MadeRun) -> None:
    trained(run, BASELINE)
    (run.models / "baseline" / "record.json").unlink()
    _, events = trained(run, BASELINE)
    assert names(events)[-1] == ("model_finished", "baseline")


def test_one_that_fails_does_not_end_the_others(run: MadeRun) -> None:
    records, events = trained(run, BROKEN, BASELINE)
    assert [record.candidate.id for record in records] == ["baseline"]
    assert ("model_failed", "broken") in names(events)
    assert not (run.models / "broken").exists()


def test_nothing_trained_at_all_is_told(run: MadeRun) -> None:
    with pytest.raises(WorkFailed, match="broken"):
        trained(run, BROKEN)


def test_a_spent_budget_still_trains_one_and_skips_the_rest(run: MadeRun) -> None:
    records, events = trained(run, BASELINE, TREE, seconds=0.0)
    assert [record.candidate.id for record in records] == ["baseline"]
    assert names(events)[-1] == ("model_skipped", "tree")


class Rehearsal:
    """A scheme whose trainings only move its clock: a fold takes `seconds` of its candidate, of five folds in all."""

    def __init__(self, folder: Path, seconds: Mapping[str, float], scores: Mapping[str, float]) -> None:
        self.now = 0.0
        self.workshop = Workshop(
            task=TASK, features=folder, models=folder, seed=0, threads=1, clock=lambda: self.now
        )
        self._seconds, self._scores = seconds, scores

    def share(self, waiting: int) -> float:
        return 1 / 6

    def cost_s(self, tried: ModelRecord, *, start_s: float = 0.0) -> float:
        return 4 * tried.seconds

    def try_out(self, candidate: Candidate, budget: Budget, on_event: OnEvent) -> ModelRecord:
        seconds = min(self._seconds[candidate.id], budget.left_s)
        self.now += seconds
        return ModelRecord(
            candidate=candidate, score=self._scores[candidate.id], train_score=None, metrics={},
            seconds=seconds, rows=1, features=1,
        )  # fmt: skip

    def finish(self, tried: ModelRecord, budget: Budget, on_event: OnEvent) -> ModelRecord:
        self.now += min(self.cost_s(tried), budget.left_s)
        return tried


def rehearsed(
    folder: Path, limit: float, **models: tuple[str, float, float]
) -> tuple[Scheme, list[str], list[str]]:
    """Train models of (family, seconds a fold, score); return the scheme, who was finished and who was not."""
    scheme = Rehearsal(
        folder,
        {name: seconds for name, (_, seconds, _) in models.items()},
        {name: score for name, (_, _, score) in models.items()},
    )
    events: list[dict[str, Any]] = []
    candidates = [Candidate(id=name, family=family) for name, (family, _, _) in models.items()]
    train(candidates, scheme, Budget(limit, scheme.workshop.clock), events.append)
    told = names(events)
    return (
        scheme,
        [name for event, name in told if event == "model_finished"],
        [name for event, name in told if event == "model_skipped"],
    )


def test_the_best_of_each_family_is_finished_first(tmp_path: Path) -> None:
    _, finished, skipped = rehearsed(
        tmp_path,
        60.0,
        a=("lightgbm", 1.0, 0.90),
        b=("lightgbm", 1.0, 0.92),
        c=("random_forest", 1.0, 0.80),
    )
    assert (finished, skipped) == (["b", "c", "a"], [])


def test_what_others_are_compared_with_does_not_wait_and_takes_little(tmp_path: Path) -> None:
    scheme, finished, _ = rehearsed(
        tmp_path, 60.0, baseline=("baseline", 0.1, 0.5), plain=("linear", 9.0, 0.8), a=("lightgbm", 2.0, 0.9)
    )
    assert finished == ["baseline", "plain", "a"]
    assert scheme.workshop.clock() < 0.5 + 9.0 + 0.15 * 60.0 + 10.0


def test_nobody_is_tried_when_the_time_for_the_best_would_go(tmp_path: Path) -> None:
    scheme, finished, skipped = rehearsed(
        tmp_path, 60.0, **{f"m{i}": ("svm", 4.0, 0.5 + i / 100) for i in range(9)}
    )
    assert finished[0] == "m2", "three tried ones need 48 s, so the fourth is not tried before they are done"
    assert len(finished) == 3 and len(skipped) == 6
    assert scheme.workshop.clock() <= 60.0


def test_what_cannot_be_finished_any_more_keeps_nobody_from_being_tried(tmp_path: Path) -> None:
    _, finished, skipped = rehearsed(
        tmp_path,
        40.0,
        baseline=("baseline", 0.1, 0.5),
        slow=("svm", 5.0, 0.9),
        slower=("lightgbm", 6.0, 0.8),
        quick=("extra_trees", 0.5, 0.7),
    )
    assert (finished, skipped) == (["baseline", "slow", "quick"], ["slower"])


def test_only_the_first_that_needs_a_library_is_given_time_to_load_it(tmp_path: Path) -> None:
    started: dict[str, float] = {}

    class Loading(Rehearsal):
        def try_out(self, candidate: Candidate, budget: Budget, on_event: OnEvent) -> ModelRecord:
            started[candidate.id] = budget.left_s
            return super().try_out(candidate, budget, on_event)

        def cost_s(self, tried: ModelRecord, *, start_s: float = 0.0) -> float:
            return 4 * (tried.seconds - start_s)

        def finish(self, tried: ModelRecord, budget: Budget, on_event: OnEvent) -> ModelRecord:
            self.now += 4.0
            return tried

    seconds = {"one": 9.0, "two": 1.0}
    scheme = Loading(tmp_path, seconds, {"one": 0.8, "two": 0.9})
    candidates = [
        Candidate(id="one", family="mlp", start_s=8.0), Candidate(id="two", family="tabm", start_s=8.0)
    ]  # fmt: skip
    train(candidates, scheme, Budget(60.0, scheme.workshop.clock), lambda _: None)
    assert started["one"] == pytest.approx(8.0 + 60.0 / 6) and started["two"] == pytest.approx(51.0 / 6)
    assert scheme.workshop.clock() == pytest.approx(9.0 + 1.0 + 4.0 + 4.0), "both were finished"


@pytest.mark.parametrize(
    ("limit", "order"), [(120.0, ["slow", "quick", "other"]), (60.0, ["quick", "other", "slow"])]
)
def test_time_that_is_left_goes_to_others(tmp_path: Path, limit: float, order: list[str]) -> None:
    """Before the best one, where that takes most of the time: it might take it all."""
    _, finished, skipped = rehearsed(
        tmp_path,
        limit,
        slow=("svm", 9.0, 0.9),
        quick=("lightgbm", 1.0, 0.8),
        other=("random_forest", 1.0, 0.7),
    )
    assert (finished, skipped) == (order, [])


def test_the_first_rival_is_finished_however_long_it_takes(tmp_path: Path) -> None:
    _, finished, skipped = rehearsed(
        tmp_path, 5.0, baseline=("baseline", 0.1, 0.5), a=("lightgbm", 100.0, 0.9), b=("svm", 100.0, 0.9)
    )
    assert finished[:2] == ["baseline", "a"]
    assert skipped == ["b"]


class Proposals:
    """A search whose candidates are known: it finishes those above `bar`, and ends `hopeless` at their first loss."""

    def __init__(self, names: Sequence[str], bar: float = 0.0) -> None:
        self.waiting = list(names)
        self.bar = bar
        self.learnt: list[str] = []
        self.allowed: list[float] = []
        self.outcomes: dict[str, ModelRecord | Exception] = {}
        self.events: list[dict[str, Any]] = []

    def learn(self, records: Sequence[ModelRecord]) -> None:
        self.learnt = [record.candidate.id for record in records]

    def next(self, allowed_s: float) -> Candidate | None:
        self.allowed.append(allowed_s)
        return Candidate(id=self.waiting.pop(0), family="svm") if self.waiting else None

    def hear(self, event: dict[str, Any]) -> None:
        self.events.append(event)
        if event["candidate"] == "hopeless" and event["event"] == "model_progress":
            raise Pruned("hopeless")

    def is_promising(self, tried: ModelRecord) -> bool:
        return tried.score > self.bar

    def ended(self, candidate: Candidate, outcome: ModelRecord | Exception) -> None:
        self.outcomes[candidate.id] = outcome


def searched(folder: Path, limit: float, proposals: Proposals, **scores: float) -> list[str]:
    """Train `first`, then what is proposed, a second a fold; return who was finished, in order."""
    scheme = Rehearsal(folder, dict.fromkeys(scores, 1.0), scores)
    candidates = [Candidate(id="first", family="svm")]
    records = train(
        candidates, scheme, Budget(limit, scheme.workshop.clock), proposals.events.append, proposals
    )
    return [record.candidate.id for record in records]


def test_a_search_begins_when_the_first_models_are_finished_and_finishes_what_is_promising(
    tmp_path: Path,
) -> None:
    proposals = Proposals(["t0", "t1", "t2"], bar=0.6)
    assert searched(tmp_path, 100.0, proposals, first=0.7, t0=0.8, t1=0.5, t2=0.9) == ["first", "t0", "t2"]
    assert proposals.learnt == ["first"]
    assert {name for name, outcome in proposals.outcomes.items() if isinstance(outcome, ModelRecord)} == {
        "first",
        "t0",
        "t2",
    }
    assert isinstance(proposals.outcomes["t1"], Pruned)
    assert names(proposals.events)[:2] == [("model_started", "first"), ("model_tried", "first")]
    assert ("model_skipped", "t1") in names(proposals.events)
    assert proposals.allowed[0] == pytest.approx(95.0 / 6)


def test_a_search_ends_in_time(tmp_path: Path) -> None:
    proposals = Proposals([f"t{i}" for i in range(50)])
    finished = searched(tmp_path, 30.0, proposals, first=0.7, **{f"t{i}": 0.8 for i in range(50)})
    assert len(finished) == 6
    assert len(proposals.waiting) == 45


def test_a_training_that_is_not_worth_finishing_ends_alone(run: MadeRun) -> None:
    tree = replace(TREE, id="hopeless", family="lightgbm", params=complete(LIGHTGBM.params, {}, "lightgbm"))
    proposals = Proposals([])
    proposals.next = lambda allowed_s: None if "hopeless" in proposals.outcomes else tree  # type: ignore[method-assign]
    clock = time.monotonic
    shop = Workshop(task=TASK, features=run.features, models=run.models, seed=0, threads=1, clock=clock)
    records = train([BASELINE], Holdout(shop), Budget(60.0, clock), proposals.events.append, proposals)
    assert [record.candidate.id for record in records] == ["baseline"]
    assert isinstance(proposals.outcomes["hopeless"], Pruned)
    assert names(proposals.events)[-1] == ("model_skipped", "hopeless")
    assert not (run.models / "hopeless").exists()
