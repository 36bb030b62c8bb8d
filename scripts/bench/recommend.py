"""Recommendations, leaving out one data set at a time: what the first one scores beside the best known.

.venv/bin/python scripts/bench/recommend.py [--knowledge FILE] [--choose]

Two readings of a score: `ratio` is score / best known, `gain` the share of the way from guessing to it, which is
the stricter one. ROC AUC for two classes, accuracy for more, R² for values. Bars: on at least 80 % of the sets the
first one's ratio is 97 % or more, and it takes less than 10 s. Beside it: always LightGBM as its library has it,
always LightGBM as we propose it, and whatever is best on average over the other sets. At the end: how far models come
in the recommended order and in the order in which families propose themselves.
--choose prints the same for other reaches and pulls.
"""

from __future__ import annotations

import argparse
import functools
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from engine.families import family
from engine.families.base import DataShape
from engine.recommend import merits
from engine.recommend.knowledge import SHIPPED, Knowledge, KnownSet, read_knowledge
from engine.recommend.nearness import distances
from engine.recommend.recommend import Recommendation, recommend
from engine.specs.training import Candidate, TaskSpec
from engine.training.candidates import propose_candidates
from scripts.knowledge.portfolio import portfolio

BAR_RATIO, BAR_SHARE, BAR_S = 0.97, 0.8, 10.0
REACHES, PULLS = (0.15, 0.25, 0.35, 0.5, 0.7, 1.0, 100.0), (0.0, 0.3, 1.0, 3.0, 10.0)
FIRST = (1, 2, 3, 5)
SECONDS = (0.5, 1.0, 2.0, 4.0, 8.0)
Pick = Callable[[KnownSet], str]


@dataclass(frozen=True, kw_only=True)
class Told:
    """What one way to choose comes to on one set."""

    name: str
    configuration: str
    ratio: float
    gain: float


def candidates_of(one: KnownSet) -> tuple[Candidate, ...]:
    """Return all that was measured on a set and could be recommended for it."""
    found = portfolio(task_of(one), shapes_of(one))
    return tuple(each for each in found if each.id in one.measures)


def task_of(one: KnownSet) -> TaskSpec:
    """Return a question of the set's kind."""
    classes = tuple(str(number) for number in range(one.meta.classes))
    return TaskSpec(target="y", task=one.meta.task, metric="", classes=classes)


def shapes_of(one: KnownSet) -> dict[str, DataShape]:
    """Return the size of the set in every view."""
    outputs = one.meta.classes if one.meta.task != "regression" else 1
    shape = DataShape(
        rows=one.meta.rows, features=max(1, one.meta.columns), task=one.meta.task, outputs=outputs
    )
    return {"tree": shape, "linear": shape, "deep": shape}


def judge(one: KnownSet, configuration: str) -> Told:
    """Return how near a configuration comes to the best known of the set."""
    score, best, guess = one.measures[configuration].score, one.best, one.guess.score
    gain = (score - guess) / (best - guess) if best > guess else 1.0
    return Told(name=one.name, configuration=configuration, ratio=score / best, gain=gain)


def recommended(knowledge: Knowledge) -> Pick:
    """Choose as the product does, with the set left out."""
    return lambda one: recommend(one.meta, candidates_of(one), knowledge.without(one.name))[0].candidate.id


def recommended_proposal(knowledge: Knowledge) -> Pick:
    """Choose as the portal does, among what families propose by themselves."""

    def pick(one: KnownSet) -> str:
        proposed, _ = propose_candidates(task_of(one), shapes_of(one), time_limit_s=1e9)
        known = [each for each in proposed if each.id in one.measures]
        return recommend(one.meta, known, knowledge.without(one.name))[0].candidate.id

    return pick


def best_on_average(knowledge: Knowledge) -> Pick:
    """Choose what has the best mean merit over the other sets."""

    def pick(one: KnownSet) -> str:
        others = knowledge.without(one.name).sets

        def mean(configuration: str) -> float:
            found = [
                merits.merit(each, each.measures[configuration])
                for each in others
                if configuration in each.measures
            ]
            return statistics.fmean(found) if len(found) >= 5 else -1.0

        return max(one.measures, key=mean)

    return pick


def with_dials(knowledge: Knowledge, reach: float, pull: float) -> Pick:
    """Choose with another reach and pull."""

    def pick(one: KnownSet) -> str:
        others = knowledge.without(one.name).sets
        weight = merits.weights(distances(one.meta, others), reach)
        found = {each.id: merits.expect(each.id, others, weight, pull) for each in candidates_of(one)}
        known = {name: expected.merit for name, expected in found.items() if expected and expected.known >= 5}
        return max(known, key=lambda name: known[name])

    return pick


def line(title: str, told: Sequence[Told]) -> str:
    """Return the figures of one way to choose."""
    count = len(told)
    ratio_share = sum(one.ratio >= BAR_RATIO for one in told) / count
    gain_share = sum(one.gain >= BAR_RATIO for one in told) / count
    return (
        f"{title:34} ratio ≥ 97 % on {ratio_share:5.1%} of {count} sets, gain ≥ 97 % on {gain_share:5.1%}; "
        f"mean ratio {statistics.fmean(one.ratio for one in told):.4f}, "
        f"mean gain {statistics.fmean(one.gain for one in told):.4f}, "
        f"least ratio {min(one.ratio for one in told):.3f}"
    )


