"""What all boosted families share: when rounds end, how large steps are, and the model that their trees make."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.fitted import Doubles, FittedModel
from engine.families.targets import Target, sigmoid, softmax, two_columns, two_columns_nodes
from engine.families.tree_body import Tree, add_trees
from engine.transforms.graph import Graph

_CELLS_PER_THREAD = 400_000
#: The round after which the time that all rounds would take is known well enough.
_TIMED_ROUND = 20


def useful_threads(data: TrainingData) -> int:
    """Return how many threads are worth their hand-overs: on 11,000 rows × 17 features one beats two by 1.5."""
    cells = data.train.rows * len(data.train.columns)
    return max(1, min(data.threads, cells // _CELLS_PER_THREAD))


@dataclass
class Rounds:
    """The judgement of a boosting loop, whoever runs it. Afterwards `best_round` rounds of trees are kept.

    params: with rounds, learning_rate and patience.   has_valid: validation rows stop it; without them the rounds
    and the step were found before, and stay.
    """

    params: Mapping[str, Any]
    budget: Budget
    progress: Progress
    has_valid: bool
    best_round: int = 1
    learning_rate: float = 0.0
    stopped: str = "converged"
    curve: list[tuple[float, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.learning_rate = self.params["learning_rate"]
        self._best = math.inf
        self._started_s = self.budget.left_s

    def goes_on(self, step: int, valid_loss: float, train_loss: Callable[[], float]) -> bool:
        """Judge round `step` (from 1) and say whether another should follow; tells progress now and then.

        valid_loss: NaN without validation rows.   train_loss: asked for only when it is told.
        """
        if not self.has_valid:
            self.best_round = step
        elif not math.isfinite(self._best) or valid_loss < self._best - 1e-9 * abs(self._best):
            self._best, self.best_round = valid_loss, step
        rounds = self.params["rounds"]
        if step % max(1, rounds // 200) == 0 or step == 1:
            train = train_loss()
            self.curve.append((float(step), train, valid_loss))
            self.progress(step / rounds, train, valid_loss)
        if step >= rounds:
            return False
        if self.budget.is_spent:
            self.stopped = "time"
            return False
        if self.has_valid and step - self.best_round >= self.params["patience"]:
            self.stopped = "early"
            return False
        return True

    def larger_step(self, step: int) -> float | None:
        """Return the learning rate to go on with when the time allows far fewer rounds than a small one needs."""
        if step != _TIMED_ROUND or not self.has_valid:
            return None
        spent_s = self._started_s - self.budget.left_s
        affordable = step + self.budget.left_s / max(spent_s / step, 1e-6)
        needed = min(self.params["rounds"], 15.0 / self.params["learning_rate"])
        if affordable >= needed:
            return None
        self.learning_rate = min(0.3, self.learning_rate * needed / affordable)
        return self.learning_rate

    def restart(self) -> None:
        """Forget all rounds, for a library that can't change its step on the way; step and clock stay."""
        self._best, self.best_round, self._started_s = math.inf, 1, self.budget.left_s
        self.curve.clear()


@dataclass(frozen=True, kw_only=True)
class Boosted:
    """A library's trees, as read by `boosted_model`.

    raw: features (rows, F) → sums of leaves (rows,) or (rows, width), before sigmoid or softmax.
    trees: reads the kept rounds.   base: (width,), added to every sum.
    """

    raw: Callable[[Floats], Doubles]
    trees: Callable[[], Sequence[Tree]]
    base: Doubles | None = None


def sums_width(target: Target) -> int:
    """Return how many sums a row has: one per class, or 1 for two classes and for values."""
    return target.classes if target.classes > 2 else 1


def boosted_model(boosted: Boosted, target: Target, rounds: Rounds, rows: int, features: int) -> FittedModel:
    """Return the model of `boosted`, natively and as ONNX nodes.   rows: trained on.   features: F."""

    def native(x: Floats) -> Doubles:
        raw = boosted.raw(x)
        if target.classes == 2:
            return target.decode(two_columns(sigmoid(raw.reshape(-1))))
        return target.decode(softmax(raw) if target.classes else raw.reshape(-1, 1))

    def nodes(graph: Graph, x: str) -> str:
        raw = add_trees(graph, x, boosted.trees(), base=boosted.base)
        if target.classes == 2:
            raw = two_columns_nodes(graph, graph.node("Sigmoid", raw))
        elif target.classes:
            raw = graph.node("Softmax", raw, axis=1)
        return target.decode_nodes(graph, raw)

    return FittedModel(
        native=native,
        nodes=nodes,
        rows=rows,
        features=features,
        outputs=target.outputs,
        stopped=rounds.stopped,
        curve=tuple(rounds.curve),
        notes={"rounds": rounds.best_round, "learning_rate": rounds.learning_rate},
    )
