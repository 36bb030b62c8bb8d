"""The search: two lanes against one, and how much training pruning saves on a toy whose best score is known.

.venv/bin/python scripts/bench/search.py [--trials N] [--seeds N] [--family NAME]

Bars: two lanes finish ≥ 1.8 × the sleeping trials of one; ASHA saves ≥ 50 % of the rounds (or passes) that the same
trials take without pruning, and the best of them is not among those it ended.
"""

from __future__ import annotations

import argparse
import json
import math
import sys
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.families import family
from engine.families.base import Budget, DataShape, TrainingData
from engine.search.ledger import Ledger
from engine.search.run import Evaluate, SearchEnd, search
from engine.search.study import Study, Trial
from engine.specs.search import ParamRange, PrunerName, SamplerName, SearchSpec
from tests.engine.made_rows import Rows

ROWS, COLUMNS, NOISE = 3000, 10, 1.0
NAP_S, LANES_S = 0.5, 12.0
ROUNDS = {"lightgbm": 500, "xgboost": 500, "catboost": 500, "mlp": 60}
SAMPLERS: tuple[SamplerName, ...] = ("random", "tpe")
PRUNERS: tuple[PrunerName, ...] = ("asha", "hyperband", "median")
#: By chance both searches try the same models, so the best of them must survive; others are printed to compare.
JUDGED = ("random", "asha")
SHAPE = DataShape(rows=ROWS, features=COLUMNS, task="regression", outputs=1)

Curve = tuple[list[tuple[int, float]], float]


def toy(seed: int) -> TrainingData:
    """Return 10 columns of which 5 tell y = 10 sin(π x₀ x₁) + 20 (x₂ − ½)² + 10 x₃ + 5 x₄ + N(0, 1).

    No model can do better than an error of 1 on rows it has not seen.
    Source: Friedman, Multivariate Adaptive Regression Splines, Annals of Statistics 19, 1991.
    """
    rng = np.random.default_rng(seed)
    x = rng.random((2 * ROWS, COLUMNS)).astype(np.float32)
    hidden = 10 * np.sin(np.pi * x[:, 0] * x[:, 1]) + 20 * (x[:, 2] - 0.5) ** 2 + 10 * x[:, 3] + 5 * x[:, 4]
    y = hidden + NOISE * rng.normal(size=len(x))
    return TrainingData(
        task="regression",
        outputs=1,
        train=Rows(x[:ROWS], y[:ROWS]),
        valid=Rows(x[ROWS:], y[ROWS:]),
        seed=seed,
        threads=1,
    )


@dataclass
class Curves:
    """Each model trained once; every search replays its curve and is charged for what it looked at."""

    name: str
    data: TrainingData
    known: dict[str, Curve] = field(default_factory=dict)

    def of(self, params: Mapping[str, Any]) -> Curve:
        """Return (step, validation loss) while training, and the final error on the validation rows."""
        key = json.dumps(dict(params), sort_keys=True)
        if key not in self.known:
            curve: list[tuple[int, float]] = []

            def listen(share: float, train: float, valid: float) -> None:
                curve.append((round(share * ROUNDS[self.name]), valid))

            fitted = family(self.name).build(params, self.data, Budget(600.0, time.monotonic), listen)
            x, y = self.data.valid.arrays()
            self.known[key] = curve, float(np.sqrt(np.square(fitted.predict(x)[:, 0] - y).mean()))
        return self.known[key]


@dataclass
class Searched:
    """What one search cost and found.   steps: rounds or passes trained by all trials."""

    best: float
    steps: int
    pruned: int


def search_toy(curves: Curves, spec: SearchSpec) -> Searched:
    """Search one family on the toy."""
    member, steps = family(curves.name), 0
    settled = ParamRange(value=ROUNDS[curves.name])
    spec = replace(spec, ranges={f"{curves.name}.{member.steps}": settled})

    def evaluate(trial: Trial, lane: str) -> float:
        nonlocal steps
        curve, score = curves.of(trial.candidate.params)
        last = 0
        for step, loss in curve:
            steps, last = steps + step - last, step
            trial.report(step, loss)
        return score

    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "search.jsonl") as ledger:
        study = Study(spec, [member], {member.view: SHAPE}, ledger, greater_is_better=False)
        best = _run(study, evaluate, ["cpu"], 1e9).best
        pruned = sum(record.state == "pruned" for record in study.spent)
        return Searched(math.nan if best is None or best.score is None else best.score, steps, pruned)


def nap(lanes: int) -> int:
    """Return how many sleeping trials so many lanes finish in LANES_S seconds."""

    def evaluate(trial: Trial, lane: str) -> float:
        time.sleep(NAP_S)
        return trial.number % 7

    member = family("lightgbm")
    with tempfile.TemporaryDirectory() as folder, Ledger(Path(folder) / "search.jsonl") as ledger:
        study = Study(SearchSpec(), [member], {member.view: SHAPE}, ledger, greater_is_better=False)
        return _run(study, evaluate, [f"lane {i}" for i in range(lanes)], LANES_S).spent


def _run(study: Study, evaluate: Evaluate, lanes: list[str], seconds: float) -> SearchEnd:
    budget = Budget(seconds, time.monotonic)
    return search(study, evaluate, lanes, budget, lambda event: None, clock=time.monotonic)


def compare(curves: Curves, sampler: SamplerName, trials: int, seed: int) -> int:
    """Print what each pruner saves and costs; return how many bars were missed."""
    spec = SearchSpec(sampler=sampler, pruner="none", trials=trials, seed=seed)
    whole = search_toy(curves, spec)
    missed = 0
    for pruner in PRUNERS:
        cut = search_toy(curves, replace(spec, pruner=pruner))
        saved = 1.0 - cut.steps / whole.steps
        is_met = saved >= 0.5 and cut.best <= 1.001 * whole.best
        is_judged = (sampler, pruner) == JUDGED
        missed += is_judged and not is_met
        verdict = "" if not is_judged else "  met" if is_met else "  MISSED"
        print(
            f"  seed {seed} {sampler:<7}{pruner:<10} steps {whole.steps:>6,} → {cut.steps:>6,} ({saved:.0%} saved, "
            f"{cut.pruned} pruned); best error {whole.best:.4f} → {cut.best:.4f}{verdict}",
            flush=True,
        )
    return missed


def main() -> int:
    """Print both figures; return 1 when a bar is missed."""
    asked = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    asked.add_argument("--trials", type=int, default=60)
    asked.add_argument("--seeds", type=int, default=3)
    asked.add_argument("--family", choices=sorted(ROUNDS), default="lightgbm")
    options = asked.parse_args()

    one, two = nap(1), nap(2)
    missed = int(two < 1.8 * one)
    print(f"sleeping trials in {LANES_S:g} s: one lane {one}, two lanes {two}: {two / one:.2f} × (bar 1.8 ×)")
    print(
        f"toy of {COLUMNS} columns, {options.family}, {options.trials} trials; best possible error {NOISE:g}"
    )
    for seed in range(options.seeds):
        curves = Curves(options.family, toy(seed))
        missed += sum(compare(curves, sampler, options.trials, seed) for sampler in SAMPLERS)
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
