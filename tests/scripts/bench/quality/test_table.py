"""The table says who won, by how much, and whether the bars are met."""

from __future__ import annotations

import dataclasses

import pytest

from scripts.bench.quality.results import Result
from scripts.bench.quality.sets import LONG_SETS, SETS
from scripts.bench.quality.table import board_of, show

#: Of ours, for a better and for a worse figure.
BETTER = {True: 0.9, False: 0.1}
WORSE = {True: 0.8, False: 0.2}


def results_of(ours: dict[bool, float], theirs: dict[bool, float]) -> list[Result]:
    found = []
    for one in SETS:
        for system, scores, predict_s in (
            ("aimass", ours, 0.01),
            ("autogluon", theirs, 0.1),
            ("lightgbm", WORSE, 0.01),
        ):
            made = Result(
                set=one.name, system=system, budget_s=0.0 if system == "lightgbm" else 60.0, seed=0,
                metric=one.metric, score=scores[one.greater_is_better], rows="r", train_rows=3, test_rows=1,
                fit_s=50.0, predict_s=predict_s, size_bytes=1000, best="b",
                facts={"reported": 0.25, "by_the_file_alone": 0.25},
            )  # fmt: skip
            found.append(made)
    return found


def test_a_better_system_meets_every_bar(capsys: pytest.CaptureFixture[str]) -> None:
    assert show(results_of(BETTER, WORSE), 60.0, 0)
    said = capsys.readouterr().out
    assert "20 of 20 sets measured with every system" in said
    assert "against autogluon: 20 wins, 0 ties, 0 losses; wins and ties 100%" in said
    assert "median 10.0, least 10.0" in said
    assert "MISSED" not in said
    assert "lost on" not in said


def test_a_worse_system_is_told_where_it_lost(capsys: pytest.CaptureFixture[str]) -> None:
    assert not show(results_of(WORSE, BETTER), 60.0, 0)
    said = capsys.readouterr().out
    assert "MISSED mean rank ahead of autogluon's by -1.50" in said
    assert "lost on adult (roc_auc" in said
    assert "autogluon -11.11%" in said
    assert "autogluon -100.00%" in said


@pytest.mark.parametrize(
    ("change", "missed"),
    [
        ({"predict_s": 0.05}, "MISSED predict"),
        ({"size_bytes": 200_000_000}, "MISSED largest file 200.0 MB"),
        ({"facts": {"reported": 0.25, "by_the_file_alone": 0.26}}, "MISSED the file alone"),
        (
            {"score": None, "error": "Failed: exit 1"},
            "MISSED worst against LightGBM defaults: -100.00% on vehicle",
        ),
    ],
)
def test_one_set_is_enough_to_miss_a_bar(
    change: dict[str, object], missed: str, capsys: pytest.CaptureFixture[str]
) -> None:
    found = results_of(BETTER, WORSE)
    changed = [
        dataclasses.replace(r, **change) if (r.set, r.system) == ("vehicle", "aimass") else r  # type: ignore[arg-type]
        for r in found
    ]
    assert not show(changed, 60.0, 0)
    assert missed in capsys.readouterr().out


def test_the_long_budget_has_the_first_sets_alone_and_the_floor_of_any() -> None:
    found = [dataclasses.replace(r, budget_s=300.0) if r.budget_s else r for r in results_of(BETTER, WORSE)]
    board = board_of(found, 300.0, 0)
    assert list(board) == [one.name for one in SETS[:LONG_SETS]]
    assert board["adult"].keys() == {"aimass", "autogluon", "lightgbm"}
    assert board_of(found, 300.0, 1) == {}


def test_nothing_measured_meets_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    assert not show([], 60.0, 0)
    assert "0 of 0 sets" in capsys.readouterr().out
