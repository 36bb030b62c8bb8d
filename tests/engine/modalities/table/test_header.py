"""Where a table begins, whether its first row is a header, and what its columns are called."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.errors import BadData
from engine.modalities.table.header import RESERVED, Layout, find_layout, unique_names


def rows(text: str) -> list[list[str]]:
    return [line.split(",") for line in text.splitlines()]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("age,city\n31,Rome\n32,Bonn\n33,Bern", ("age", "city")),
        ("31,Rome\n32,Bonn\n33,Bern", ()),
        ("5.1,3.5,a\n4.9,3.0,a\n4.7,3.2,b", ()),
        ("red,x\nblue,y\nred,x\nblue,y", ()),
        ("colour,kind\nred,x\nblue,y\nred,x\nblue,y", ("colour", "kind")),
        ("name,2019,2020\nBonn,5.5,6\nRome,7.25,8\nBern,3.5,2", ("name", "2019", "2020")),
        ("1,2\n3,4", ()),
        ("0,1,2,3,target\n5.1,3.5,1.4,0.2,0\n4.9,3.0,1.4,0.2,0", ("0", "1", "2", "3", "target")),
        (",0,1,2,3,4\n0,5.1,3.5,1.4,0.2,7\n1,4.9,3.0,1.4,0.2,7", ("", "0", "1", "2", "3", "4")),
        ("1,2,3,4,5,6\n7,8,9,10,11,12", ("1", "2", "3", "4", "5", "6")),
        ("1,2,3\n4,5,6", ()),
        ("0,1,2,3,4\n0,1,2,3,4\n0,1,2,3,4", ()),
        ("a,b", ("a", "b")),
        ("1,b", ()),
        ("年龄,城市\n31,北京\n32,上海", ("年龄", "城市")),
    ],
)
def test_a_header_is_told_by_what_stands_below_it(text: str, names: tuple[str, ...]) -> None:
    width = len(rows(text)[0])
    assert find_layout(rows(text)) == Layout(preamble=0, width=width, names=names)


def test_titles_above_the_table_are_counted_and_left_out() -> None:
    table = rows("Report of 2024\nall sums in EUR\nage,city,sum\n31,Rome,5\n32,Bonn,6\n33,Bern,7")
    assert find_layout(table) == Layout(preamble=2, width=3, names=("age", "city", "sum"))
    for lonely in (["Report", "", ""], ["", "", ""]):
        assert find_layout([lonely, *table[2:]]) == Layout(preamble=1, width=3, names=("age", "city", "sum"))


def test_a_header_one_cell_short_is_padded_on_the_side_that_is_empty() -> None:
    ended = rows("age,city\n31,Rome,\n32,Bonn,\n33,Bern,")
    assert find_layout(ended) == Layout(preamble=0, width=3, names=("age", "city", ""))
    named = rows("age,city\na,31,Rome\nb,32,Bonn\nc,33,Bern")
    assert find_layout(named) == Layout(preamble=0, width=3, names=("", "age", "city"))


def test_names_are_trimmed_and_told_apart_without_regard_to_case() -> None:
    names, notes = unique_names(["\ufeff a  b ", "A B", "", "column_3", "", "a b_2"], max_columns=10)
    assert names == ("a b", "A B_3", "column_2", "column_3", "column_5", "a b_2")
    assert len(notes) == 3


@pytest.mark.parametrize("name", [*RESERVED, *(name.upper() for name in RESERVED)])
def test_a_name_of_our_own_gets_a_number(name: str) -> None:
    names, notes = unique_names([name, "x"], max_columns=10)
    assert names == (f"{name}_2", "x") and len(notes) == 1


NAMES = st.lists(
    st.one_of(st.sampled_from(["a", "A", "", " a", "a_2", "column_1", "_row", "ß", "SS"]), st.text())
)


@given(NAMES)
def test_any_names_become_unique_and_stay_so(written: list[str]) -> None:
    names, notes = unique_names(written, max_columns=10_000)
    folded = [name.casefold() for name in names]
    assert len(names) == len(written) and len(set(folded)) == len(folded)
    assert all(names) and not set(folded) & set(RESERVED)
    assert sum(
        n != " ".join(w.replace("\ufeff", "").split()) for n, w in zip(names, written, strict=True)
    ) == len(notes)
    assert unique_names(names, max_columns=10_000) == (names, ())


def test_more_columns_than_allowed_are_refused_with_both_numbers() -> None:
    assert len(unique_names(["a"] * 5, max_columns=5)[0]) == 5
    with pytest.raises(BadData, match=r"at most 4\. Received 5"):
        unique_names(["a"] * 5, max_columns=4)
