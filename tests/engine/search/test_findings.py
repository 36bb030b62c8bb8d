from __future__ import annotations

from pathlib import Path

import pytest

from engine.search.findings import LEAST_TRIALS, find
from engine.search.study import Study
from engine.specs.codec import from_json, to_json
from engine.specs.params import Param
from engine.specs.search import SearchFindings, SearchSpec
from tests.engine.search.made_search import FIRST, SECOND, made_family, made_loss, made_study

pytestmark = pytest.mark.slow


def _searched(folder: Path, trials: int, families: tuple = (FIRST, SECOND)) -> Study:  # type: ignore[type-arg]
    study = made_study(folder, SearchSpec(sampler="random", pruner="none", seed=2), families)
    for number in range(trials):
        trial = study.ask()
        if number % 6 == 5:
            study.tell_failed(trial, "by chance", 1.0)
        else:
            study.tell(trial, made_loss(trial.candidate), 1.0)
    return study


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Study:
    return _searched(tmp_path_factory.mktemp("search"), 60)


def test_the_history_is_of_every_spent_trial_and_never_gets_worse(study: Study) -> None:
    found = find(study)
    assert [point.number for point in found.history] == list(range(60))
    bests = [point.best for point in found.history if point.best is not None]
    assert bests == sorted(bests, reverse=True)
    assert (
        found.best_score
        == bests[-1]
        == min(point.score for point in found.history if point.score is not None)
    )
    assert found.history[found.best or 0].score == found.best_score
    assert found.counts == {"complete": 50, "failed": 10}
    assert found.seconds == 60.0


def test_dials_that_matter_weigh_most(study: Study) -> None:
    shares = {one.param: one.share for one in find(study).importance if one.family == "first"}
    assert sum(shares.values()) == pytest.approx(1.0, abs=1e-3)
    assert {"share", "pace"} == set(sorted(shares, key=lambda name: -shares[name])[:2])
    of_family = [one for one in find(study).importance if one.family == ""]
    assert [(one.param, one.trials) for one in of_family] == [("family", 50)]


def test_lines_and_points_are_of_every_complete_trial(study: Study) -> None:
    found = find(study)
    for lines in found.coordinates:
        assert [axis.name for axis in lines.axes] == ["share", "pace", "kind", "count", "score"]
        assert all(0.0 <= place <= 1.0 for line in lines.places for place in line)
        assert len(lines.places) == len(lines.values) == len(lines.numbers)
    assert sum(len(lines.numbers) for lines in found.coordinates) == 50
    shares = next(one for one in found.slices if (one.family, one.param) == ("first", "share"))
    complete = [record for record in study.spent if record.state == "complete"]
    of_first = [record for record in complete if record.candidate.family == "first"]
    assert shares.points == tuple((one.candidate.params["share"], one.score) for one in of_first)


@pytest.mark.slow
def test_findings_survive_json(study: Study) -> None:
    found = find(study)
    assert to_json(from_json(SearchFindings, to_json(found))) == to_json(found)


def test_too_few_trials_are_said_to_be_too_few(tmp_path: Path) -> None:
    found = find(_searched(tmp_path, 5))
    assert found.importance == ()
    assert f"below {LEAST_TRIALS} complete trials" in found.note
    assert len(found.history) == 5


def test_an_empty_search_says_so(tmp_path: Path) -> None:
    found = find(made_study(tmp_path))
    assert (found.best, found.history, found.coordinates) == (None, (), ())
    assert "No trial" in found.note


def test_one_dial_explains_everything_and_equal_scores_nothing(tmp_path: Path) -> None:
    one = made_family(
        "one", params=(Param(name="share", kind="float", default=0.5, low=0.0, high=1.0, help=""),)
    )
    study = made_study(tmp_path / "one", families=[one])
    flat = made_study(tmp_path / "flat", families=[one])
    for _ in range(LEAST_TRIALS):
        trial = study.ask()
        study.tell(trial, trial.candidate.params["share"])
        flat.tell(flat.ask(), 1.0)
    assert [entry.share for entry in find(study).importance] == [1.0]
    assert [entry.share for entry in find(flat).importance] == [0.0]
