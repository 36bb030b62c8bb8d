"""An entry knows how much it holds."""

from __future__ import annotations

import numpy as np

from engine.modalities.image.source import Found, label_column, set_column


def test_the_size_of_what_an_entry_holds() -> None:
    assert Found(number=1, name="a", picture=b"123").size == 3
    assert Found(number=1, name="a", picture=np.zeros((4, 5, 3), np.uint8)).size == 60
    assert Found(number=1, name="a", picture=None, problem="gone").size == 0


def test_a_label_is_learned_and_a_set_is_not() -> None:
    assert label_column("breed").measured_from is None and label_column("breed").name == "breed"
    assert set_column().measured_from == "image"
