"""What one column tells, against values worked out by hand."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pytest

from engine.splitters import evidence
from engine.splitters.evidence import Answers, Values, copied, present_only, skill

PARTS = np.arange(400) % 5
CLASSES = np.arange(400) // 5 % 2


def text(values: list[str | None]) -> Values:
    return Values.of_text(pa.chunked_array([values], type=pa.string()))


def numbers(values: list[float | None]) -> Values:
    return Values.of_numbers(pa.chunked_array([values], type=pa.float64()))


def test_missing_is_code_zero() -> None:
    assert text(["b", None, "a", "b"]).codes.tolist() == [1, 0, 2, 1]
    assert numbers([2.0, None, 1.0, 2.0] * 5).codes.tolist() == [2, 0, 1, 2] * 5


def test_many_numbers_become_ranges_of_equal_size() -> None:
    values = numbers([float(n * n) for n in range(10_000)])
    sizes = np.bincount(values.codes)[1:]
    assert len(sizes) == evidence.BINS
    assert sizes.max() <= 42
    assert values.distinct == 10_000


def test_skill_is_all_for_the_class_itself_and_nothing_for_chance() -> None:
    answers = Answers(CLASSES, ("a", "b"), PARTS)
    assert skill(text(["ab"[label] for label in CLASSES]), answers) == 1.0
    assert skill(text(["same"] * 400), answers) == pytest.approx(0, abs=0.01)
    assert skill(text([str(n) for n in range(400)]), answers) == pytest.approx(0, abs=0.01)


def test_skill_counts_the_errors_left() -> None:
    told = ["ab"[label] if n % 10 else "ba"[label] for n, label in enumerate(CLASSES)]
    answers = Answers(CLASSES, ("a", "b"), PARTS)
    errors = sum(n % 10 == 0 for n in range(400))
    assert skill(text(told), answers) == pytest.approx(1 - errors / 200)


def test_skill_says_nothing_where_one_class_is_nearly_all() -> None:
    rare = np.zeros(400, dtype=np.int64)
    rare[:9] = 1
    assert skill(text(["y" if n < 9 else "n" for n in range(400)]), Answers(rare, ("a", "b"), PARTS)) == 0


def test_skill_for_numbers_is_judged_by_rank() -> None:
    raw = np.exp(np.arange(400) / 10)
    answers = Answers.of_numbers(raw, PARTS)
    assert skill(numbers(list(raw)), answers) > 0.999
    assert skill(text(["same"] * 400), answers) == pytest.approx(0, abs=0.01)


def test_rare_values_are_counted_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(evidence, "_MOST_COUNTS", 6)
    values = text(["a"] * 200 + ["b"] * 190 + [f"rare {n}" for n in range(10)])
    labels = np.array([0] * 200 + [1] * 200)
    assert skill(values, Answers(labels, ("p", "q"), PARTS)) == 1.0


def test_a_copy_needs_half_the_rows() -> None:
    answers = Answers(CLASSES, ("a", "b"), PARTS)
    renamed: list[str | None] = ["xy"[label] for label in CLASSES]
    assert copied(text(renamed), answers) == "each of its values stands for one class"
    assert copied(text(renamed[:199] + [None] * 201), answers) is None
    assert copied(text([*renamed[:399], "z"]), answers) is None


def test_one_shared_outlier_is_no_straight_line() -> None:
    generator = np.random.default_rng(0)
    raw = generator.normal(size=400)
    other = generator.normal(size=400)
    raw[0] = other[0] = 1e9
    assert copied(numbers(list(other)), Answers.of_numbers(raw, PARTS)) is None


def test_constant_and_infinite_columns_copy_nothing() -> None:
    answers = Answers.of_numbers(np.arange(400.0), PARTS)
    assert copied(numbers([1.0] * 400), answers) is None
    assert copied(numbers([float("inf")] * 400), answers) is None


@pytest.mark.parametrize(
    ("filled", "expected"),
    [
        (lambda n, label: label == 1, "is filled in only when the target is 'b' (100 % of these rows)"),
        (lambda n, label: label == 0, "is filled in only when the target is 'a' (100 % of these rows)"),
        (
            lambda n, label: label == 1 and n % 4 > 0,
            "is filled in only when the target is 'b' (80 % of these rows)",
        ),
        (
            lambda n, label: label == 0 or n % 4 == 0,
            "is missing only when the target is 'b' (80 % of these rows)",
        ),
    ],
)
def test_present_only_names_the_class(filled: object, expected: str) -> None:
    values = text(["v" if filled(n, label) else None for n, label in enumerate(CLASSES)])  # type: ignore[operator]
    found = present_only(values, Answers(CLASSES, ("a", "b"), PARTS))
    assert found is not None
    assert found[1] == expected


def test_present_only_is_silent_on_chance() -> None:
    answers = Answers(CLASSES, ("a", "b"), PARTS)
    assert present_only(text(["v" if n % 3 else None for n in range(400)]), answers) is None
    assert present_only(text(["v" if n < 10 else None for n in range(400)]), answers) is None
    assert present_only(text(["v"] * 400), Answers.of_numbers(np.arange(400.0), PARTS)) is None
