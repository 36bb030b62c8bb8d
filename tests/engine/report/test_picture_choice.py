"""The few pictures that are shown are those that tell most."""

from __future__ import annotations

import numpy as np

from engine.report.picture_choice import NUMBER, doubted_labels, in_turn, mixed_up, recognised, worst_answers

CLASSES = ("a", "b", "c")
Y = np.array([0, 0, 0, 1, 1, 1, 2, 2], dtype=float)
SCORES = np.array(
    [
        (0.9, 0.1, 0.0),
        (0.2, 0.7, 0.1),
        (0.05, 0.95, 0.0),
        (0.1, 0.8, 0.1),
        (0.6, 0.3, 0.1),
        (0.0, 1.0, 0.0),
        (0.3, 0.3, 0.4),
        (0.5, 0.1, 0.4),
    ]
)


def test_the_surest_mistake_is_the_worst() -> None:
    assert worst_answers(Y, SCORES) == [2, 1, 4, 7]
    assert worst_answers(Y, np.eye(3)[Y.astype(int)]) == []


def test_the_farthest_number_is_the_worst() -> None:
    assert worst_answers(np.array([1.0, 5.0, 2.0]), np.array([[1.5], [1.0], [0.0]])) == [1, 2, 0]


def test_mix_ups_have_their_surest_examples() -> None:
    ((pair, places),) = mixed_up(Y, SCORES, worst_answers(Y, SCORES))
    assert (pair.actual, pair.answered, pair.back) == (0, 1, 1)
    assert places == [2, 1]
    assert mixed_up(Y, SCORES[:, :1], []) == []


def test_the_surest_right_answers_of_each_class_are_recognised() -> None:
    assert recognised(Y, SCORES, CLASSES, []) == {"a": [0], "b": [5, 3], "c": [6]}
    assert recognised(np.zeros(3), np.zeros((3, 1)), (), [1, 2, 0]) == {NUMBER: [0, 2, 1]}


def test_every_class_has_its_turn() -> None:
    assert in_turn({"a": [1, 2, 3], "b": [], "c": [4]}) == [1, 4, 2, 3]
    assert in_turn({}) == []


def test_numbers_have_no_labels_to_doubt() -> None:
    assert doubted_labels(Y, SCORES[:, :1]) == ()
    assert doubted_labels(np.empty(0), np.empty((0, 3))) == ()
