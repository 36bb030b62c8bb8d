"""Training a network for pictures says nothing on its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow  # it loads TensorFlow

PROGRAM = """
import sys, time
from engine.families.base import Budget
from engine.families.picture_training import build, preview
from engine.families.small_cnn import FAMILY
from engine.specs.params import complete
from tests.engine.made_rows import made_data

params = complete(FAMILY.params, {"width": 4, "passes": 1}, "small_cnn")
build("plain", params, made_data("pixels", "binary"), Budget(60.0, time.monotonic), lambda *_: None)
data = made_data("pixels", "binary")
preview(data.train.arrays(4)[0], {**params, "flip": "horizontal"})
print("heard", file=sys.stderr)
"""


def test_a_training_is_quiet_and_what_is_said_after_it_is_heard(repository: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], cwd=repository, capture_output=True, text=True, check=True
    )
    assert done.stderr == "heard\n"
    assert done.stdout == ""
