from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import pytest

from engine.families.base import Pruned
from engine.search.samplers import Exhausted
from engine.search.study import Study
from engine.specs.params import Param
from engine.specs.search import SAMPLERS, ParamRange, SearchSpec
from engine.specs.training import Candidate
from tests.engine.search.made_search import FIRST, OPENED, SECOND, made_family, made_loss, made_study

SMALL = (Param(name="kind", kind="choice", default="a", choices=("a", "b", "c"), help=""),)


def _go_on(study: Study, trials: int) -> list[Candidate]:
    """Train so many trials, every fifth of them pruned; return what was asked."""
    asked = []
    for _ in range(trials):
        trial = study.ask()
        asked.append(trial.candidate)
        if trial.number % 5 == 4:
            study.tell_pruned(trial)
        else:
            study.tell(trial, made_loss(trial.candidate))
    return asked


@pytest.mark.slow
@pytest.mark.parametrize("sampler", SAMPLERS)
def test_a_search_that_was_closed_goes_on_as_if_it_had_not_been(sampler: str, tmp_path: Path) -> None:
    spec = SearchSpec(sampler=sampler, pruner="none", starters=6, seed=4)  # type: ignore[arg-type]
    whole = _go_on(made_study(tmp_path / "whole", spec), 14)
    parts = []
    for _ in range(7):
        study = made_study(tmp_path / "parts", spec)
        parts += _go_on(study, 2)
        OPENED.pop().close()
    assert parts == whole
    assert len({study.space.key(one) for one in whole}) == 14


def test_another_seed_makes_another_search(tmp_path: Path) -> None:
    first = _go_on(made_study(tmp_path / "1", SearchSpec(seed=1)), 3)
    assert first != _go_on(made_study(tmp_path / "2", SearchSpec(seed=2)), 3)


