"""Margins survive JSON to the last bit: the file's bounds and Python's are computed from the same numbers."""

from __future__ import annotations

import json

import numpy as np

from engine.specs.codec import from_json, to_json
from engine.specs.margins import Margins


def test_json_keeps_every_bit() -> None:
    thirds = tuple(float(np.float32(value)) for value in (0.1, 1 / 3, 2e9 / 3))
    margins = Margins(level=0.9, edges=thirds[:2], below=thirds, above=thirds[::-1], rows=300, floor=0.0)
    assert from_json(Margins, json.loads(json.dumps(to_json(margins)))) == margins
