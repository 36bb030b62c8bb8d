"""The eight steps on a small real table: files, resumption, honesty about leaks, one proven file."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
from sklearn.datasets import load_diabetes
from sklearn.metrics import mean_squared_error, roc_auc_score

from app.usecases.model_files import verify
from app.usecases.pipeline import continue_run
from engine.errors import BadCommand
from engine.files import read_json, write_json
from engine.specs.codec import to_json
from engine.specs.costs import Costs
from engine.specs.run import RunPaths, RunSpec
from engine.steps import STEPS, forget, step, whole_steps
from store.runs import read_events
from tests.runs import QUICK, SETTINGS, run_quickly, write_table

pytestmark = pytest.mark.slow


def raw_test_rows(paths: RunPaths, data: Path) -> list[dict[str, str]]:
    with paths.test_rows.open() as file:
        wanted = {int(line["row"]) for line in csv.DictReader(file)}
    with data.open(encoding="utf-8") as file:
        return [line for number, line in enumerate(csv.DictReader(file)) if number in wanted]


def ask(paths: RunPaths, lines: list[dict[str, str]]) -> list[np.ndarray]:
    session = onnxruntime.InferenceSession(str(paths.model))
    feeds = {
        node.name: np.array(
            [
                [float(line[node.name] or "nan") if "float" in node.type else line[node.name]]
                for line in lines
            ],
            dtype=np.float32 if "float" in node.type else object,
        )
        for node in session.get_inputs()
    }
    return list(session.run(None, feeds))


def test_every_step_leaves_its_file_and_an_event(finished: RunPaths) -> None:
    assert [step.name for step in STEPS if not step.result(finished).exists()] == []
    ended = [e["step"] for e in read_events(finished.folder) if e["event"] == "step_finished"]
    assert ended == [step.name for step in STEPS]


def test_the_file_gives_the_reports_figure_from_raw_rows(finished: RunPaths, cancer: Path) -> None:
    lines = raw_test_rows(finished, cancer)
    probabilities = ask(finished, lines)[1]
    truth = [line["finding"] == "malignant" for line in lines]
    reported = json.loads(finished.report.read_text())["evaluation"]["scores"]
    figure = next(score["value"] for score in reported if score["name"] == "roc_auc")
    assert abs(roc_auc_score(truth, probabilities[:, 1]) - figure) < 1e-6


def test_columns_that_know_the_answer_are_dropped_and_said(finished: RunPaths) -> None:
    inputs = {node.name for node in onnxruntime.InferenceSession(str(finished.model)).get_inputs()}
    assert not inputs & {"verdict", "case", "finding"}
    report = json.loads(finished.report.read_text())
    assert {leak["column"] for leak in report["leaks"]} >= {"verdict", "case"}
    unused = {column["name"]: column["reason"] for column in report["columns"] if not column["used"]}
    assert unused["verdict"] and unused["case"]


def test_a_leak_kept_on_purpose_is_used(cancer: Path, tmp_path: Path) -> None:
    paths = run_quickly(cancer, tmp_path / "run", target="finding", keep=("verdict",), drop=("case", "ward"))
    inputs = {node.name for node in onnxruntime.InferenceSession(str(paths.model)).get_inputs()}
    assert "verdict" in inputs and not inputs & {"case", "ward"}


def test_file_report_card_and_verify_agree_on_the_threshold(cancer: Path, tmp_path: Path) -> None:
    asked = Costs(false_positive=1.0, false_negative=30.0)
    paths = run_quickly(cancer, tmp_path / "run", target="finding", costs=asked, families=("linear",))
    report, card = read_json(paths.report), read_json(paths.card)
    threshold, chosen = card["threshold"], report["evaluation"]["threshold"]
    assert chosen["value"] == threshold < 0.5, "who fears to miss one calls more of them"
    lines = raw_test_rows(paths, cancer)
    labels, probabilities = ask(paths, lines)
    named = probabilities[:, 1] > np.float32(threshold)
    assert labels.reshape(-1).tolist() == np.where(named, "malignant", "benign").tolist()

    truth = np.array([line["finding"] == "malignant" for line in lines])
    cells = [[int(((truth == t) & (named == n)).sum()) for n in (False, True)] for t in (False, True)]
    assert report["evaluation"]["confusion"]["counts"] == cells
    verified = verify(paths.model, cancer, paths.test_rows, settings=SETTINGS)
    assert verified["metrics"] == pytest.approx(verified["reported"], abs=1e-12)
    assert verified["metrics"][asked.metric] == pytest.approx((cells[0][1] + 30.0 * cells[1][0]) / len(lines))
    assert "Threshold of the label" in paths.report_page.read_text(encoding="utf-8")


def test_a_finished_run_is_kept_as_it_is(finished: RunPaths, cancer: Path) -> None:
    before = {
        path: path.stat().st_mtime_ns for path in finished.folder.rglob("*.*") if path.name != "events.jsonl"
    }
    run_quickly(cancer, finished.folder, target="finding")
    assert {path: path.stat().st_mtime_ns for path in before} == before


@pytest.mark.parametrize("index", range(1, len(STEPS)), ids=[step.name for step in STEPS[1:]])
def test_a_run_without_its_later_results_goes_on_from_there(
    index: int, finished: RunPaths, cancer: Path, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    copy_without(finished.folder, out, lambda paths: [step.result(paths) for step in STEPS[index:]])
    earlier = len(read_events(out))
    paths = run_quickly(cancer, out, target="finding")
    events = read_events(out)[earlier:]
    kept = [event["step"] for event in events if event["event"] == "step_kept"]
    assert kept == [step.name for step in STEPS[:index]]
    assert paths.test_rows.read_bytes() == finished.test_rows.read_bytes()
    assert not [event for event in events if event["event"] == "model_started"], (
        "a finished model was repeated"
    )
    assert paths.model.exists() and paths.report_page.exists()


def copy_without(source: Path, target: Path, gone: Callable[[RunPaths], list[Path]]) -> None:
    shutil.copytree(source, target)
    for path in gone(RunPaths(target)):
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def test_a_changed_file_is_refused(cancer: Path, tmp_path: Path) -> None:
    data = tmp_path / "data.csv"
    data.write_bytes(cancer.read_bytes())
    run_quickly(data, tmp_path / "run", target="finding")
    data.write_bytes(cancer.read_bytes().replace(b"benign", b"benogn", 1))
    with pytest.raises(BadCommand, match="changed"):
        run_quickly(data, tmp_path / "run", target="finding")


def test_other_settings_in_the_same_folder_are_refused(finished: RunPaths, cancer: Path) -> None:
    with pytest.raises(BadCommand, match="seed"):
        run_quickly(cancer, finished.folder, target="finding", seed=1)


def test_a_regression_is_as_good_as_its_report(tmp_path: Path) -> None:
    bunch = load_diabetes()
    columns: dict[str, list[object]] = {
        str(name): bunch.data[:, i].tolist() for i, name in enumerate(bunch.feature_names)
    }
    columns["progression"] = bunch.target.tolist()
    data = write_table(tmp_path / "diabetes.csv", columns)
    paths = run_quickly(data, tmp_path / "run", target="progression", splitter="random", test_share=0.25)
    lines = raw_test_rows(paths, data)
    predictions, lower, upper = (values[:, 0] for values in ask(paths, lines))
    truth = [float(line["progression"]) for line in lines]
    report, card = read_json(paths.report), read_json(paths.card)
    held = report["evaluation"]["coverage"]
    assert held["share"] == np.mean((lower <= truth) & (truth <= upper)) == card["intervals"]["coverage"]
    assert held["share"] > 0.8 and held["level"] == card["intervals"]["margins"]["level"] == 0.9
    assert held["mean_width"] == pytest.approx(np.mean(upper.astype(float) - lower))
    assert "promise to hold 90.0 % of the rows" in paths.report_page.read_text(encoding="utf-8")
    verified = verify(paths.model, data, paths.test_rows, settings=SETTINGS)
    assert verified["metrics"] == pytest.approx(verified["reported"])
    assert verified["metrics"]["coverage"] == held["share"]
    figure = next(s for s in report["evaluation"]["scores"] if s["name"] == "rmse")
    assert abs(mean_squared_error(truth, predictions) ** 0.5 - figure["value"]) < 1e-6 * figure["value"]
    assert figure["value"] < figure["baseline"]
    assert abs(len(lines) - 0.25 * len(bunch.target)) <= 2


def test_a_run_stops_where_it_is_told_to_and_goes_on_later(cancer: Path, tmp_path: Path) -> None:
    paths = portal_run(tmp_path / "run", cancer)
    heard: list[str] = []
    continue_run(paths.folder, SETTINGS, lambda event: heard.append(str(event["event"])), until="split")
    assert [step.name for step in whole_steps(paths)] == ["upload", "import", "features", "split"]
    assert "run_finished" not in heard
    continue_run(paths.folder, SETTINGS, lambda event: None, until="evaluation")
    assert [step.name for step in STEPS if not step.is_whole(paths)] == ["publish"]


CHANGES: dict[str, dict[str, object]] = {
    "features": {"drop": ["case", "ward"]},
    "split": {"seed": 3},
    "models": {"families": ["linear"]},
    "training": {"metric": "log_loss"},
}


@pytest.mark.parametrize("first", CHANGES)
def test_a_changed_run_ends_as_a_new_one_would(first: str, cancer: Path, tmp_path: Path) -> None:
    """Redoing from the first touched step gives what a run with the new settings from the start gives."""
    changed, fresh = portal_run(tmp_path / "changed", cancer), portal_run(tmp_path / "fresh", cancer)
    continue_run(changed.folder, SETTINGS, lambda event: None, until="training")
    names = [step.name for step in STEPS]
    kept = {name: touch_time(changed, name) for name in names[: names.index(first)]}
    for paths in (changed, fresh):
        respec(paths, CHANGES[first])
    continue_run(changed.folder, SETTINGS, lambda event: None, until="training")
    continue_run(fresh.folder, SETTINGS, lambda event: None, until="training")
    assert {name: touch_time(changed, name) for name in kept} == kept, "a step before the change was repeated"
    for file in ("task.json", "plan.json", "split/test_rows.csv", "candidates.json"):
        assert (changed.folder / file).read_bytes() == (fresh.folder / file).read_bytes(), file
    # Averages over many rows may differ in their last digit: threads add up in any order.
    assert_alike(read_json(changed.fitted_plan), read_json(fresh.fitted_plan))
    scores = [json.loads(paths.selection.read_text())["score"] for paths in (changed, fresh)]
    assert scores[0] == pytest.approx(scores[1], rel=1e-6)
    trained = [sorted(path.name for path in paths.models.iterdir()) for paths in (changed, fresh)]
    assert trained[0] == trained[1]


def assert_alike(one: object, other: object) -> None:
    """Compare JSON values, numbers to nine digits."""
    if isinstance(one, dict) and isinstance(other, dict):
        assert one.keys() == other.keys()
        for key, value in one.items():
            assert_alike(value, other[key])
    elif isinstance(one, list) and isinstance(other, list):
        assert len(one) == len(other)
        for left, right in zip(one, other, strict=True):
            assert_alike(left, right)
    elif isinstance(one, float) or isinstance(other, float):
        assert one == pytest.approx(other, rel=1e-9)
    else:
        assert one == other


def portal_run(folder: Path, data: Path) -> RunPaths:
    """A run folder with its own spec and data, as the portal makes it, and more time than it can use."""
    (folder / "source").mkdir(parents=True)
    (folder / "source" / "cancer.csv").hardlink_to(data)
    spec = RunSpec(data="source/cancer.csv", target="finding", families=QUICK, time_limit_s=900.0)
    write_json(folder / "run.json", to_json(spec))
    return RunPaths(folder)


def respec(paths: RunPaths, fields: dict[str, object]) -> None:
    forget(paths, fields)
    write_json(paths.folder / "run.json", read_json(paths.folder / "run.json") | fields)


def touch_time(paths: RunPaths, name: str) -> int:
    return step(name).result(paths).stat().st_mtime_ns
