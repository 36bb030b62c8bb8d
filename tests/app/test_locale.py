"""The catalogues hold every sentence a person may read, and nothing else."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.slow
def test_no_sentence_is_missing_unused_or_untranslated() -> None:
    script = [sys.executable, str(ROOT / "scripts" / "catalogue"), "--check"]
    done = subprocess.run(script, capture_output=True, text=True, check=False, cwd=ROOT)
    assert (done.returncode, done.stderr) == (0, "")
