"""A published model answers a raw CSV through twenty lines that know nothing of AI Mass.

onnxruntime takes nested Python lists for tensors, so the script needs neither numpy nor any preprocessing:
numbers by `float`, text as it stands in the file; the graph itself trims and knows what means missing.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import numpy as np

from engine.serving.model import ServedModel
from tests.engine.published import Table

SCRIPT = """\
import csv
import sys

import onnxruntime

session = onnxruntime.InferenceSession(sys.argv[1])
inputs = {entry.name: entry.type for entry in session.get_inputs()}


def cell(text, kind):
    if kind == "tensor(string)":
        return text
    try:
        return float(text)
    except ValueError:
        return float("nan")


with open(sys.argv[2], newline="", encoding="utf-8") as file:
    rows = [{name.strip(): text for name, text in row.items()} for row in csv.DictReader(file)]
feeds = {name: [[cell(row[name], kind)] for row in rows] for name, kind in inputs.items()}
for answer in zip(*session.run(None, feeds)):
    print([part.tolist() for part in answer])
"""


def test_the_script_is_short_and_imports_only_onnxruntime_and_csv() -> None:
    assert [line for line in SCRIPT.splitlines() if "import" in line] == [
        "import csv",
        "import sys",
        "import onnxruntime",
    ]
    assert len([line for line in SCRIPT.splitlines() if line]) <= 20


def test_a_plain_client_gets_the_same_answers_from_raw_text(
    classifier: Path, raw_csv: Path, table: Table, tmp_path: Path
) -> None:
    script = tmp_path / "client.py"
    script.write_text(SCRIPT, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script), str(classifier), str(raw_csv)],
        capture_output=True,
        text=True,
        encoding="utf-8",
        env={"PYTHONUTF8": "1", "PATH": ""},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    answers = [ast.literal_eval(line) for line in done.stdout.splitlines()]
    expected = ServedModel.open(classifier).predict(table.batch)
    assert expected.labels is not None
    assert [label for (label,), _ in answers] == list(expected.labels)
    np.testing.assert_array_equal([scores for _, scores in answers], expected.scores.astype(np.float64))
