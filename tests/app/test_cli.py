"""The command line as a person meets it: exit codes, one sentence, one remedy, JSON alone on standard output."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from app import cli
from engine.specs.run import RunPaths


@pytest.mark.slow
def test_verify_in_words_and_in_json(finished: RunPaths, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["verify", str(finished.model)]) == 0
    assert "answers as it did" in capsys.readouterr().err
    assert cli.main(["verify", str(finished.model), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["verification"]["rows"] >= 16


@pytest.mark.slow
def test_a_repeated_run_prints_the_report(
    finished: RunPaths, cancer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--target", "finding", "--time-limit", "60", "--families", "linear,decision_tree", "--json"]
    assert cli.main(["run", str(cancer), "--out", str(finished.folder), *arguments]) == 0
    assert json.loads(capsys.readouterr().out)["task"]["target"] == "finding"


@pytest.mark.slow
def test_predictions_go_to_standard_output(
    finished: RunPaths, cancer: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(["predict", str(finished.model), str(cancer)]) == 0
    lines = capfd.readouterr().out.splitlines()
    assert len(lines) == 570 and "label" in lines[0]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["run", "nothing.csv", "--target", "y"], "nothing.csv"),
        (["verify", "nothing.onnx"], "nothing.onnx"),
        (["verify", "model.onnx", "--rows", "rows.csv"], "--data"),
        (["predict", "model.onnx", "data.csv", "--json"], "--out"),
        (["run", "data.csv", "--target", "y", "--plan", "nothing.json"], "nothing.json"),
    ],
)
def test_a_wrong_command_is_one_sentence_and_one_remedy(
    arguments: list[str], says: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.main(arguments) == 2
    words = capsys.readouterr().err
    assert says in words and words.startswith("aimass: ") and len(words.splitlines()) == 2


def test_what_nobody_foresaw_is_no_traceback(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def explode(options: object) -> int:
        raise RuntimeError("boom")

    monkeypatch.setitem(cli.VERBS, "doctor", explode)
    assert cli.main(["doctor"]) == 1
    words = capsys.readouterr().err
    assert "RuntimeError: boom" in words and "Traceback" not in words


def test_doctor_speaks_json(capsys: pytest.CaptureFixture[str]) -> None:
    cli.main(["doctor", "--json"])
    checks = json.loads(capsys.readouterr().out)["checks"]
    assert {check["name"] for check in checks} >= {"onnxruntime", "disk"}
