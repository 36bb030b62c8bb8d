"""What Optuna is told of a search: every trial as it was drawn, and what came of it. Rebuilt by whoever owns it."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

import optuna

from engine.search.samplers import Turn, optuna_sampler, own_point
from engine.search.space import FAMILY, Space, Values
from engine.specs.search import SearchSpec, TrialRecord, TrialState
from engine.specs.training import Candidate

optuna.logging.set_verbosity(optuna.logging.WARNING)


@dataclass
class Memory:
    """Optuna's study of one search, in memory alone.

    known: (what was drawn, loss) of complete trials.   refused: what was drawn of configurations that cannot be.
    """

    spec: SearchSpec
    space: Space
    greater_is_better: bool
    known: list[tuple[Values, float]] = field(default_factory=list)
    refused: list[Values] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._study = optuna.create_study(direction="maximize" if self.greater_is_better else "minimize")

    def loss(self, score: float | None) -> float:
        """Return the score as something to make small; infinite where there is none."""
        if score is None:
            return math.inf
        return -score if self.greater_is_better else score

    def draw(self, number: int, attempt: int, taken: Callable[[Values], bool]) -> tuple[optuna.Trial, Values]:
        """Draw the next trial.   taken: whether values were tried before.   Raises: Exhausted."""
        # What cannot be trained counts as bad as the worst of what can: a model of the scores keeps away from it.
        worst = max((loss for _, loss in self.known), default=0.0)
        turn = Turn(
            number=number,
            attempt=attempt,
            known=[*self.known, *((drawn, worst) for drawn in self.refused)],
            taken=taken,
            families=len(self.space.families),
        )
        drawn = own_point(self.space, self.spec, turn)
        if drawn is not None:
            self._study.enqueue_trial(dict(drawn))
        self._study.sampler = optuna_sampler(self.spec, turn)
        asked = self._study.ask()
        return asked, self.space.draw(asked)

    def ask_for(self, candidate: Candidate) -> optuna.Trial:
        """Return a trial of just this candidate."""
        drawn = self.space.drawn(candidate)
        # Values outside a range that was narrowed since are tried again all the same, but teach Optuna nothing.
        self._study.enqueue_trial(dict(drawn) if drawn is not None else {FAMILY: candidate.family})
        asked = self._study.ask()
        if drawn is not None:
            self.space.draw(asked)
        return asked

    def end(self, asked: optuna.Trial, record: TrialRecord) -> None:
        """Note what came of a trial."""
        for step, value in record.steps:
            asked.report(value, step)
        self._study.tell(asked, record.score, state=_STATES[record.state])
        drawn = self.space.drawn(record.candidate)
        if record.score is not None and drawn is not None:
            self.known.append((drawn, self.loss(record.score)))

    def drop(self, asked: optuna.Trial) -> None:
        """Forget a trial that had been tried before."""
        self._study.tell(asked, state=optuna.trial.TrialState.FAIL)

    def refuse(self, asked: optuna.Trial, drawn: Values) -> None:
        """Note that a configuration cannot be: its surroundings are avoided."""
        asked.set_constraint("refused", 1.0)
        self._study.tell(asked, state=optuna.trial.TrialState.PRUNED)
        self.refused.append(drawn)

    def remember(
        self,
        candidate: Candidate,
        state: TrialState,
        score: float | None,
        steps: Sequence[tuple[int, float]] = (),
    ) -> bool:
        """Note a trial that ended elsewhere or before; return whether it lies inside the space."""
        drawn = self.space.drawn(candidate)
        if drawn is None:
            return False
        self._study.add_trial(
            optuna.trial.create_trial(
                state=_STATES[state],
                value=score,
                params=dict(drawn),
                distributions=self.space.distributions(drawn),
                intermediate_values=dict(steps),
                constraints={"refused": 1.0} if state == "refused" else None,
            )
        )
        if score is not None:
            self.known.append((drawn, self.loss(score)))
        elif state == "refused":
            self.refused.append(drawn)
        return True


_STATES: Mapping[TrialState, optuna.trial.TrialState] = {
    "running": optuna.trial.TrialState.RUNNING,
    "complete": optuna.trial.TrialState.COMPLETE,
    "pruned": optuna.trial.TrialState.PRUNED,
    "failed": optuna.trial.TrialState.FAIL,
    "refused": optuna.trial.TrialState.PRUNED,
}
