"""Golden rows differ from each other, show gaps and text never seen, and fit into JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from engine.errors import WorkFailed
from engine.export.golden import UNSEEN, make_golden_rows
from engine.serving.model import answer
from engine.serving.session import Session
from engine.specs.bundle import GoldenRows, decode_number
from engine.specs.codec import from_json, to_json
from tests.engine.published import AGE, CITY, FEATURES, MARGINS, fuse_small, make_table, make_task

TABLE = make_table(rows=500)


def golden(classes: tuple[str, ...], rows: int = 500) -> GoldenRows:
    session = Session(fuse_small(TABLE, make_task(classes)).SerializeToString())
    return make_golden_rows(session, TABLE.batch.slice(0, rows))


def test_rows_are_varied() -> None:
    rows = golden(("a", "b"))
    assert rows.rows >= 18
    assert set(rows.labels) == {"a", "b"}
    assert len(set(rows.scores)) >= 16
    session = Session(fuse_small(TABLE, make_task(("a", "b"))).SerializeToString())
    scores = answer(session, TABLE.batch, session.inputs()).scores[:, 1]
    chosen = np.array(rows.scores)[:, 1]
    assert chosen.max() >= scores.max()
    assert chosen.min() <= scores.min()


def test_gaps_and_unseen_text_are_among_them() -> None:
    rows = golden(())
    real = rows.rows - 2
    assert None in rows.numbers[AGE][:real]
    assert "" in rows.texts[CITY][:real]
    assert (rows.numbers[AGE][real], rows.numbers[FEATURES][real], rows.texts[CITY][real]) == (None, None, "")
    assert rows.texts[CITY][-1] == UNSEEN
    assert UNSEEN not in rows.texts[CITY][:-1]


def test_json_keeps_them_with_null_for_missing() -> None:
    rows = golden(("a", "b"))
    text = json.dumps(to_json(rows), allow_nan=False)
    assert from_json(GoldenRows, json.loads(text)) == rows
    assert None in json.loads(text)["numbers"][AGE]
    assert all(
        np.float32(value) == decode_number(value) for value in rows.numbers[FEATURES] if value is not None
    )


def test_bounds_stand_beside_their_scores() -> None:
    session = Session(fuse_small(TABLE, make_task(()), margins=MARGINS).SerializeToString())
    rows = make_golden_rows(session, TABLE.batch)
    assert len(rows.bounds) == rows.rows and golden(()).bounds == ()
    assert all(low <= score[0] <= high for (low, high), score in zip(rows.bounds, rows.scores, strict=True))
    assert from_json(GoldenRows, json.loads(json.dumps(to_json(rows)))) == rows


def test_one_row_is_enough_and_none_is_not() -> None:
    assert golden(("a", "b"), rows=1).rows == 3
    with pytest.raises(WorkFailed, match="golden rows"):
        golden(("a", "b"), rows=0)
