"""The 20 sets of the comparison and what is asked of each; the standard library alone, as every system reads it.

All 8 sets of tabular/, and 12 of the 25 of pmlb/ chosen before anything was measured on them, by what they are:

- Left out for telling systems apart too little: mushroom, tic_tac_toe, car and nursery (rules that trees learn to the
  last row), titanic of pmlb (24 distinct rows in 2,201), twonorm (the best score is known, and a linear model has it),
  wind and pollen (nearly linear), ecoli (327 rows: under 10 test rows in two classes), spambase (391 repeated rows,
  and a ranking that any ensemble of trees has almost right).
- Of twins, one is in: ring for twonorm; pendigits for optdigits (twice the rows) and segmentation (224 repeated rows);
  puma8NH for cpu_small.
- The rest is spread: 6 regressions, 7 binary, 7 multiclass in all 20; 500 to 32,561 rows; 5 to 60 columns; only
  numbers, only categories, both; rarest class from 0.1 % to a half; noise that nobody can learn, and next to none.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Task = Literal["binary", "multiclass", "regression"]
Metric = Literal["roc_auc", "log_loss", "rmse"]

#: What every system is told to optimise, and is judged by.
METRICS: Mapping[Task, Metric] = {"binary": "roc_auc", "multiclass": "log_loss", "regression": "rmse"}
GREATER_IS_BETTER: frozenset[Metric] = frozenset({"roc_auc"})

#: Seconds per fit. The long budget is for the first LONG_SETS sets.
SHORT_S, LONG_S = 60.0, 300.0
LONG_SETS = 8


@dataclass(frozen=True, kw_only=True)
class Set:
    """One data set and its question.

    file: under the folder of shared data.  why: what it adds to the twenty.
    missing, dates: what a user of pandas would say when reading it; AI Mass gets the raw cells and sees by itself.
    """

    name: str
    file: str
    target: str
    task: Task
    why: str
    missing: tuple[str, ...] = ()
    dates: tuple[str, ...] = ()

    @property
    def metric(self) -> Metric:
        return METRICS[self.task]

    @property
    def greater_is_better(self) -> bool:
        return self.metric in GREATER_IS_BETTER


def _pmlb(name: str, task: Task, why: str) -> Set:
    return Set(name=name, file=f"pmlb/{name}.tsv.gz", target="target", task=task, why=why)


SETS: tuple[Set, ...] = (
    Set(
        name="adult", file="tabular/adult.csv", target="income", task="binary", missing=("?",),
        why="the most rows, numbers and categories, missing values, blanks in names and values",
    ),
    Set(
        name="california_housing", file="tabular/california_housing.csv", target="median_house_value",
        task="regression", why="places on a map, a capped target, missing numbers",
    ),
    Set(
        name="titanic_train", file="tabular/titanic_train.csv", target="Survived", task="binary",
        why="few rows, names, tickets and cabins as text, many missing",
    ),
    Set(
        name="german_credit", file="tabular/german_credit.csv", target="credit_risk", task="binary",
        why="few rows, mostly categories, noisy",
    ),
    Set(
        name="wine_quality", file="tabular/wine_quality.csv", target="quality", task="multiclass",
        why="7 ordered classes, the rarest with 5 rows, many repeated rows",
    ),
    Set(
        name="bike_hourly", file="tabular/bike_hourly.csv", target="cnt", task="regression", dates=("dteday",),
        why="counts over time: a date, hours and weekdays that interact",
    ),
    Set(
        name="telco_churn", file="tabular/telco_churn.csv", target="Churn", task="binary", missing=(" ", ""),
        why="mostly categories, an identifier, a number column with blanks",
    ),
    Set(
        name="satellite", file="tabular/satellite.csv", target="Class", task="multiclass",
        why="36 correlated numbers, 6 classes",
    ),
    _pmlb("churn", "binary", "one class has 14 %, numbers and codes"),
    _pmlb("phoneme", "binary", "5 numbers, a smooth border: neighbours do as well as trees"),
    _pmlb("ring", "binary", "20 numbers that only a quadratic model separates"),
    _pmlb("contraceptive", "multiclass", "few columns, noisy: a well calibrated answer is all there is to win"),
    _pmlb("page_blocks", "multiclass", "the strongest imbalance: 90 % to 0.5 %"),
    _pmlb("pendigits", "multiclass", "10 classes, smooth: networks beat trees"),
    _pmlb("splice", "multiclass", "60 columns, all of them categories written as numbers"),
    _pmlb("vehicle", "multiclass", "few rows, correlated numbers"),
    _pmlb("201_pol", "regression", "48 columns, a target of 11 values, next to no noise"),
    _pmlb("218_house_8L", "regression", "many rows, a target with a long tail"),
    _pmlb("225_puma8NH", "regression", "a smooth function of 8 numbers under strong noise"),
    _pmlb("547_no2", "regression", "500 rows, the fewest"),
)  # fmt: skip


def by_name(name: str) -> Set:
    """Return the set called `name`.   Raises: KeyError when there is none."""
    return {one.name: one for one in SETS}[name]
