"""Make Arrow batches from plain values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pyarrow as pa

from engine.specs.schema import InputType


def batch_of(rows: Mapping[str, Sequence[object]], inputs: Mapping[str, InputType]) -> pa.RecordBatch:
    """Return an Arrow batch of the inputs' columns in `rows` (name → values)."""
    types = {"float": pa.float64(), "string": pa.string(), "image": pa.binary()}
    columns = {name: pa.array(rows[name], types[kind]) for name, kind in inputs.items()}
    return pa.RecordBatch.from_pydict(columns)
