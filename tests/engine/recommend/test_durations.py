"""Durations: more data never takes less time, and what was measured is told again."""

from __future__ import annotations

from engine.recommend.durations import expected_seconds
from engine.recommend.knowledge import read_knowledge
from tests.engine.recommend.making import known, meta


def test_time_grows_with_the_data_and_stays_finite() -> None:
    sets = read_knowledge().sets
    for configuration in ("lightgbm", "svm", "linear"):
        told = [expected_seconds(configuration, meta(rows), sets) for rows in (0, 100, 10_000, 10**6, 10**12)]
        seconds = [one for one in told if one is not None]
        assert len(seconds) == 5 and seconds == sorted(seconds)
        assert seconds[0] > 0 and seconds[-1] < 1e9


def test_what_was_measured_is_told_again() -> None:
    sets = [known(f"{rows}", rows, {"svm": 0.9}) for rows in (1_000, 4_000, 16_000, 64_000, 256_000)]
    told = expected_seconds("svm", meta(8_000), sets)
    assert told is not None and 0.5 < told < 1.3  # 0.8 s by their law: a ten-thousandth of a second a row


def test_what_no_set_knows_has_no_time() -> None:
    assert expected_seconds("svm", meta(), [known("a", 100, {"linear": 0.9})]) is None
