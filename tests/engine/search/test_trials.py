from __future__ import annotations

import dataclasses
import time
from pathlib import Path
from typing import Any

import pytest

from engine.families import family
from engine.families.base import Budget, DataShape, Pruned
from engine.files import read_json
from engine.search.ledger import Ledger
from engine.search.study import Study
from engine.search.trials import Trials, train_searching
from engine.specs.search import SearchSpec
from engine.specs.training import Candidate, ModelRecord
from engine.training.bag import Bag
from engine.training.holdout import Holdout
from engine.training.workshop import Workshop
from tests.engine.search.made_search import OPENED
from tests.engine.training.made_run import TASK, make_run

NAME = "lightgbm"
TREE = Candidate(id="tree", family="decision_tree", params={"rows_per_leaf": 5, "depth": 4, "columns": "all"})
SHAPE = DataShape(rows=500, features=4, task="binary", outputs=2)


class _Training:
    """A training that takes no time: what trials are told and tell."""

    def __init__(
        self, folder: Path, spec: SearchSpec | None = None, *, greater_is_better: bool = True
    ) -> None:
        OPENED.append(Ledger(folder / "ledger.jsonl"))
        member = family(NAME)
        self.study = Study(
            spec or SearchSpec(sampler="random"),
            [member],
            {member.view: SHAPE},
            OPENED[-1],
            greater_is_better=greater_is_better,
        )
        self.now = 0.0
        self.events: list[dict[str, Any]] = []
        self.trials = Trials(self.study, lambda: self.now, self.events.append)

    def train(self, score: float = 0.5) -> Candidate:
        candidate = self.trials.next(100.0)
        assert candidate is not None
        self.now += 3.0
        self.trials.ended(candidate, _record(candidate, score))
        return candidate

    def progress(self, candidate: Candidate, step: int, loss: float, **facts: Any) -> None:
        within = step / candidate.params["rounds"]
        self.trials.hear(
            {"event": "model_progress", "candidate": candidate.id, "within": within, "valid": loss, **facts}
        )


def _record(candidate: Candidate, score: float, **facts: Any) -> ModelRecord:
    return ModelRecord(
        candidate=candidate,
        score=score,
        train_score=None,
        metrics={},
        seconds=1.0,
        rows=1,
        features=1,
        **facts,
    )


def test_every_trial_is_a_candidate_of_its_own_and_is_told(tmp_path: Path) -> None:
    training = _Training(tmp_path)
    first, second = training.train(0.5), training.train(0.7)
    assert [first.id, second.id] == ["lightgbm-t0", "lightgbm-t1"]
    assert [event["event"] for event in training.events] == ["trial_started", "trial_finished"] * 2
    assert training.events[-1]["best"] == 0.7
    assert [record.seconds for record in training.study.spent] == [3.0, 3.0]
    assert training.trials.kept() == (first, second)


def test_a_trial_worse_than_finished_models_is_pruned_by_its_losses(tmp_path: Path) -> None:
    training = _Training(tmp_path, SearchSpec(sampler="random", pruner="asha"))
    curve = tuple((float(step), 0.3, 1.0 / step) for step in range(1, 101))
    models = [
        _record(Candidate(id=f"m{i}", family=NAME, params={"leaves": 8 + i}), 0.9, curve=curve)
        for i in range(5)
    ]
    training.trials.learn(models)
    candidate = training.trials.next(100.0)
    assert candidate is not None
    training.progress(candidate, 5, 2.0)
    with pytest.raises(Pruned):
        training.progress(candidate, 10, 2.0)
    training.trials.ended(candidate, Pruned("hopeless"))
    assert training.events[-1]["event"] == "trial_pruned"
    assert training.study.spent[0].steps == ((5, -2.0), (10, -2.0))


def test_other_folds_and_other_models_prune_nothing(tmp_path: Path) -> None:
    training = _Training(tmp_path)
    candidate = training.trials.next(100.0)
    assert candidate is not None
    training.progress(candidate, 5, 2.0, fold=2)
    training.trials.hear({"event": "model_progress", "candidate": "other", "within": 0.5, "valid": 9.0})
    training.trials.hear({"event": "model_finished", "candidate": candidate.id})
    training.trials.ended(Candidate(id="other", family=NAME), ValueError("not ours"))
    training.trials.ended(candidate, ValueError("ours"))
    assert [(record.state, record.steps) for record in training.study.spent] == [("failed", ())]
    assert training.study.spent[0].reason == "ValueError: ours"
    assert len([event for event in training.events if event["event"].startswith("model_")]) == 3


