"""Fit one peer on one part and answer its test rows: `peer.py SYSTEM PARTS OUT BUDGET_S SEED CORES`.

Runs in the peers' environments. Writes OUT/answers.npy, (test rows, classes) or (test rows, 1), and OUT/peer.json. The
clock of the fit starts when the libraries are loaded and the frames are in memory.
"""

from __future__ import annotations

import importlib
import json
import platform
import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.metadata import version
from pathlib import Path
from typing import Any

# In the place of this folder, whose modules would hide others of the same name.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

import numpy as np
import pandas as pd

from scripts.bench.quality.frames import as_categories, read_frame

#: Of the peers' own names for what they optimise.
AUTOGLUON_METRICS = {"roc_auc": "roc_auc", "log_loss": "log_loss", "rmse": "root_mean_squared_error"}
FLAML_METRICS = {"roc_auc": "roc_auc", "log_loss": "log_loss", "rmse": "rmse"}
#: Loaded before the clock starts, so that nobody pays for reading programs from the disk.
LIBRARIES = {
    "autogluon": (
        "torch",
        "fastai.tabular.all",
        "ray",
        "lightgbm",
        "catboost",
        "xgboost",
        "autogluon.tabular",
    ),
    "flaml": ("lightgbm", "catboost", "xgboost", "flaml"),
    "lightgbm": ("lightgbm",),
}
PACKAGES = {
    "autogluon": (
        "autogluon.tabular",
        "lightgbm",
        "catboost",
        "xgboost-cpu",
        "torch",
        "scikit-learn",
        "pandas",
    ),
    "flaml": ("flaml", "lightgbm", "catboost", "xgboost-cpu", "scikit-learn", "pandas"),
    "lightgbm": ("lightgbm", "pandas"),
}
#: Answers after the first, of which the fastest counts.
PREDICTIONS = 3


@dataclass
class Job:
    """What one system is given, and `out` to write into."""

    question: Mapping[str, Any]
    train: pd.DataFrame
    truth: pd.Series
    test: pd.DataFrame
    budget_s: float
    seed: int
    cores: int
    out: Path


@dataclass
class Fitted:
    """A system after its fit.

    answer: → (test rows, classes in the question's order) or (test rows, 1).  persist: brings all models into memory.
    folder: what the system keeps on the disk, if it does.
    """

    answer: Callable[[pd.DataFrame], np.ndarray]
    persist: Callable[[], object] = lambda: None
    folder: Path | None = None
    best: str = ""
    models: Mapping[str, int] = field(default_factory=dict)
    facts: dict[str, Any] = field(default_factory=dict)


def fit_autogluon(job: Job) -> Fitted:
    """AutoGluon, `best_quality`."""
    from autogluon.tabular import TabularPredictor

    target, folder = job.question["target"], job.out / "autogluon"
    predictor = TabularPredictor(
        label=target,
        path=str(folder),
        problem_type=job.question["task"],
        eval_metric=AUTOGLUON_METRICS[job.question["metric"]],
        verbosity=2,
    ).fit(
        pd.concat([job.train, job.truth.rename(target)], axis=1),
        presets="best_quality",
        time_limit=job.budget_s,
        num_cpus=job.cores,
        num_gpus=0,
    )
    return Fitted(
        answer=lambda rows: _answers(predictor, rows, job.question, predictor.class_labels),
        persist=lambda: predictor.persist(max_memory=None),
        folder=folder,
        best=predictor.model_best,
    )


def describe_autogluon(fitted: Fitted) -> None:
    """Add which models AutoGluon trained; not part of any clock."""
    from autogluon.tabular import TabularPredictor

    assert fitted.folder is not None
    predictor = TabularPredictor.load(str(fitted.folder), verbosity=0)
    board = predictor.leaderboard(silent=True)
    kinds = predictor.info()["model_info"]
    bagged = {name: kinds[name].get("bagged_info", {}).get("child_model_type") for name in board["model"]}
    fitted.models = Counter(kind or kinds[name]["model_type"] for name, kind in bagged.items())
    top = board.head(5)[["model", "score_val"]]
    fitted.facts["leaderboard"] = [
        [name, round(float(value), 6)] for name, value in top.itertuples(index=False)
    ]
    failures = predictor.model_failures()
    if len(failures):
        shown = failures[["model", "exc_type"]].itertuples(index=False)
        fitted.facts["failures"] = [f"{name}: {kind}" for name, kind in shown]


