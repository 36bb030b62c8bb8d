"""Which families of a peer really train on a small table: `families.py autogluon|flaml [FAMILY …]`.

Runs in the peers' environments. Three small tables, one per task, with numbers, categories and missing values; each
family alone. Prints a line per family and exits with the number of those that do not work.
"""

from __future__ import annotations

import logging
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping

import numpy as np
import pandas as pd

ROWS = 400
TASKS = ("binary", "multiclass", "regression")
#: `best_quality` trains the first seven; the others come with 1.6 and need no downloaded weights.
AUTOGLUON = ("GBM", "CAT", "XGB", "RF", "XT", "NN_TORCH", "FASTAI", "TABM", "REALMLP", "KNN", "LR")
#: What `estimator_list="auto"` tries.
FLAML = ("lgbm", "xgboost", "xgb_limitdepth", "catboost", "rf", "extra_tree", "sgd", "lrl1")
FAMILY_S = 60.0


def make_table(task: str) -> tuple[pd.DataFrame, pd.Series]:
    """Return a table that every family can learn something from."""
    rng = np.random.default_rng(0)
    # No column is called "c": fastai takes that for its number of classes.
    frame = pd.DataFrame(
        {
            "height": rng.normal(size=ROWS),
            "width": rng.normal(size=ROWS),
            "shape": rng.choice(["box", "ball", "rod"], ROWS),
        }
    )
    value = frame["height"] + (frame["shape"] == "box") + rng.normal(scale=0.3, size=ROWS)
    frame.loc[::17, "height"] = np.nan
    if task == "regression":
        return frame, value.rename("y")
    names = ["no", "yes"] if task == "binary" else ["low", "middle", "high"]
    return frame, pd.Series(pd.qcut(value, len(names), labels=names).astype(str), name="y")


def try_autogluon(family: str, task: str) -> None:
    """Train one family of AutoGluon, bagged as `best_quality` does."""
    from autogluon.tabular import TabularPredictor

    frame, truth = make_table(task)
    with tempfile.TemporaryDirectory() as folder:
        predictor = TabularPredictor("y", path=folder, problem_type=task, verbosity=0).fit(
            frame.assign(y=truth), hyperparameters={family: {}}, time_limit=FAMILY_S, num_cpus=2, num_gpus=0,
            num_bag_folds=2, num_bag_sets=1, num_stack_levels=0, dynamic_stacking=False, raise_on_model_failure=True,
        )  # fmt: skip
        names = [name for name in predictor.model_names() if not name.startswith("WeightedEnsemble")]
        assert names, "no model came out"
        assert np.isfinite(predictor.leaderboard(silent=True)["score_val"]).all(), "no score"


def try_flaml(family: str, task: str) -> None:
    """Train one family of FLAML."""
    from flaml import AutoML

    frame, truth = make_table(task)
    automl = AutoML()
    automl.fit(
        frame, truth, task=task, time_budget=FAMILY_S, max_iter=2, estimator_list=[family], n_jobs=2,
        verbose=0, seed=0,
    )  # fmt: skip
    assert len(automl.predict(frame)) == ROWS


PEERS: Mapping[str, tuple[tuple[str, ...], Callable[[str, str], None]]] = {
    "autogluon": (AUTOGLUON, try_autogluon),
    "flaml": (FLAML, try_flaml),
}


def main() -> int:
    """Try all; return how many do not work."""
    warnings.simplefilter("ignore")
    logging.disable(logging.WARNING)
    families, attempt = PEERS[sys.argv[1]]
    broken = 0
    for family in sys.argv[2:] or families:
        said, start = [], time.perf_counter()
        for task in TASKS:
            if family == "lrl1" and task == "regression":
                continue  # a classifier only
            try:
                attempt(family, task)
            except Exception as error:  # noqa: BLE001 - whatever it is, it is the finding
                said.append(f"{task}: {type(error).__name__}: {' '.join(str(error).split())[:160]}")
        broken += bool(said)
        seconds = time.perf_counter() - start
        print(f"{sys.argv[1]:9} {family:15} {'; '.join(said) or 'trained'}  ({seconds:.0f} s)", flush=True)
    return broken


if __name__ == "__main__":
    sys.exit(main())
