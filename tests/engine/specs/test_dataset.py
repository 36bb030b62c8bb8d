"""What an import did survives as JSON."""

from __future__ import annotations

import json

import pytest

from engine.errors import InvalidSpec
from engine.specs.codec import from_json, to_json
from engine.specs.dataset import ImportSummary

SUMMARY = ImportSummary(
    format="csv", bytes=9, rows_read=3, rows_imported=2, rows_rejected=1, encoding="gb18030", notes=("二",)
)


def test_it_is_read_back_as_it_was_written() -> None:
    assert from_json(ImportSummary, json.loads(json.dumps(to_json(SUMMARY)))) == SUMMARY


@pytest.mark.parametrize(
    ("change", "words"),
    [({"rows_read": "3"}, "rows_read"), ({"rows": 3}, "'rows'"), ({"notes": "x"}, "notes")],
)
def test_a_wrong_field_is_named(change: dict[str, object], words: str) -> None:
    with pytest.raises(InvalidSpec, match=words):
        from_json(ImportSummary, {**to_json(SUMMARY), **change})
