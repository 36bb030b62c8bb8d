"""Numbers inside text: the unit most of them share."""

from __future__ import annotations

import pytest

from engine.modalities.table.numbers import number_in_text


@pytest.mark.parametrize(
    ("values", "unit", "share"),
    [
        (["23.4 kmpl", "19 kmpl", "8.5 kmpl", "11 kmpl", "17.2 kmpl"], "kmpl", 1.0),
        (["$1,200", "$5", "$7.50", "$80", "$9"], "$", 1.0),
        (["45%", "3%", "99.5%", "0%", "17%", "unknown"], "%", 5 / 6),
        (["12 ㎡", "30㎡", "45 ㎡", "60㎡", "75 ㎡"], "㎡", 1.0),
        (["1,000", "2,000", "3,500", "4", "5"], "", 1.0),
    ],
)
def test_numbers_with_a_unit_are_found_in_text(values: list[str], unit: str, share: float) -> None:
    found = number_in_text((value, 1) for value in values)
    assert found is not None and found.unit == unit
    assert found.share == pytest.approx(share, abs=1e-6)


@pytest.mark.parametrize(
    "values",
    [
        [],
        ["red", "green", "blue"],
        ["1 kg", "2 kg", "red", "green"],
        ["1 kg", "2 m", "3 s", "4 A", "5 K"],
        ["3 apples", "3 pears", "3 plums", "3 figs", "3 kiwis"],
        ["12 Main Street 5", "14 High Street 3", "1 Low Street 2", "7 A 1", "8 B 2"],
    ],
)
def test_text_without_one_usual_unit_holds_no_number(values: list[str]) -> None:
    assert number_in_text((value, 1) for value in values) is None