def fit_flaml(job: Job) -> Fitted:
    """FLAML with `ensemble=True`, the rest as it comes."""
    from flaml import AutoML

    automl = AutoML()
    automl.fit(
        job.train,
        job.truth,
        task=job.question["task"],
        metric=FLAML_METRICS[job.question["metric"]],
        time_budget=job.budget_s,
        ensemble=True,
        n_jobs=job.cores,
        seed=job.seed,
        verbose=2,
        log_file_name=str(job.out / "flaml.log"),
    )
    losses = {k: round(float(v), 6) for k, v in automl.best_loss_per_estimator.items() if np.isfinite(v)}
    return Fitted(
        answer=lambda rows: _answers(automl, rows, job.question, getattr(automl, "classes_", None)),
        best=type(automl.model).__name__ + ", best " + str(automl.best_estimator),
        models=dict.fromkeys(losses, 1),
        facts={"leaderboard": sorted(losses.items(), key=lambda pair: pair[1])[:5]},
    )


def fit_lightgbm(job: Job) -> Fitted:
    """LightGBM as it comes: the floor."""
    import lightgbm

    train, _ = as_categories(job.train, job.test)
    kind = lightgbm.LGBMClassifier if job.question["classes"] else lightgbm.LGBMRegressor
    model = kind(n_jobs=job.cores, random_state=job.seed, verbosity=-1).fit(train, job.truth)
    return Fitted(
        answer=lambda rows: _answers(
            model, as_categories(job.train, rows)[1], job.question, getattr(model, "classes_", None)
        ),
        best="lightgbm",
        models={"lgbm": 1},
    )


FITS: Mapping[str, Callable[[Job], Fitted]] = {
    "autogluon": fit_autogluon,
    "flaml": fit_flaml,
    "lightgbm": fit_lightgbm,
}


def _answers(model: Any, rows: pd.DataFrame, question: Mapping[str, Any], classes: Any) -> np.ndarray:
    """Return probabilities in the question's order of classes, 0 for one the model never saw; or values."""
    if not question["classes"]:
        return np.asarray(model.predict(rows), dtype=np.float64).reshape(-1, 1)
    given = np.asarray(model.predict_proba(rows), dtype=np.float64)
    places = {str(name): place for place, name in enumerate(classes)}
    answers = np.zeros((len(rows), len(question["classes"])))
    for column, name in enumerate(question["classes"]):
        if name in places:
            answers[:, column] = given[:, places[name]]
    return answers


def _clock(work: Callable[[], Any]) -> tuple[float, Any]:
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def _bytes_in(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def main() -> None:
    """Load, fit, answer, and write both files."""
    system, parts, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    question = json.loads((parts / "question.json").read_text(encoding="utf-8"))
    for library in LIBRARIES[system]:
        importlib.import_module(library)
    train, truth = read_frame(parts / "train.csv", question)
    test, _ = read_frame(parts / "test.csv", question)
    job = Job(question, train, truth, test, float(sys.argv[4]), int(sys.argv[5]), int(sys.argv[6]), out)
    fit_s, fitted = _clock(lambda: FITS[system](job))
    predict_first_s, answers = _clock(lambda: fitted.answer(test))
    fitted.persist()
    predict_s = min(_clock(lambda: fitted.answer(test))[0] for _ in range(PREDICTIONS))
    np.save(out / "answers.npy", answers)
    if system == "autogluon":
        describe_autogluon(fitted)
    told = {
        "fit_s": round(fit_s, 3),
        "predict_first_s": round(predict_first_s, 5),
        "predict_s": round(predict_s, 5),
        "size_bytes": _bytes_in(fitted.folder) if fitted.folder else None,
        "best": fitted.best,
        "models": dict(fitted.models),
        "facts": fitted.facts,
        "versions": {
            "python": platform.python_version(),
            **{name: version(name) for name in PACKAGES[system]},
        },
    }
    (out / "peer.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
