"""Who proposes the next trial: Optuna's samplers, and those that need no memory beyond the trials themselves.

Every proposal depends on the seed, the trial's number and the trials before it, never on how many proposals this
process has made: a search that was killed goes on as if it had not been.
"""

from __future__ import annotations

import math
import random
import warnings
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import optuna

from engine.search.evolution import propose_evolved
from engine.search.space import FAMILY, Room, Space, Values
from engine.specs.search import SamplerName, SearchSpec

#: Points of one family, each with its loss: (places (n, dials) in [0, 1], losses (n,)), in order of trials.
Known = tuple[np.ndarray, np.ndarray]


@dataclass(frozen=True, kw_only=True)
class Turn:
    """One proposal to make.

    number: of the trial.   attempt: counts proposals for it that could not be used, from 0.
    known: (what was drawn, loss) of every complete or refused trial, smaller losses better.
    taken: whether a trial with these values has been asked before.   families: how many take turns.
    """

    number: int
    attempt: int
    known: Sequence[tuple[Values, float]]
    taken: Callable[[Values], bool]
    families: int = 1

    def seed(self, spec: SearchSpec) -> int:
        """Return a seed of this turn's own."""
        return int(np.random.SeedSequence([spec.seed, self.number, self.attempt]).generate_state(1)[0])


def optuna_sampler(spec: SearchSpec, turn: Turn) -> optuna.samplers.BaseSampler:
    """Return Optuna's sampler for one turn; what comes by chance only is drawn by it too."""
    if spec.sampler != "tpe":
        return optuna.samplers.RandomSampler(seed=turn.seed(spec))
    with warnings.catch_warnings():
        # `group` keeps each family's dials together in a conditional space; Optuna calls it experimental since 2.8.
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        return optuna.samplers.TPESampler(
            seed=turn.seed(spec),
            n_startup_trials=spec.starters,
            multivariate=True,
            group=True,
            constant_liar=True,
        )


def own_point(space: Space, spec: SearchSpec, turn: Turn) -> Values | None:
    """Return what our own samplers draw; None where Optuna draws.   Raises: Exhausted when a grid is done."""
    if spec.sampler == "grid":
        return _grid_point(space, spec, turn)
    sampler = _BY_PLACE.get(spec.sampler)
    if sampler is None or turn.attempt >= _CHANCE_AFTER:
        return None
    rng = np.random.default_rng(turn.seed(spec))
    room = space.rooms[_choose_family(space, spec, turn)]
    places = sampler(room, spec, turn, rng)
    return point_of(room, places)


class Exhausted(Exception):
    """Raised when there is nothing left to try."""


#: Proposals that had been tried before after which chance takes over.
_CHANCE_AFTER = 5
#: Points of a sequence that lie between two attempts at one trial.
_FAR_ON = 65_536


def point_of(room: Room, places: Sequence[float]) -> Values:
    """Return the values at `places` (dials,) in [0, 1]."""
    name = room.family.name
    drawn = {
        f"{name}.{dial}": room.dials[dial].at(float(at)) for dial, at in zip(room.dials, places, strict=True)
    }
    return {FAMILY: name, **drawn}


def known_of(room: Room, known: Sequence[tuple[Values, float]]) -> Known:
    """Return the known points of one family as places (n, dials) and losses (n,)."""
    name = room.family.name
    own = [(drawn, loss) for drawn, loss in known if drawn[FAMILY] == name]
    places = [[room.dials[dial].place(drawn[f"{name}.{dial}"]) for dial in room.dials] for drawn, _ in own]
    return np.asarray(places, float).reshape(len(own), len(room.dials)), np.asarray([loss for _, loss in own])


def _choose_family(space: Space, spec: SearchSpec, turn: Turn) -> str:
    """Return the families in rotation, and every other turn the one with the best score once each had its share."""
    names = space.families
    if spec.sampler != "qmc" and turn.number >= spec.starters and turn.number % 2 and turn.known:
        best = min(turn.known, key=lambda pair: pair[1])
        return str(best[0][FAMILY])
    return names[turn.number % len(names)]


def _spread(room: Room, spec: SearchSpec, turn: Turn, rng: np.random.Generator) -> Sequence[float]:
    # SciPy's statistics take as long to import as everything else of a run together: they come when they are asked.
    from engine.search.spread import propose_spread

    return propose_spread(
        len(room.dials), turn.number // turn.families + _FAR_ON * turn.attempt, seed=spec.seed
    )


def _expected(room: Room, spec: SearchSpec, turn: Turn, rng: np.random.Generator) -> Sequence[float]:
    known = known_of(room, turn.known)
    if len(known[1]) < max(2, spec.starters // 2):
        return list(rng.random(len(room.dials)))
    from engine.search.gaussian import propose_expected  # it brings scikit-learn

    return propose_expected(room, known, rng)


def _evolved(room: Room, spec: SearchSpec, turn: Turn, rng: np.random.Generator) -> Sequence[float]:
    return propose_evolved(known_of(room, turn.known), rng)


_BY_PLACE: Mapping[SamplerName, Callable[[Room, SearchSpec, Turn, np.random.Generator], Sequence[float]]] = {
    "qmc": _spread,
    "gp": _expected,
    "cmaes": _evolved,
}


def _grid_point(space: Space, spec: SearchSpec, turn: Turn) -> Values:
    """Return the first point of the shuffled grids, family by family in turn, that was not asked before."""
    names = space.families
    sizes = {name: grid_size(space.rooms[name], spec.levels) for name in names}
    for row in range(max(sizes.values())):
        for name in names:
            if row < sizes[name]:
                drawn = grid_point(space.rooms[name], spec, row)
                if not turn.taken(drawn):
                    return drawn
    raise Exhausted(f"All {sum(sizes.values()):,} points of the grid have been tried.")


def grid_size(room: Room, levels: int) -> int:
    """Return how many points the grid of one family has."""
    return math.prod(_levels(room, levels))


def grid_point(room: Room, spec: SearchSpec, row: int) -> Values:
    """Return the point at `row` of the family's grid in its shuffled order, row < grid_size."""
    counts = _levels(room, spec.levels)
    size = math.prod(counts)
    chance = random.Random(spec.seed)
    step = chance.randrange(1, size + 1)
    while math.gcd(step, size) != 1:
        step += 1
    index = (chance.randrange(size) + row * step) % size
    places = []
    for dial, count in zip(room.dials.values(), counts, strict=True):
        index, level = divmod(index, count)
        places.append((level + 0.5) / count if dial.choices else level / max(1, count - 1))
    return point_of(room, places)


def _levels(room: Room, levels: int) -> list[int]:
    """Return how many values each dial has in a grid."""
    return [
        len(dial.choices)
        if dial.choices
        else int(min(levels, dial.high - dial.low + 1))
        if dial.param.kind == "int"
        else levels
        for dial in room.dials.values()
    ]
