"""A run that is killed at random moments and started again ends as if nothing had happened."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest
from sklearn.datasets import load_breast_cancer

from store.runs import read_events

ROOT = Path(__file__).parents[2]
#: 4 and quick families in the ordinary suite; AIMASS_TEST_KILLS=20 is the full trial, with all of them.
KILLS = int(os.environ.get("AIMASS_TEST_KILLS", "4"))
FAMILIES = [] if "AIMASS_TEST_KILLS" in os.environ else ["--families", "linear,random_forest,lightgbm"]
TIME_LIMIT_S = float(os.environ.get("AIMASS_TEST_KILL_LIMIT_S", "20"))


@pytest.fixture(scope="module")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("data") / "cancer.csv"
    bunch = load_breast_cancer(as_frame=True)
    bunch.frame.to_csv(path, index=False)
    return path


def start(table: Path, out: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "app.cli", "run", str(table), "--target", "target", "--out", str(out)]
    return subprocess.Popen(
        [*command, "--time-limit", str(TIME_LIMIT_S), *FAMILIES],
        cwd=ROOT,
        stderr=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
    )


@pytest.mark.journey
@pytest.mark.timeout(3600)
def test_killed_runs_go_on(table: Path, tmp_path: Path) -> None:
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    begun = time.monotonic()
    assert start(table, whole).wait() == 0
    length = time.monotonic() - begun
    moments = random.Random(0)
    for _ in range(KILLS):
        process = start(table, broken)
        time.sleep(moments.uniform(0.3, length))
        process.send_signal(signal.SIGKILL)
        process.wait()
    assert start(table, broken).wait() == 0

    finished = Counter(
        event["candidate"] for event in read_events(broken) if event["event"] == "model_finished"
    )
    assert finished and max(finished.values()) == 1, "a finished model was trained again"
    rows = "split/test_rows.csv"
    assert (broken / rows).read_bytes() == (whole / rows).read_bytes()
    assert (broken / "model.onnx").exists() and (broken / "report.html").exists()
    assert not list(broken.rglob(".tmp-*")), "a killed writer's file was left behind"
