"""A fitted model answers in pieces as in one, and none rows with none."""

from __future__ import annotations

import numpy as np

from engine.families.fitted import FittedModel, constant_model
from tests.engine.made_rows import by_onnx


def test_no_rows_give_no_scores() -> None:
    fitted = constant_model(np.array([0.2, 0.8]), rows=5, features=3)
    assert fitted.predict(np.zeros((0, 3), np.float32)).shape == (0, 2)


def test_many_rows_are_answered_in_pieces() -> None:
    sizes: list[int] = []

    def native(x: np.ndarray) -> np.ndarray:
        sizes.append(len(x))
        return x[:, :1].astype(np.float64)

    fitted = FittedModel(native=native, nodes=lambda graph, x: x, rows=1, features=1, outputs=1)
    x = np.arange(150_000, dtype=np.float32)[:, None]
    assert (fitted.predict(x) == x).all()
    assert len(sizes) > 1


def test_a_constant_answers_the_same_natively_and_served() -> None:
    fitted = constant_model(np.array([0.25, 0.75]), rows=5, features=3)
    x = np.full((4, 3), np.nan, np.float32)
    assert (by_onnx(fitted.to_onnx(), x) == fitted.predict(x)).all()


def test_rows_that_are_pictures_are_answered_by_a_body_of_their_shape() -> None:
    fitted = constant_model(np.array([0.25, 0.75]), rows=5, features=(4, 4, 3))
    x = np.zeros((2, 4, 4, 3), np.float32)
    assert (by_onnx(fitted.to_onnx(), x) == fitted.predict(x)).all()
