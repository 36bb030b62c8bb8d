"""Word counts by hand, in Chinese and English; real reviews counted alike by SQL and the graph."""

from __future__ import annotations

import math
from pathlib import Path

import duckdb
import pytest

from engine.sql import quote_text
from tests.engine.transforms.fitted import Fitted, fit

CHINESE = "酒店很好，服务很好！"
ENGLISH = "The room was clean, the staff kind. THE END"


def _counts(fitted: Fitted, text: str | None) -> dict[str, int]:
    """Return word → count; the column holds ln(1 + count)."""
    (row,) = fitted.rows([text])
    words = (label.removeprefix(":") for label in fitted.labels)
    return {
        word: round(math.expm1(value))
        for word, value in zip(words, row, strict=True)
        if isinstance(value, float)
    }


def test_chinese_is_counted_by_character() -> None:
    fitted = fit([CHINESE], "text_counts", choose="frequent", least=1)
    assert _counts(fitted, CHINESE) == {"务": 1, "好": 2, "店": 1, "很": 2, "服": 1, "酒": 1}
    assert _counts(fitted, "很很很 good") == {"务": 0, "好": 0, "店": 0, "很": 3, "服": 0, "酒": 0}


def test_english_is_counted_by_word_in_any_case_seen() -> None:
    fitted = fit([ENGLISH], "text_counts", choose="frequent", least=1)
    counts = _counts(fitted, ENGLISH)
    assert counts.pop("the") == 3
    assert counts == dict.fromkeys(["room", "was", "clean", "staff", "kind", "end"], 1)
    assert _counts(fitted, "The cleaner left; the then clean-room")["the"] == 2
    assert _counts(fitted, "The cleaner left; the then clean-room")["clean"] == 1


def test_the_column_is_the_logarithm_of_one_plus_the_count() -> None:
    fitted = fit(["a", "a", "a"], "text_counts")
    assert fitted.answers(["a a a", "b", None]) == pytest.approx([math.log(4), 0.0, 0.0])


def test_the_most_frequent_words_are_those_in_most_texts() -> None:
    texts = ["x x x x x", "a b", "a b", "a"]
    assert fit(texts, "text_counts", choose="frequent", least=1, words=2).labels == (":a", ":b")


def test_telling_words_go_with_the_target_and_common_ones_do_not() -> None:
    texts = ["the bad"] * 6 + ["the good"] * 6
    fitted = fit(texts, "text_counts", y=[1] * 6 + [0] * 6, classes=2, words=2)
    assert set(fitted.labels) == {":bad", ":good"}
    by_value = fit(texts, "text_counts", y=[100.0] * 6 + [1.0] * 6, words=2)
    assert set(by_value.labels) == {":bad", ":good"}


def test_each_of_many_classes_has_its_say() -> None:
    texts = [f"the {word}" for word in ("red", "green", "blue")] * 4
    fitted = fit(texts, "text_counts", y=[0, 1, 2] * 4, classes=3, words=3)
    assert set(fitted.labels) == {":red", ":green", ":blue"}


def test_a_word_needs_enough_texts() -> None:
    texts = ["common", "common", "common rare rare rare"]
    assert fit(texts, "text_counts", least=3).labels == (":common",)
    assert fit(texts, "text_counts", least=4).labels == (":",)
    assert fit(texts, "text_counts", least=4).rows(["common"]) == [(0.0,)]


@pytest.mark.slow
def test_real_reviews_are_told_by_their_words(shared_data: Path) -> None:
    """7,766 Chinese hotel reviews; label 1 is praise."""
    path = shared_data / "text" / "chn_hotel_reviews.csv"
    with duckdb.connect() as connection:
        found = connection.execute(
            f"SELECT review, label FROM read_csv({quote_text(str(path))}) WHERE review IS NOT NULL"
        ).fetchall()
    texts, labels = [text for text, _ in found], [label for _, label in found]
    fitted = fit(texts, "text_counts", y=labels, classes=2)
    assert len(found) > 7_700
    assert len(fitted.labels) == 200
    assert {":差", ":脏", ":错", ":适"} <= set(fitted.labels)
    bad, dirty = (fitted.labels.index(label) for label in (":差", ":脏"))
    rows = fitted.rows(texts)
    for column in (bad, dirty):
        blamed = [label for row, label in zip(rows, labels, strict=True) if row[column]]
        assert sum(blamed) / len(blamed) < 0.6 * sum(labels) / len(labels)
