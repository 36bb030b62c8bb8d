"""Delimiters and quotes are told from how regular and how sensible the cells become."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from engine.modalities.table.dialect import Dialect, parse_sample, sniff_dialect


def lines(text: str) -> list[str]:
    return io.StringIO(text, newline="").readlines()


@pytest.mark.parametrize(
    ("text", "delimiter"),
    [
        ("a,b,c\n1,2,3\n4,5,6\n", ","),
        ("a;b;c\n1,5;2,5;3,5\n4,5;5,5;6,5\n", ";"),
        ("a\tb\n1,234\t2,345\n4,567\t5,678\n", "\t"),
        ("name|born\nDoe, John|1970-01-01\nRoe, Jane|1971-02-03\n", "|"),
        ("a b c\n1 2 3\n4 5 6\n7 8 9\n", " "),
        ("a^b\n1^2\n3^4\n", "^"),
        ("a\x01b\n1\x012\n3\x014\n", "\x01"),
        ("time,city\n10:20:30,New York\n11:21:31,Los Angeles\n", ","),
        ('said;who\n"a;b,c,d,e";x\n"f;g,h,i,j";y\n', ";"),
        ("one\ntwo\nthree\n", ","),
        ("when\n2024-01-01 10:00:00\n2024-01-02 11:00:00\n", ","),
        ("city\n" + "New York\nLos Angeles\n" * 99, ","),
        ("good film\nvery bad film indeed\nnot bad at all\nI slept\n", ","),
    ],
)
def test_the_delimiter_that_makes_sense_of_the_cells_wins(text: str, delimiter: str) -> None:
    assert sniff_dialect(lines(text)).delimiter == delimiter


def test_the_name_of_a_file_decides_where_its_lines_do_not() -> None:
    text = lines("a,b\tc\nd,e\tf\n")
    assert sniff_dialect(text, ".tsv").delimiter == "\t"
    assert sniff_dialect(text, ".csv").delimiter == ","
    assert sniff_dialect([], ".TAB").delimiter == "\t"


def test_single_quotes_and_quotes_behind_blanks_are_seen() -> None:
    single = sniff_dialect(lines("a,b\n'x,y',1\n'z,w',2\n'v,u',3\n"))
    assert (single.delimiter, single.quote) == (",", "'")
    spaced = sniff_dialect(lines('a, b\n1, "x, y"\n2, "z, w"\n'))
    assert spaced == Dialect(delimiter=",", quote='"', skips_blanks=True)
    assert parse_sample(spaced, ['1, "x, y"\n']) == [["1", "x, y"]]
    assert sniff_dialect(lines("who,said\nO'Neil,it's\nD'Arcy,that's\n")).quote == '"'


def test_a_sample_leaves_blank_lines_out_and_stops_at_what_cannot_be_split() -> None:
    assert parse_sample(Dialect(), lines("a,b\n\n   \n1,2\n,\n")) == [["a", "b"], ["1", "2"], ["", ""]]
    assert parse_sample(Dialect(), ["a,b\n", "c\rd,1\n", "2,3\n"]) == [["a", "b"]]


def test_a_very_long_cell_is_part_of_the_sample() -> None:
    usual = csv.field_size_limit(1000)
    try:
        assert len(parse_sample(Dialect(), ["a,b\n", f"{'x' * 2000},1\n", "2,3\n"])) == 3
    finally:
        csv.field_size_limit(usual)


def test_other_readers_of_this_process_keep_their_longest_cell() -> None:
    usual = csv.field_size_limit()
    parse_sample(Dialect(), [])
    assert csv.field_size_limit() == usual


WORDS = st.text("abcdefgh", min_size=1, max_size=6)


@given(
    table=st.lists(st.tuples(WORDS, st.integers(), WORDS, st.floats(0, 99)), min_size=4, max_size=20),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
)
def test_what_a_csv_writer_writes_is_read_back(
    table: list[tuple[object, ...]], delimiter: str, quoting: int
) -> None:
    text = io.StringIO(newline="")
    csv.writer(text, delimiter=delimiter, quoting=quoting).writerows([("k", "n", "w", "x"), *table])  # type: ignore[arg-type]
    dialect = sniff_dialect(lines(text.getvalue()))
    assert dialect.delimiter == delimiter
    assert parse_sample(dialect, lines(text.getvalue()))[1:] == [[str(cell) for cell in row] for row in table]
