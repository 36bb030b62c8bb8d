"""Bad input ends with exit code 2 or 1, one clear sentence and a remedy, and nothing is left half-written."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def rows(*, count: int = 60, **columns: Callable[[int], object]) -> str:
    lines = [",".join(columns)]
    lines += [",".join(str(make(i)) for make in columns.values()) for i in range(count)]
    return "\n".join(lines) + "\n"


def good(i: int) -> object:
    return round(random.Random(i).random(), 3)


def label(i: int) -> object:
    return "yes" if random.Random(i + 1).random() > 0.5 else "no"


CASES: dict[str, tuple[bytes, str, str]] = {
    # name: (file, target, what the sentence must say)
    "empty file": (b"", "y", "empty"),
    "header only": (b"a,b,y\n", "y", "row"),
    "binary junk": (bytes(random.Random(7).randbytes(5000)), "y", ""),
    "png": (b"\x89PNG\r\n\x1a\n" + bytes(2000), "y", ""),
    "one row": (b"a,b,y\n1,2,3\n", "y", "row"),
    "target not there": (rows(a=good, income=label).encode(), "incme", "'income'"),
    "target constant": (rows(a=good, y=lambda i: "same").encode(), "y", "'y'"),
    "target all missing": (rows(a=good, y=lambda i: "").encode(), "y", "'y'"),
    "a class with one row": (
        rows(a=good, y=lambda i: "rare" if i == 5 else label(i)).encode(),
        "y",
        "rare",
    ),
    "all features constant": (rows(a=lambda i: 1, b=lambda i: "x", y=label).encode(), "y", ""),
    "10,000 columns": (
        (
            ",".join(f"c{i}" for i in range(10_000)) + ",y\n" + (",".join("1" * 10_000) + ",no\n") * 30
        ).encode(),
        "y",
        "10,001",
    ),
}


def aimass(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app.cli", *arguments], cwd=ROOT, capture_output=True, text=True, check=False
    )


def assert_teaches(result: subprocess.CompletedProcess[str]) -> None:
    assert result.returncode in (1, 2), result.stderr
    assert "Traceback" not in result.stderr
    words = [line for line in result.stderr.splitlines() if line.strip()]
    assert any(line.startswith("aimass: ") for line in words)
    assert len(words[-1].split()) >= 3, "no remedy"


@pytest.mark.journey
@pytest.mark.parametrize("case", CASES)
def test_bad_data(case: str, tmp_path: Path) -> None:
    content, target, says = CASES[case]
    (tmp_path / "data.csv").write_bytes(content)
    out = tmp_path / "out"
    result = aimass(
        "run", str(tmp_path / "data.csv"), "--target", target, "--time-limit", "10", "--out", str(out)
    )
    assert_teaches(result)
    assert says in result.stderr
    assert not out.exists(), "something half-written stayed behind"


@pytest.mark.journey
def test_a_missing_file_names_the_nearest(tmp_path: Path) -> None:
    (tmp_path / "adult.csv").write_text("a,b\n1,2\n")
    result = aimass("run", str(tmp_path / "adlut.csv"), "--target", "b", "--out", str(tmp_path / "out"))
    assert_teaches(result)
    assert "adult.csv" in result.stderr and not (tmp_path / "out").exists()


@pytest.mark.journey
def test_a_foreign_folder_is_not_touched(tmp_path: Path) -> None:
    data, out = tmp_path / "data.csv", tmp_path / "out"
    data.write_text(rows(a=good, y=label))
    out.mkdir()
    (out / "thesis.txt").write_text("years of work")
    result = aimass("run", str(data), "--target", "y", "--out", str(out))
    assert_teaches(result)
    assert [path.name for path in out.iterdir()] == ["thesis.txt"]


@pytest.mark.journey
@pytest.mark.parametrize(
    "arguments",
    [
        ("run",),
        ("run", "x.csv"),
        ("fly",),
        ("run", "x.csv", "--target", "y", "--time-limit", "soon"),
        ("run", "x.csv", "--target", "y", "--families", "oracle"),
        ("run", "x.csv", "--target", "y", "--param", "lightgbm.leaves=many"),
        ("run", "x.csv", "--target", "y", "--param", "lightgbm.leaves"),
        ("predict", "nothing.onnx", "x.csv"),
        ("verify", "nothing.onnx"),
    ],
)
def test_a_wrong_command_is_refused(arguments: tuple[str, ...]) -> None:
    result = aimass(*arguments)
    assert result.returncode in (1, 2)
    assert "Traceback" not in result.stderr and result.stderr.strip()
