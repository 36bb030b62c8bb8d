"""Numbers found in texts as people write them."""

from __future__ import annotations

import pytest

from tests.engine.transforms.fitted import fit

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("23.4 kmpl", 23.4),
        ("$45", 45.0),
        ("-7 °C", -7.0),
        ("from 3 to 4", 3.0),
        ("0012", 12.0),
        ("1e5", 1.0),
        ("5.", 5.0),
        ("约1200元", 1200.0),
        ("none", None),
        ("-", None),
        (None, None),
    ],
)
def test_the_first_number_is_read(text: str | None, number: float | None) -> None:
    assert fit(["1 x"], "number_from_text").answers([text]) == [number]


@pytest.mark.parametrize(
    ("decimal", "thousands", "text", "number"),
    [
        (",", "", "23,4 l", 23.4),
        (",", ".", "€ 1.250,50", 1250.5),
        (",", ".", "-1.234.567,89", -1_234_567.89),
        (",", " ", "1 250,5 kg", 1250.5),
        (".", ",", "1,234,567.5 USD", 1_234_567.5),
        (".", ",", "12,34", 12.0),
        (".", "'", "CHF 1'000", 1000.0),
        (".", "", "1,250", 1.0),
        (",", ",", "1,5", 1.5),
    ],
)
def test_decimal_and_thousands_signs(decimal: str, thousands: str, text: str, number: float) -> None:
    fitted = fit(["1 x"], "number_from_text", decimal=decimal, thousands=thousands)
    assert fitted.answers([text]) == [number]


def test_many_digits_are_read_as_the_nearest_double() -> None:
    text = "1" * 30
    assert fit(["1 x"], "number_from_text").answers([f"{text} x"]) == [float(text)]