def best_of_first(one: KnownSet, order: Sequence[Candidate], count: int) -> float:
    """Return the best merit among the first `count` that are no yardsticks."""
    first = [each for each in order if each.id in one.measures and each.family not in ("baseline", "linear")]
    return max(merits.merit(one, one.measures[each.id]) for each in first[:count])


def ranked(
    candidates: Sequence[Candidate], recommendations: Sequence[Recommendation]
) -> tuple[Candidate, ...]:
    """Return the same candidates in the recommended order; what others are compared with stays first."""
    ranks = {one.candidate.id: one.rank for one in recommendations}

    def place(one: Candidate) -> tuple[int, int]:
        return (0 if family(one.family).is_yardstick else 1), ranks.get(one.id, len(ranks) + 1)

    return tuple(sorted(candidates, key=place))


def best_within(one: KnownSet, order: Sequence[Candidate], seconds: float) -> float:
    """Return the best merit of what is trained in turn until so many seconds are over; the last one is finished."""
    left, found = seconds, 0.0
    for each in order:
        if each.id in one.measures and left > 0:
            left -= one.measures[each.id].seconds
            found = max(found, merits.merit(one, one.measures[each.id]))
    return found


def compare_orders(knowledge: Knowledge) -> None:
    """Print how far models come in the old order and in the new one, by number and by time."""
    print(
        "\nshare of the way from guessing to the best known (by score and by what decides), in either order"
    )
    ways: list[tuple[str, Callable[[KnownSet, Sequence[Candidate]], float]]] = [
        (f"best of the first {count}", functools.partial(best_of_first, count=count)) for count in FIRST
    ]
    ways += [(f"after {s:g} s of training", functools.partial(best_within, seconds=s)) for s in SECONDS]
    orders = []
    for one in knowledge.sets:
        proposed, _ = propose_candidates(task_of(one), shapes_of(one), time_limit_s=1e9)
        found = recommend(one.meta, proposed, knowledge.without(one.name))
        orders.append((one, proposed, ranked(proposed, found)))
    for title, read in ways:
        old = [read(one, order) for one, order, _ in orders]
        new = [read(one, order) for one, _, order in orders]
        better = sum(b > a + 1e-9 for a, b in zip(old, new, strict=True))
        worse = sum(b < a - 1e-9 for a, b in zip(old, new, strict=True))
        print(
            f"  {title:25} as families propose {statistics.fmean(old):.4f}, as recommended "
            f"{statistics.fmean(new):.4f}; better on {better}, worse on {worse} of {len(new)}"
        )


def compare_promises(knowledge: Knowledge) -> None:
    """Print how far what is promised of the first recommendation lies from what it did."""
    misses, inside, seconds = [], 0, []
    for one in knowledge.sets:
        first = recommend(one.meta, candidates_of(one), knowledge.without(one.name))[0]
        measure = one.measures[first.candidate.id]
        seconds.append(max(first.seconds, 0.01) / max(measure.seconds, 0.01))
        if first.score is not None:
            misses.append(abs(first.score.mean - measure.score))
            inside += first.score.low <= measure.score <= first.score.high
    print(
        f"\nexpected score: off by {statistics.median(misses):.3f} (median), inside its range on {inside} of "
        f"{len(misses)}; expected seconds / real: {min(seconds):.2f} … {statistics.median(seconds):.2f} (median) … "
        f"{max(seconds):.2f}"
    )


def main() -> int:
    """Print all; return 0 when both bars are met."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--knowledge", type=Path, default=SHIPPED)
    parser.add_argument("--choose", action="store_true")
    options = parser.parse_args()
    knowledge = read_knowledge(options.knowledge)
    pick = recommended(knowledge)
    told, taken = [], []
    print(
        f"{'set':20} {'recommended':24} {'score':>7} {'best':>7} {'ratio':>6} {'gain':>6}  best configuration"
    )
    for one in knowledge.sets:
        begun = time.perf_counter()
        each = judge(one, pick(one))
        taken.append(time.perf_counter() - begun)
        told.append(each)
        best = max(one.measures, key=lambda name, one=one: one.measures[name].score)  # type: ignore[misc]
        print(
            f"{one.name:20} {each.configuration:24} {one.measures[each.configuration].score:7.4f} {one.best:7.4f} "
            f"{each.ratio:6.1%} {each.gain:6.1%}  {best}"
        )
    print()
    print(line("recommended", told))
    for title, other in (
        ("recommended among proposals", recommended_proposal(knowledge)),
        ("always LightGBM's own defaults", lambda one: "lightgbm-plain"),
        ("always LightGBM as we propose it", lambda one: "lightgbm"),
        ("best on average", best_on_average(knowledge)),
    ):
        print(line(title, [judge(one, other(one)) for one in knowledge.sets]))
    compare_orders(knowledge)
    compare_promises(knowledge)
    print(f"\none recommendation: {statistics.median(taken):.3f} s, at most {max(taken):.3f} s")
    if options.choose:
        for reach in REACHES:
            for pull in PULLS:
                dials = with_dials(knowledge, reach, pull)
                print(
                    line(
                        f"reach {reach:g}, pull {pull:g}", [judge(one, dials(one)) for one in knowledge.sets]
                    )
                )
    share = sum(one.ratio >= BAR_RATIO for one in told) / len(told)
    is_met = share >= BAR_SHARE and max(taken) < BAR_S
    print(f"bars {'met' if is_met else 'missed'}: {share:.1%} of sets, {max(taken):.3f} s")
    return 0 if is_met else 1


if __name__ == "__main__":
    sys.exit(main())
