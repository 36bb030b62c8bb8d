"""What the page shows of a search: its history, what mattered, and its trials as lines across their params."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.families import family
from engine.report.plots import BOTTOM, LEFT, RIGHT, TOP, Dot, Line, Plot
from engine.report.scale import Scale, spread
from engine.specs.search import Axis, Coordinates, ParamImportance, SearchFindings
from engine.specs.wording import figure
from engine.words import words

#: The plotting area of parallel coordinates inside a drawing of 860 by 300.
STRANDS_LEFT, STRANDS_RIGHT, STRANDS_TOP, STRANDS_BOTTOM = 60.0, 800.0, 30.0, 262.0
#: Share of a family's complete trials drawn in the accent colour, and the share of scores that sets the scale.
BEST_SHARE, SHOWN_SHARE = 0.1, 0.9


@dataclass(frozen=True, kw_only=True)
class AxisMark:
    """One upright axis.   x: its place.   low, high: what stands at its ends."""

    x: float
    name: str
    low: str
    high: str


@dataclass(frozen=True, kw_only=True)
class Strands:
    """Trials of one family as lines across its axes; lines of series 0 are the best, drawn last."""

    title: str
    axes: tuple[AxisMark, ...]
    lines: tuple[Line, ...]


@dataclass(frozen=True, kw_only=True)
class WeighedDial:
    """One dial's share of the scores' spread.   percent: of it, for a meter."""

    name: str
    percent: float
    trials: int


@dataclass(frozen=True, kw_only=True)
class SearchView:
    """A search, ready to be written.   sentence: what it did, for a person.   weighed: (of what, its dials)."""

    sentence: str
    history: Plot | None
    weighed: tuple[tuple[str, tuple[WeighedDial, ...]], ...]
    strands: tuple[Strands, ...]
    note: str


def search_view(found: SearchFindings) -> SearchView:
    """Prepare a search for the page."""
    return SearchView(
        sentence=search_sentence(found),
        history=history_plot(found),
        weighed=weighed_dials(found.importance),
        strands=tuple(_strands(one, found) for one in found.coordinates if len(one.numbers) > 1),
        note=found.note,
    )


def search_sentence(found: SearchFindings) -> str:
    """Say how many trials there were and what came of them."""
    counts = {state: found.counts.get(state, 0) for state in ("complete", "pruned", "failed")}
    return words(
        "{total:,} trials: {complete:,} trained to the end, {pruned:,} ended early because they fell behind, "
        "{failed:,} failed.",
        total=sum(counts.values()),
        **counts,
    )


def history_plot(found: SearchFindings) -> Plot | None:
    """Draw the score of each complete trial and the best so far; None where there are fewer than two."""
    scored = [(point.number, point.score) for point in found.history if point.score is not None]
    best = [(point.number, point.best) for point in found.history if point.best is not None]
    if len(scored) < 2:
        return None
    ranked = sorted((score for _, score in scored), reverse=found.greater_is_better)
    # The worst tenth would press the others into one line; it lies on the edge.
    low, high = spread(ranked[: max(2, round(SHOWN_SHARE * len(ranked)))])
    numbers = [number for number, _ in scored]
    x = Scale(low=min(numbers) - 0.5, high=max(numbers) + 0.5, start=LEFT, end=RIGHT)
    y = Scale(low=low, high=high, start=BOTTOM, end=TOP)
    steps = [(x(number), y(value)) for number, value in best]
    return Plot(
        title=words("Search history"),
        note=words("Each dot is a trial; the line is the best so far."),
        x_label=words("Trial"),
        y_label=words("Score"),
        x_ticks=x.ticks(5),
        y_ticks=y.ticks(5),
        lines=(Line(points=_points(steps), series=0, label=""),),
        dots=tuple(Dot(x=x(number), y=y(score)) for number, score in scored),
        kind="cloud",
    )


def weighed_dials(
    importance: Sequence[ParamImportance],
) -> tuple[tuple[str, tuple[WeighedDial, ...]], ...]:
    """Return, per kind of model, its dials by weight; what kind it is comes first, named ""."""
    groups: dict[str, list[WeighedDial]] = {}
    for one in sorted(importance, key=lambda one: bool(one.family)):
        dial = WeighedDial(name=one.param, percent=round(100 * one.share, 1), trials=one.trials)
        groups.setdefault(one.family, []).append(dial)
    return tuple((family(name).title if name else "", tuple(dials)) for name, dials in groups.items())


def _strands(found: Coordinates, search: SearchFindings) -> Strands:
    gap = (STRANDS_RIGHT - STRANDS_LEFT) / max(1, len(found.axes) - 1)
    ups = Scale(low=0.0, high=1.0, start=STRANDS_BOTTOM, end=STRANDS_TOP)
    across = [round(STRANDS_LEFT + gap * place, 1) for place in range(len(found.axes))]
    scores = [values[-1] for values in found.values]
    order = sorted(range(len(scores)), key=lambda at: scores[at], reverse=search.greater_is_better)
    best = set(order[: max(1, round(BEST_SHARE * len(order)))])
    lines = [
        Line(
            points=_points([(x, ups(place)) for x, place in zip(across, found.places[at], strict=True)]),
            series=0 if at in best else 1,
            label="",
        )
        for at in reversed(order)
    ]
    axes = tuple(_mark(axis, x) for axis, x in zip(found.axes, across, strict=True))
    return Strands(title=family(found.family).title, axes=axes, lines=tuple(lines))


def _mark(axis: Axis, x: float) -> AxisMark:
    if axis.choices:
        return AxisMark(x=x, name=axis.name, low=axis.choices[0], high=axis.choices[-1])
    return AxisMark(x=x, name=axis.name, low=figure(axis.low), high=figure(axis.high))


def _points(points: Sequence[tuple[float, float]]) -> str:
    return " ".join(f"{x:g},{y:g}" for x, y in points)
