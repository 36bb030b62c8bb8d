"""Plain values become the columns that a model reads."""

from __future__ import annotations

import pyarrow as pa

from engine.serving.batches import batch_of


def test_values_have_the_types_of_the_inputs() -> None:
    batch = batch_of({"w": ["a", ""], "n": [1, None], "other": [0]}, {"n": "float", "w": "string"})
    assert batch.schema == pa.schema([("n", pa.float64()), ("w", pa.string())])
    assert batch.to_pydict() == {"n": [1.0, None], "w": ["a", ""]}
