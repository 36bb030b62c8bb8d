"""Use a published model file: answer a file of rows, prove the file, score it again on raw data."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from app.settings import Settings
from engine.evaluation.margins import coverage
from engine.evaluation.metrics import Metric, metric, metrics_for
from engine.evaluation.thresholds import at
from engine.modalities.table import ImportLimits
from engine.serving.predict import PredictSummary, predict_file
from engine.serving.score import ScoredRows, score_file
from engine.serving.verify import verify as verify_file
from engine.specs.codec import to_json


def predict(
    model: Path,
    data: Path,
    out: Path | None,
    *,
    keep_columns: bool,
    settings: Settings,
    progress: Callable[[float], None],
) -> PredictSummary:
    """Answer every row of `data` with `model`; `out` None writes CSV to standard output.

    Raises: AimassError; `out` is then as it was before.
    """
    return predict_file(
        model, data, out, keep_columns=keep_columns, limits=_limits(settings), progress=progress
    )


def verify(model: Path, data: Path | None, rows: Path | None, *, settings: Settings) -> Mapping[str, Any]:
    """Replay the golden rows; with `data`, compute the metrics again from its raw rows (only `rows`, if given).

    Returns: JSON values: "verification", "metrics" (name → value, empty without data; "coverage" is the share of rows
        between their bounds), "reported" (name → value).
    Raises:  BadModel when the file does not answer as it did when it was published.
    """
    result: dict[str, Any] = {"model": str(model), "verification": to_json(verify_file(model)), "metrics": {}}
    if data is None:
        return result
    scored = score_file(model, data, rows, limits=_limits(settings))
    result["metrics"] = {
        one.name: at(one, scored.threshold).value(scored.y, scored.scores) for one in _metrics_of(scored)
    }
    result["reported"] = dict(scored.reported)
    if scored.intervals is not None:
        held = coverage(scored.y, scored.scores, scored.intervals.margins)
        result["metrics"]["coverage"], result["reported"]["coverage"] = held.share, scored.intervals.coverage
    result["rows"] = len(scored.y)
    return result


def _metrics_of(scored: ScoredRows) -> tuple[Metric, ...]:
    """Return the metrics of the task, and those of the card that a person made, such as the cost of errors."""
    usual = metrics_for(scored.task, scored.classes)
    names = {one.name for one in usual}
    return (*(metric(name) for name in scored.reported if name not in names), *usual)


def verdict(result: Mapping[str, Any]) -> str:
    """Say in words what `verify` found."""
    golden = result["verification"]
    lines = [
        f"{result['model']} answers as it did when it was published: "
        f"{golden['rows']} golden rows, largest difference {golden['max_difference']:.2g}."
    ]
    for name, value in result["metrics"].items():
        reported = result["reported"].get(name)
        beside = (
            f", report {reported:.9g}, difference {abs(value - reported):.2g}" if reported is not None else ""
        )
        lines.append(f"{name}: {value:.9g} on {result['rows']:,} raw rows{beside}")
    return "\n".join(lines)


def _limits(settings: Settings) -> ImportLimits:
    return ImportLimits(memory_bytes=settings.memory_bytes, threads=settings.threads)
