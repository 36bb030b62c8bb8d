"""AI Mass as a stranger would use it: the command line on the training rows, then the file alone on the test rows."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scripts.bench.quality import machine
from scripts.bench.quality.parts import TEST, TRAIN, Parts, numbers_of, place_of, read_cells
from scripts.bench.quality.scores import Array, score
from scripts.bench.quality.sets import Set

ROOT = Path(__file__).resolve().parents[3]
#: The least that the command line takes. Peers keep no rows back either, so ours is told to keep as few as it can.
INNER_TEST_SHARE = 0.01
ALONE_S = 300.0


@dataclass(frozen=True)
class Alone:
    """What the file answered by itself.   answers: (rows, classes in the set's order) or (rows, 1)."""

    answers: Array
    told: Mapping[str, Any]


def measure(
    one: Set, parts: Parts, out: Path, budget_s: float, seed: int, cores: int
) -> tuple[Array, dict[str, Any]]:
    """Run, answer the test rows by the file alone, and prove the report on the run's own test rows.

    Returns: the answers, and fields of `Result`; the fit's seconds are those of the whole command.
    Raises:  machine.Overrun, machine.Failed.
    """
    run_folder = out / "run"
    command = [
        str(ROOT / "scripts" / "aimass"), "run", str(parts.folder / TRAIN), "--target", one.target,
        "--task", one.task, "--metric", one.metric, "--time-limit", f"{budget_s:g}", "--seed", str(seed),
        "--test-share", str(INNER_TEST_SHARE), "--out", str(run_folder),
    ]  # fmt: skip
    fit_s = machine.run(command, cores=cores, deadline_s=2 * budget_s + 120, folder=out, log=out / "run.log")
    model, report = run_folder / "model.onnx", json.loads((run_folder / "report.json").read_text("utf-8"))
    alone = _answer(model, parts.folder / TEST, parts.classes, out, cores)
    reported, again = _prove(one, parts, run_folder, report, out, cores)
    chosen = [entry for entry in report["leaderboard"] if entry["is_chosen"]]
    fields = {
        "fit_s": round(fit_s, 3),
        "predict_first_s": alone.told["predict_first_s"],
        "predict_s": alone.told["predict_s"],
        "size_bytes": model.stat().st_size,
        "best": " + ".join(f"{entry['weight']} {entry['id']}" for entry in chosen),
        "models": _count(entry["family"] for entry in report["leaderboard"] if entry["score"] is not None),
        "facts": {
            "reported": reported,
            "by_the_file_alone": again,
            "inner_rows": report["divided"]["rows"],
            "folds": report["judges"]["folds"],
            "leaderboard": [[entry["id"], entry["score"]] for entry in report["leaderboard"][:5]],
        },
        "versions": {**report["settings"]["versions"], **alone.told["versions"], "aimass": commit()},
    }
    return alone.answers, fields


def commit() -> str:
    """Return the short name of the commit that was measured, with + when the tree differs from it."""
    told = subprocess.run(
        ["git", "-C", str(ROOT), "describe", "--always", "--dirty=+"],
        capture_output=True,
        text=True,
        check=False,
    )
    return told.stdout.strip() or "unknown"


def _answer(model: Path, data: Path, classes: tuple[str, ...], out: Path, cores: int) -> Alone:
    command = [
        sys.executable,
        str(Path(__file__).with_name("onnx_alone.py")),
        str(model),
        str(data),
        str(out),
    ]
    machine.run([*command, str(cores)], cores=cores, deadline_s=ALONE_S, folder=out, log=out / "alone.log")
    told = json.loads((out / "alone.json").read_text("utf-8"))
    given = np.load(out / "answers.npy", allow_pickle=False).astype(np.float64)
    if not classes:
        return Alone(given, told)
    answers = np.zeros((len(given), len(classes)))
    for place, name in enumerate(told["classes"]):
        answers[:, classes.index(name)] = given[:, place]
    return Alone(answers, told)


def _prove(
    one: Set, parts: Parts, run_folder: Path, report: Mapping[str, Any], out: Path, cores: int
) -> tuple[float, float]:
    """Return the metric of the run's own test rows, as reported and as the file alone earns it."""
    header, rows = read_cells(parts.folder / TRAIN)
    with (run_folder / "split" / "test_rows.csv").open(encoding="utf-8", newline="") as file:
        inner = [rows[int(row["row"])] for row in csv.DictReader(file)]
    data = out / "inner.csv"
    with data.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([header, *inner])
    place = place_of(one.target, header)
    truth = numbers_of([row[place] for row in inner], parts.classes)
    again = score(
        one.metric, truth, _answer(run_folder / "model.onnx", data, parts.classes, out, cores).answers
    )
    reported = next(each["value"] for each in report["evaluation"]["scores"] if each["name"] == one.metric)
    return (float("nan") if reported is None else float(reported)), again


def _count(names: Any) -> dict[str, int]:
    found: dict[str, int] = {}
    for name in names:
        found[name] = found.get(name, 0) + 1
    return found