def test_trials_that_were_running_are_tried_again_first(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    _go_on(study, 3)
    lost = [study.ask("a"), study.ask("b")]
    OPENED.pop().close()
    study = made_study(tmp_path)
    again = [study.ask("a"), study.ask("b"), study.ask("a")]
    assert [one.candidate for one in again[:2]] == [one.candidate for one in lost]
    assert [one.number for one in again] == [3, 4, 5]
    assert len(study.spent) == 3


def test_a_trial_that_ends_its_process_every_time_fails(tmp_path: Path) -> None:
    for start in range(5):
        study = made_study(tmp_path)
        assert study.ask().number == 0, start
        OPENED.pop().close()
    study = made_study(tmp_path)
    assert study.ask().number == 1
    assert [record.state for record in study.spent] == ["failed"]
    assert "ended 5 times" in study.records[0].reason


def test_what_is_known_is_tried_first_and_once(tmp_path: Path) -> None:
    good = Candidate(id="known", family="first", params={"share": 0.3, "pace": 0.1, "rounds": 9})
    start = [good, replace(good, id="same"), Candidate(id="outside", family="first", params={"share": 0.9})]
    spec = SearchSpec(ranges={"first.share": ParamRange(high=0.5)})
    study = made_study(tmp_path, spec, start=start)
    first, second = study.ask().candidate, study.ask().candidate
    assert first.id == "first-t0"
    assert dict(first.params) == dict(good.params)
    assert study.space.key(second) != study.space.key(good)
    OPENED.pop().close()
    assert made_study(tmp_path, spec, start=start).ask().candidate == first


def test_a_model_that_was_trained_elsewhere_is_not_trained_again(tmp_path: Path) -> None:
    small = made_family("small", params=SMALL)
    study = made_study(tmp_path, families=[small])
    assert study.learn(Candidate(id="x", family="small", params={"kind": "b"}), 0.1)
    asked = {study.ask().candidate.params["kind"] for _ in range(2)}
    assert asked == {"a", "c"}
    with pytest.raises(Exhausted):
        study.ask()


def test_a_model_of_another_family_sets_the_score_to_beat(tmp_path: Path) -> None:
    study = made_study(tmp_path, families=[FIRST])
    assert not study.learn(Candidate(id="x", family="other"), 0.0)
    study.tell(study.ask(), 0.5)
    assert study.without_gain == 1
    study.tell(study.ask(), -0.5)
    assert study.without_gain == 0


def test_a_refused_configuration_costs_no_trial(tmp_path: Path) -> None:
    picky = made_family("picky", refuses=lambda shape, params: "too large" if params["share"] > 0.2 else None)
    study = made_study(tmp_path, SearchSpec(seed=1), families=[picky])
    asked = _go_on(study, 12)
    assert all(one.params["share"] <= 0.2 for one in asked)
    refused = [record for record in study.records if record.state == "refused"]
    assert refused
    assert {record.reason for record in refused} == {"too large"}
    assert len(study.spent) == 12


def test_a_space_of_refusals_is_exhausted(tmp_path: Path) -> None:
    never = made_family("never", refuses=lambda shape, params: "no")
    with pytest.raises(Exhausted):
        made_study(tmp_path, families=[never]).ask()


@pytest.mark.parametrize("greater_is_better", [True, False])
def test_a_trial_worse_than_those_before_is_pruned(greater_is_better: bool, tmp_path: Path) -> None:
    spec = SearchSpec(pruner="asha", first_step=2)
    study = made_study(tmp_path, spec, families=[FIRST], greater_is_better=greater_is_better)
    sign = 1.0 if greater_is_better else -1.0
    for value in (0.8, 0.9, 0.7):
        trial = study.ask()
        trial.report(1, sign * value)
        trial.report(2, sign * value) if value != 0.7 else None
        if value == 0.7:
            with pytest.raises(Pruned):
                trial.report(2, sign * value)
            assert study.tell_pruned(trial).steps == ((1, sign * value), (2, sign * value))
        else:
            study.tell(trial, sign * value)
    assert [record.state for record in study.records] == ["complete", "complete", "pruned"]
    assert study.best is not None
    assert study.best.score == sign * 0.9


def test_trials_of_another_family_do_not_prune(tmp_path: Path) -> None:
    study = made_study(
        tmp_path, SearchSpec(pruner="asha", first_step=1), start=[Candidate(id="s", family="second")]
    )
    weak = study.ask()
    rivals = [study.ask() for _ in range(12)]
    for rival in rivals:
        if rival.candidate.family == "first":
            rival.report(1, 0.0)
            study.tell(rival, 0.0)
    weak.report(1, 9.0)
    assert study.tell(weak, 9.0).state == "complete"


def test_models_trained_elsewhere_judge_trials(tmp_path: Path) -> None:
    study = made_study(tmp_path, SearchSpec(pruner="asha"), families=[FIRST])
    trial = study.ask()
    trial.report(1, 9.0)
    for share in (0.1, 0.2, 0.3, 0.4, 0.6):
        params = {"share": share}
        study.learn(Candidate(id="x", family="first", params=params), 0.5, [(1, 0.9), (10, 0.6), (20, 0.5)])
    with pytest.raises(Pruned):
        trial.report(2, 9.0)


def test_a_score_that_is_no_number_fails_the_trial(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    assert study.tell(study.ask(), math.nan).state == "failed"
    trial = study.ask()
    trial.report(1, math.nan)
    assert study.tell(trial, 1.0).steps == ()


def test_a_search_being_stopped_ends_trials_at_their_next_report(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    trial = study.ask()
    trial.report(1, 0.5)
    study.stop()
    with pytest.raises(Pruned, match="being stopped"):
        trial.report(2, 0.4)


def test_ranges_may_be_narrowed_between_attempts(tmp_path: Path) -> None:
    study = made_study(tmp_path)
    before = _go_on(study, 12)
    OPENED.pop().close()
    spec = SearchSpec(sampler="tpe", ranges={"first.share": ParamRange(low=0.25, high=0.35)})
    study = made_study(tmp_path, spec, families=[FIRST])
    asked = _go_on(study, 6)
    assert all(0.25 <= one.params["share"] <= 0.35 for one in asked)
    assert len(study.spent) == 18
    assert {one.family for one in before} == {"first", "second"}


@pytest.mark.slow
def test_tpe_finds_better_params_than_chance(tmp_path: Path) -> None:
    losses = {}
    for sampler in ("tpe", "random"):
        best = []
        for seed in range(3):
            spec = SearchSpec(sampler=sampler, pruner="none", seed=seed)  # type: ignore[arg-type]
            study = made_study(tmp_path / f"{sampler}{seed}", spec, families=[FIRST, SECOND])
            best.append(min(made_loss(candidate) for candidate in _go_on(study, 50)))
        losses[sampler] = sum(best)
    assert losses["tpe"] < losses["random"]
