"""The training of a network: obeys the clock, looks at validation rows after each turn, keeps the best weights."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field

import tensorflow as tf

from engine.errors import WorkFailed
from engine.families.base import Budget, Floats, Progress, TrainingData
from engine.families.bridges.network_feed import Block, Feed
from engine.families.bridges.network_steps import Network, Recipe, Steps
from engine.families.fitted import Doubles
from engine.families.sampling import log_loss, squared_loss, validation_arrays
from engine.families.targets import Target

_VALIDATION_ROWS = 20_000
#: Seconds between two looks at the clock.
_STRETCH_S = 0.4
_FIRST_STEPS = 4


@dataclass(kw_only=True)
class Training:
    """One network in training; `run` it once, then `steps` answers with the best weights.

    Found: stopped ("converged", "early" or "time"), curve of (turn, training loss, validation loss), and
    best_turn, the turn (from 1) whose weights were kept. A turn is one pass, or the recipe's rows where it is longer.
    """

    network: Network
    recipe: Recipe
    data: TrainingData
    target: Target
    budget: Budget
    progress: Progress
    stopped: str = "converged"
    best_turn: int = 0
    curve: list[tuple[float, float, float]] = field(default_factory=list)
    _best: float = math.inf
    _state: list[Floats] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.steps = Steps(self.network, self.recipe, self.data.train.sample_shape)
        rows = min(self.data.train.rows, self.recipe.rows_per_turn)
        self._per_turn = max(1, rows // self.recipe.batch)
        self._pace = _Pace(self.budget, self.recipe.passes * self._per_turn)

    def run(self) -> None:
        """Train until validation rows stop improving, passes are over or the time is.

        Raises: WorkFailed when TensorFlow cannot train it; whatever the listener raises.
        """
        x, y = validation_arrays(self.data, _VALIDATION_ROWS)
        codes = self.target.encode(y)
        try:
            with Feed(self.data.train, self.target.encode, self.recipe.batch, self.data.seed) as feed:
                self._run(_Walk(feed), lambda: self._loss(x, codes))
        except tf.errors.OpError as error:
            raise WorkFailed(
                f"TensorFlow could not train the network: {str(error)[:200]}",
                remedy="Make the network smaller, or leave it out with --families.",
            ) from error
        if not self._state:
            raise WorkFailed(
                "The network's loss is no number any more: its steps were too large. Expected a finite loss.",
                remedy="Choose a smaller learning rate.",
            )
        if self.recipe.keeps_end and self.stopped != "early" and math.isfinite(self.curve[-1][2]):
            self._keep_end(x, codes)
        self.steps.restore(self._state)

    def _keep_end(self, x: Floats, codes: Doubles) -> None:
        """Keep the weights of the last turn, unless they are worse at what validation rows are asked.

        Log loss punishes certainty long before more rows are told wrong: it is least in the middle of the schedule.
        """
        with self.steps.averaged():
            end = self.steps.state()
            at_end = self._hits(x, codes)
        self.steps.restore(self._state)
        if at_end >= self._hits(x, codes):
            self._state, self.best_turn = end, len(self.curve)

    def _hits(self, x: Floats, codes: Doubles) -> float:
        """Return the share of rows told right, or minus the loss of values; 0 without rows."""
        if not len(x):
            return 0.0
        if not self.target.classes:
            return -self._loss(x, codes)
        return float((self.steps.answer(x).argmax(axis=1) == codes).mean())

    def _run(self, walk: _Walk, judge: Callable[[], float]) -> None:
        for turn in range(1, self.recipe.passes + 1):
            train = self._turn(walk)
            with self.steps.averaged():
                valid = judge()
                self._remember(turn, train, train if math.isnan(valid) else valid)
            self.progress(turn / self.recipe.passes, train, self.curve[-1][2])
            if self.stopped == "time":
                return
            if turn - max(1, self.best_turn) >= self.recipe.patience:
                self.stopped = "early"
                return

    def _turn(self, walk: _Walk) -> float:
        """Take the steps of one turn, fewer where the time ends, and return their mean loss."""
        done, told = 0, 0.0
        while done < self._per_turn:
            block, first, count = walk.next(min(self._pace.stretch, self._per_turn - done))
            told += self.steps.learn(block, first, count, *self._pace.place())
            done += count
            self._pace.step(count)
            if self.budget.is_spent:
                self.stopped = "time"
                break
        return told / done

    def _remember(self, turn: int, train: float, valid: float) -> None:
        self.curve.append((float(turn), train, valid))
        if valid < self._best:
            self._best, self.best_turn, self._state = valid, turn, self.steps.state()

    def _loss(self, x: Floats, codes: Doubles) -> float:
        if not len(x):
            return math.nan
        answer = self.steps.answer(x)
        return log_loss(codes, answer) if self.target.classes else squared_loss(codes, answer)


class _Walk:
    """Stretches of batches, from block to block."""

    def __init__(self, feed: Feed) -> None:
        self._feed = feed
        self._block: Block | None = None
        self._cursor = 0

    def next(self, most: int) -> tuple[Block, int, int]:
        """Return a block, its first batch not yet taken and how many to take from there: at most `most`."""
        if self._block is None or self._cursor >= self._block.batches:
            self._block, self._cursor = self._feed.next(), 0
        first = self._cursor
        count = min(most, self._block.batches - first)
        self._cursor += count
        return self._block, first, count


class _Pace:
    """How far the training is, and how far it will come.

    The clock counts only where it allows fewer steps than asked for: else equal seeds give equal models.
    """

    def __init__(self, budget: Budget, steps: int) -> None:
        self._budget, self._steps = budget, steps
        self._done = self._done_at_start = 0
        self._left_at_start = budget.left_s
        self.stretch = _FIRST_STEPS

    def step(self, count: int) -> None:
        """Take note that `count` more steps were taken; the first ones are not measured, they build the graph."""
        if self._done == 0:
            self._done_at_start, self._left_at_start = count, self._budget.left_s
        self._done += count
        measured = self._done - self._done_at_start
        if measured:
            self.stretch = max(1, int(_STRETCH_S / max(self._seconds / measured, 1e-6)))

    def place(self) -> tuple[int, int]:
        """Return how many steps are done, and how many there will be."""
        measured = self._done - self._done_at_start
        steps = self._steps
        if measured:
            affordable = self._done + self._budget.left_s * measured / max(self._seconds, 1e-6)
            steps = max(1, min(steps, int(affordable)))
        return self._done, steps

    @property
    def _seconds(self) -> float:
        return self._left_at_start - self._budget.left_s


def use_threads(threads: int) -> None:
    """Have TensorFlow work on `threads` threads, and keep its remarks about several models in a process to itself."""
    tf.get_logger().setLevel("ERROR")
    try:
        tf.config.threading.set_intra_op_parallelism_threads(threads)
        tf.config.threading.set_inter_op_parallelism_threads(max(1, threads // 2))
    except RuntimeError:
        # TensorFlow has already started in this process and keeps the threads of the first network.
        return