@pytest.mark.parametrize(
    "spec",
    [SearchSpec(trials=2), SearchSpec(patience=1), SearchSpec(seconds=6.0)],
    ids=lambda spec: str(spec)[11:60],
)
def test_a_search_is_over_when_something_is_spent(spec: SearchSpec, tmp_path: Path) -> None:
    training = _Training(tmp_path, spec)
    training.train(0.5)
    training.train(0.4)
    assert training.trials.next(100.0) is None


def test_no_trial_starts_that_would_be_cut_short(tmp_path: Path) -> None:
    training = _Training(tmp_path)
    training.train()
    assert training.trials.next(2.9) is None
    assert training.trials.next(3.1) is not None


def test_failures_in_a_row_end_the_search(tmp_path: Path) -> None:
    training = _Training(tmp_path)
    for _ in range(10):
        candidate = training.trials.next(100.0)
        assert candidate is not None
        training.trials.ended(candidate, RuntimeError("again"))
    assert training.trials.next(100.0) is None


def test_models_of_earlier_trials_are_learnt_once(tmp_path: Path) -> None:
    training = _Training(tmp_path)
    candidate = training.train(0.8)
    training.trials.learn([_record(candidate, 0.8), _record(Candidate(id=NAME, family=NAME), 0.9)])
    assert len(training.study._book._learnt) == 1
    assert training.study.without_gain == 1


@pytest.mark.parametrize("greater_is_better", [True, False])
def test_one_in_three_goes_on_after_its_first_fold(greater_is_better: bool, tmp_path: Path) -> None:
    training = _Training(tmp_path, greater_is_better=greater_is_better)
    sign = 1.0 if greater_is_better else -1.0
    known = [
        _record(
            Candidate(id=f"m{i}", family=NAME, params={"leaves": 8 + i}), 0.5, fold_scores=(sign * score, 0.0)
        )
        for i, score in enumerate((0.5, 0.6, 0.7, 0.8, 0.9))
    ]
    training.trials.learn(
        [*known, _record(Candidate(id="other", family="other"), 9.0, fold_scores=(9.0, 9.0))]
    )
    candidate = Candidate(id="a", family=NAME)
    assert not training.trials.is_promising(_record(candidate, sign * 0.75))
    assert training.trials.is_promising(_record(candidate, sign * 0.85))
    other = _Training(tmp_path / "none", SearchSpec(pruner="none"))
    other.trials.learn(known)
    assert other.trials.is_promising(_record(candidate, -sign * 9.0))


def test_a_training_goes_on_with_trials_and_does_not_repeat_them(tmp_path: Path) -> None:
    made = make_run(tmp_path, folds=5)
    events: list[dict[str, Any]] = []
    spec = SearchSpec(trials=4, sampler="random", families=("decision_tree",))
    proposed = (Candidate(id="baseline", family="baseline"), TREE)

    def train(spec: SearchSpec) -> tuple[ModelRecord, ...]:
        clock = time.monotonic
        shop = Workshop(
            task=TASK, features=made.features, models=made.models, seed=0, threads=1, clock=clock, folds=5
        )
        shape = DataShape(rows=500, features=4, task="binary", outputs=2)
        return train_searching(
            spec,
            proposed,
            {"tree": shape},
            Bag(shop),
            Budget(60.0, clock),
            events.append,
            tmp_path / "search",
        )

    first = train(spec)
    names = [record.candidate.id for record in first]
    assert names[:2] == ["baseline", "tree"]
    started = [event["candidate"] for event in events if event["event"] == "trial_started"]
    assert started == [f"decision_tree-t{number}" for number in range(4)]
    assert set(names[2:]) <= set(started)
    ends = [event for event in events if event["event"] in ("trial_finished", "trial_pruned")]
    assert [event["candidate"] for event in ends] == started
    assert [event["candidate"] for event in ends if event["event"] == "trial_finished"] == names[2:]
    assert read_json(tmp_path / "search" / "findings.json")["counts"] == {
        state: count for state, count in (("complete", len(names) - 2), ("pruned", 6 - len(names))) if count
    }
    events.clear()
    assert train(spec) == first
    assert {event["event"] for event in events} == {"model_kept"}
    assert len(train(dataclasses.replace(spec, trials=5, pruner="none"))) == len(first) + 1


def test_nothing_to_search_is_no_obstacle(tmp_path: Path) -> None:
    made = make_run(tmp_path)
    clock = time.monotonic
    shop = Workshop(task=TASK, features=made.features, models=made.models, seed=0, threads=1, clock=clock)
    records = train_searching(
        SearchSpec(),
        [Candidate(id="baseline", family="baseline")],
        {},
        Holdout(shop),
        Budget(60.0, clock),
        lambda event: None,
        tmp_path / "search",
    )
    assert [record.candidate.id for record in records] == ["baseline"]
