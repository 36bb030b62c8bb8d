"""What the page shows of a report: chosen, ordered, bounded and placed, so that the template only writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

import numpy as np

from engine.evaluation.metrics import metric
from engine.report.learning import LearningView, learning_view
from engine.report.picture_view import PictureView, picture_view
from engine.report.plots import (
    Plot,
    actual_plot,
    calibration_plot,
    precision_recall_plot,
    residual_plot,
    roc_plot,
    threshold_plot,
)
from engine.report.scale import Scale, spread
from engine.report.search import SearchView, search_view
from engine.specs.evaluation import (
    Calibration,
    ColumnImportance,
    Evaluation,
    Interval,
    MetricScore,
    SliceScore,
)
from engine.specs.report import ColumnFacts, Judges, LeaderboardRow, Report
from engine.specs.wording import figure, fill, share
from engine.words import words

MOST_CLASSES = 12
MOST_IMPORTANT = 15
MOST_COLUMNS = 200
MOST_MODELS = 60


@dataclass(frozen=True, kw_only=True)
class Rival:
    """One line of the comparison at the top.   place, low, high: percent of the strip."""

    title: str
    value: float
    interval: Interval | None
    place: float
    low: float | None
    high: float | None


@dataclass(frozen=True, kw_only=True)
class View:
    """Everything the template needs beside the report itself."""

    verdict: str
    headline: MetricScore | None
    deciding: MetricScore | None
    issues: int
    rivals: tuple[Rival, ...]
    trained: int
    has_linear: bool
    confusion: Mapping[str, Any] | None
    plots: tuple[Plot, ...]
    bounds: str
    slices: tuple[Mapping[str, Any], ...]
    importance: Mapping[str, Any] | None
    judges: str
    models: tuple[LeaderboardRow, ...]
    columns: tuple[ColumnFacts, ...]
    used: int
    hidden_columns: int
    search: SearchView | None
    pictures: PictureView | None
    learning: LearningView | None


def view(report: Report) -> View:
    """Prepare `report` for the page."""
    found = report.evaluation
    return View(
        verdict=_verdict(report),
        headline=_headline(found) if found is not None else None,
        deciding=found.deciding if found is not None else None,
        issues=sum(finding.severity == "issue" for finding in report.findings),
        rivals=_rivals(found) if found is not None else (),
        trained=sum(row.refused is None for row in report.leaderboard),
        has_linear=found is not None and found.deciding.linear is not None,
        confusion=_confusion(found) if found is not None else None,
        plots=_plots(found, report.task.target if report.task else "value") if found is not None else (),
        bounds=bounds_in_words(found) if found is not None else "",
        slices=_slices(found) if found is not None else (),
        importance=_importance(report),
        judges=_judges_in_words(report.judges),
        models=report.leaderboard[:MOST_MODELS],
        columns=report.columns[:MOST_COLUMNS],
        used=sum(column.used for column in report.columns),
        hidden_columns=max(0, len(report.columns) - MOST_COLUMNS),
        search=search_view(report.search) if report.search is not None else None,
        pictures=picture_view(report),
        learning=learning_view(report),
    )


def _verdict(report: Report) -> str:
    if report.evaluation is None:
        return "This run has no model yet."
    score = _headline(report.evaluation)
    baseline = report.evaluation.against("baseline")
    if score.baseline is None:
        return words("{title} is {value:.4g}.", title=score.title, value=score.value)
    sentence = fill(metric(score.name).verdict, {"value": score.value, "baseline": score.baseline})
    is_chance = baseline is not None and baseline.interval is not None and baseline.interval.low <= 0.0
    return words("{sentence} That may be chance.", sentence=sentence) if is_chance else sentence


def threshold_in_words(found: Evaluation) -> str:
    """Say from which probability on the label is class 1, and what that gains; "" where the likelier class is named."""
    if found.threshold is None or found.confusion is None:
        return ""
    return words(
        "The answer is {label!r} where its probability is above {threshold}. That was chosen on rows that judged the "
        "models; if the likelier class were named, the figure on the test rows would be {half}, not {value}.",
        label=found.confusion.classes[1],
        threshold=share(found.threshold.value),
        half=figure(found.threshold.at_half),
        value=figure(found.deciding.value),
    )


def calibration_in_words(found: Calibration) -> str:
    """Say how to read the plot, and what was done to the probabilities before."""
    if found.temperature is None:
        return words("On the diagonal, a stated 80 % comes true in 80 of 100 rows.")
    return words(
        "On the diagonal, a stated 80 % comes true in 80 of 100 rows. The models' probabilities were made {how} first "
        "(temperature {temperature:.2f}, chosen on rows that judged them).",
        how=words("tamer") if found.temperature > 1.0 else words("bolder"),
        temperature=found.temperature,
    )


def bounds_in_words(found: Evaluation) -> str:
    """Say how often the truth lies between the bounds of an answer, and how far apart they are; "" without bounds."""
    held = found.coverage
    if held is None:
        return ""
    return words(
        "The model answers a lower and an upper bound too, which promise to hold {level} of the rows. Of the test rows "
        "they hold {share} (95 % between {low} and {high}); on average they are {width} apart.",
        level=share(held.level),
        share=share(held.share),
        low=share(held.interval.low),
        high=share(held.interval.high),
        width=figure(held.mean_width),
    )


def _judges_in_words(judges: Judges | None) -> str:
    """Say what validation scores were measured on."""
    if judges is None:
        return "validation rows"
    if judges.folds:
        return words("{folds}-fold cross-validation, {rows:,} rows", folds=judges.folds, rows=judges.rows)
    return words("{rows:,} validation rows", rows=judges.rows)


def _headline(found: Evaluation) -> MetricScore:
    """Return the deciding score, or the one that says the same in words a person knows."""
    plain = metric(found.deciding.name).in_plain_words
    return next((score for score in found.scores if score.name == plain), found.deciding)


def _rivals(found: Evaluation) -> tuple[Rival, ...]:
    score = _headline(found)
    rows = [(words("This model"), score.value, score.interval), (words("Linear model"), score.linear, None)]
    rows.append((words("Guessing"), score.baseline, None))
    known = [(title, value, interval) for title, value, interval in rows if value is not None]
    ends = [score.interval.low, score.interval.high] if score.interval else []
    scale = _strip([*(value for _, value, _ in known), *ends])
    return tuple(
        Rival(title=title, value=value, interval=interval, place=scale(value), **_range(interval, scale))
        for title, value, interval in known
    )


def _confusion(found: Evaluation) -> Mapping[str, Any] | None:
    if found.confusion is None:
        return None
    counts = np.array(found.confusion.counts, dtype=np.int64)
    labels = found.confusion.classes
    frequent = np.argsort(-counts.sum(axis=1), kind="stable")[:MOST_CLASSES]
    shown = sorted(frequent.tolist())
    rows = []
    for i in shown:
        total = max(1, int(counts[i].sum()))
        cells = [
            {
                "count": int(counts[i, j]),
                "percent": round(100 * int(counts[i, j]) / total),
                "is_right": i == j,
            }
            for j in shown
        ]
        rows.append({"label": labels[i], "cells": cells, "recall": found.classes[i].recall})
    return {"labels": [labels[i] for i in shown], "rows": rows, "hidden": len(labels) - len(shown)}


def _plots(found: Evaluation, target: str) -> tuple[Plot, ...]:
    plots = []
    if found.threshold is not None:
        plots.append(threshold_plot(found.threshold, found.deciding.title, threshold_in_words(found)))
    if found.roc:
        plots.append(roc_plot(found.roc))
    if found.precision_recall:
        plots.append(precision_recall_plot(found.precision_recall))
    if found.calibration is not None:
        plots.append(calibration_plot(found.calibration, calibration_in_words(found.calibration)))
    if found.residuals is not None:
        plots += [actual_plot(found.residuals, target), residual_plot(found.residuals)]
    return tuple(plots)


def _slices(found: Evaluation) -> tuple[Mapping[str, Any], ...]:
    ends = [end for s in found.slices for end in _ends(s)]
    if not ends:
        return ()
    scale = _strip([*ends, found.deciding.value])
    return tuple(
        {
            "column": column,
            "line": scale(found.deciding.value),
            "groups": [
                {
                    "value": s.value,
                    "score": s.score,
                    "rows": s.rows,
                    "is_weakest": s.is_weakest,
                    "place": scale(s.score),
                    **_range(s.interval, scale),
                }
                for s in parts
            ],
        }
        for column, parts in groupby(found.slices, key=lambda s: s.column)
    )


def _ends(part: SliceScore) -> list[float]:
    return [part.score] if part.interval is None else [part.interval.low, part.interval.high]


def _importance(report: Report) -> Mapping[str, Any] | None:
    if report.importance is None or not report.importance.columns:
        return None
    columns = report.importance.columns
    largest = max(columns[0].loss, 1e-12)
    shown = [_measured(column, largest) for column in columns[:MOST_IMPORTANT]]
    return {"shown": shown, "hidden": len(columns) - len(shown)}


def _measured(column: ColumnImportance, largest: float) -> Mapping[str, Any]:
    percent = round(max(0.0, 100.0 * column.loss / largest), 1)
    return {"column": column.column, "loss": column.loss, "percent": min(100.0, percent)}


def _strip(values: Sequence[float]) -> Scale:
    low, high = spread(values)
    return Scale(low=low, high=high, start=0.0, end=100.0)


def _range(interval: Interval | None, scale: Scale) -> dict[str, float | None]:
    if interval is None:
        return {"low": None, "high": None}
    return {"low": scale(interval.low), "high": scale(interval.high)}
