"""AM206: given sets that hold the same rows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from engine.advice import Facts
from engine.specs.evaluation import Finding


@pytest.mark.parametrize(("rows", "severity"), [(1, "tip"), (50, "issue")])
def test_fires_by_share(
    judge: Callable[[str, Facts], Finding | None], binary: Facts, rows: int, severity: str
) -> None:
    assert binary.divided is not None and binary.split is not None
    total = 100
    divided = replace(binary.divided, rows={**binary.divided.rows, "test": total}, crossing={"test": rows})
    split = replace(binary.split, splitter="given", column="part")
    finding = judge("AM206", replace(binary, divided=divided, split=split))
    assert finding is not None and finding.severity == severity and "'part'" in finding.evidence


def test_silent_otherwise(judge: Callable[[str, Facts], Finding | None], binary: Facts) -> None:
    assert judge("AM206", binary) is None
    assert judge("AM206", Facts()) is None
