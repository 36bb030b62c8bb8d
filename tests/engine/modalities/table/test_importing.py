"""Imports: every file ends as a table or as one clear sentence, and its rows add up."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import duckdb
import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from engine.errors import AimassError, BadCommand, BadData
from engine.files import read_json
from engine.modalities.table import ImportLimits, import_table
from engine.specs.codec import from_json
from engine.specs.dataset import ImportSummary
from engine.specs.schema import Schema

pytestmark = pytest.mark.slow

LIMITS = ImportLimits(memory_bytes=256 << 20, threads=1)


def run(
    source: Path, folder: Path, limits: ImportLimits = LIMITS
) -> tuple[ImportSummary, Schema, list[tuple[object, ...]]]:
    folder.mkdir(exist_ok=True)
    summary = import_table(source, folder, limits=limits, progress=lambda share: None)
    schema = from_json(Schema, read_json(folder / "schema.json"))
    with duckdb.connect() as connection:
        rows = connection.execute("SELECT * FROM read_parquet(?)", [str(folder / "data.parquet")]).fetchall()
    with (folder / "rejects.csv").open(newline="", encoding="utf-8") as file:
        rejects = list(csv.reader(file))[1:]
    assert len(rows) == summary.rows_imported
    assert len(rejects) == summary.rows_rejected
    assert summary.rows_read == summary.rows_imported + summary.rows_rejected
    assert from_json(ImportSummary, read_json(folder / "import.json")) == summary
    assert not list(folder.glob(".tmp-*"))
    return summary, schema, rows


def write(folder: Path, content: str | bytes, name: str = "data.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.slow
def test_every_file_of_the_corpus_imports_or_is_refused_and_rows_add_up(
    shared_data: Path, tmp_path: Path
) -> None:
    files = sorted(path for path in (shared_data / "csv").rglob("*") if path.is_file())
    refused = []
    for number, path in enumerate(files):
        try:
            summary, _, _ = run(path, tmp_path / str(number))
        except AimassError as problem:
            assert problem.remedy
            refused.append(path.name)
            continue
        with path.open(encoding=summary.encoding, newline="") as file:
            reader = csv.reader(file, delimiter=summary.delimiter or ",", quotechar=summary.quote or '"')
            counted = sum(1 for row in reader if row and (len(row) > 1 or row[0].strip()))
        assert summary.rows_read == counted - summary.has_header, path.name
    assert refused == ["locations-1998.csv", "scottish_law_commission-2011-03-31-organogram-junior.csv"]


SPECTRUM = {
    "comma_in_quotes": [("John", "Doe", "120 any st.", "Anytown, WW", "08123")],
    "empty": [(1, None, None), (2, 3, 4)],
    "empty_crlf": [(1, None, None), (2, 3, 4)],
    "escaped_quotes": [(1, 'ha "ha" ha'), (3, "4")],
    "json": [(1, '{"type": "Point", "coordinates": [102.0, 0.5]}')],
    "newlines": [(1, 2, 3), ("Once upon \na time", 5, 6), (7, 8, 9)],
    "newlines_crlf": [(1, 2, 3), ("Once upon \na time", 5, 6), (7, 8, 9)],
    "quotes_and_newlines": [(1, 'ha \n"ha" \nha'), (3, "4")],
    "simple": [(1, 2, 3)],
    "simple_crlf": [(1, 2, 3)],
    "utf8": [(1, 2, 3), (4, 5, "ʤ")],
}


@pytest.mark.parametrize("name", SPECTRUM)
def test_the_format_spectrum_gives_the_cells_its_names_promise(
    name: str, shared_data: Path, tmp_path: Path
) -> None:
    _, _, rows = run(shared_data / "csv" / "spectrum" / f"{name}.csv", tmp_path / "out")
    as_text = [tuple(None if cell is None else str(cell) for cell in row) for row in rows]
    assert as_text == [tuple(None if cell is None else str(cell) for cell in row) for row in SPECTRUM[name]]


@pytest.mark.parametrize(
    ("name", "rows", "semantics", "missing"),
    [
        ("adult", 32561, {"age": "number", "workclass": "category"}, {"workclass": 1836, "occupation": 1843}),
        ("telco_churn", 7043, {"customerID": "identifier", "TotalCharges": "number"}, {"TotalCharges": 11}),
        ("bike_hourly", 17379, {"instant": "identifier", "dteday": "datetime"}, {"dteday": 0}),
        ("california_housing", 20640, {"ocean_proximity": "category"}, {"total_bedrooms": 207}),
        ("satellite", 6435, {"Attribute1": "number", "Class": "number"}, {"Attribute1": 0}),
        ("titanic_train", 891, {"PassengerId": "identifier", "Name": "text"}, {"Age": 177, "Cabin": 687}),
        ("german_credit", 1000, {"other_debtors": "category", "telephone": "boolean"}, {"other_debtors": 0}),
        ("wine_quality", 6497, {"type": "category", "quality": "number"}, {"pH": 0}),
    ],
)
def test_known_tables_get_sensible_types(
    name: str,
    rows: int,
    semantics: dict[str, str],
    missing: dict[str, int],
    shared_data: Path,
    tmp_path: Path,
) -> None:
    summary, schema, found = run(shared_data / "tabular" / f"{name}.csv", tmp_path / "out")
    assert (summary.rows_imported, summary.rows_rejected) == (rows, 0)
    assert {key: schema.column(key).semantic for key in semantics} == semantics
    positions = {key: schema.names.index(key) for key in missing}
    assert {key: sum(row[i] is None for row in found) for key, i in positions.items()} == missing
    assert all(cell == cell.strip() for row in found for cell in row if isinstance(cell, str))


def test_adult_knows_that_its_values_carry_blanks_and_bike_its_dates(
    shared_data: Path, tmp_path: Path
) -> None:
    _, adult, _ = run(shared_data / "tabular" / "adult.csv", tmp_path / "adult")
    assert adult.column("workclass").trim and "?" in adult.column("workclass").missing_tokens
    _, bike, _ = run(shared_data / "tabular" / "bike_hourly.csv", tmp_path / "bike")
    assert bike.column("dteday").datetime_format == "%m/%d/%Y"


CELLS = st.text(
    st.characters(codec="gb18030", exclude_categories=("Cc", "Cs", "Zs", "Zl", "Zp", "Cf")),
    min_size=1,
    max_size=8,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(CELLS, CELLS, CELLS), min_size=3, max_size=20),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "gb18030"]),
    delimiter=st.sampled_from([",", ";", "\t", "|"]),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_quoted_cells_come_back_in_any_encoding(
    rows: list[tuple[str, str, str]], encoding: str, delimiter: str, newline: str, tmp_path: Path
) -> None:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=newline, quoting=csv.QUOTE_ALL)
    writer.writerow(["名称", "城市", "说明"])
    table = [(f"甲{a}", f"乙{b}\n中文", f"丙{c}") for a, b, c in rows]
    writer.writerows(table)
    summary, schema, found = run(write(tmp_path, text.getvalue().encode(encoding)), tmp_path / "out")
    assert schema.names == ("名称", "城市", "说明")
    assert found == table
    assert summary.delimiter == delimiter


def test_a_stray_byte_at_the_very_end_is_seen(tmp_path: Path) -> None:
    body = b"name,size\n" + b"plain,1\n" * 200_000 + b"caf\xe9,2\n"
    summary, _, rows = run(write(tmp_path, body), tmp_path / "out")
    assert summary.encoding == "cp1252"
    assert rows[-1] == ("café", 2)


def test_a_late_value_changes_the_type_of_a_large_file_and_nothing_is_lost(tmp_path: Path) -> None:
    lines = [f"{i},{i % 7},word,{i / 8}" for i in range(60_000)]
    lines[40_000] = "40000,6.5, word ,none at all"
    limits = ImportLimits(memory_bytes=256 << 20, threads=1, sample_bytes=3000, careful_bytes=1000)
    _, schema, rows = run(
        write(tmp_path, "id,size,kind,price\n" + "\n".join(lines)), tmp_path / "out", limits
    )
    assert [column.physical for column in schema.columns] == ["int64", "double", "string", "string"]
    assert rows[40_000] == (40_000, 6.5, "word", "none at all")
    assert schema.column("kind").trim


@pytest.mark.parametrize("blank", [" ", "\v", "\f", "\u00a0", "\u2028", "\u3000", "\u200b", "\ufeff"])
@pytest.mark.parametrize("cell", ["{}word", "word{}"])
def test_a_late_blank_of_any_kind_is_cut_and_told(blank: str, cell: str, tmp_path: Path) -> None:
    lines = [f"{i},word" for i in range(2_000)]
    lines[900] = f"900,{cell.format(blank)}"
    limits = ImportLimits(memory_bytes=256 << 20, threads=1, sample_bytes=300, careful_bytes=1000)
    _, schema, rows = run(write(tmp_path, "n,kind\n" + "\n".join(lines)), tmp_path / "out", limits)
    assert schema.column("kind").trim
    assert {row[1] for row in rows} == {"word"}


def test_blanks_before_a_quote_are_cut_and_told(tmp_path: Path) -> None:
    source = write(tmp_path, 'id, name, city\n1, "Smith, J", Rome\n2, "Roe, B", Bonn\n3, "Doe, A", Rome\n')
    _, schema, rows = run(source, tmp_path / "out")
    assert rows[0] == (1, "Smith, J", "Rome")
    assert schema.column("name").trim
    assert schema.column("city").trim


def test_the_fast_way_and_the_careful_way_agree(tmp_path: Path) -> None:
    lines = [f'{i},"a ""b"" {i % 5}",{i / 4},,x{i % 3}' for i in range(3000)]
    source = write(tmp_path, "id,said,size,none,kind\n" + "\n".join(lines) + "\n")
    careful = run(source, tmp_path / "careful")
    fast = run(source, tmp_path / "fast", ImportLimits(threads=1, careful_bytes=0))
    assert careful == fast


def test_ragged_rows_go_to_the_rejects_with_line_and_reason(tmp_path: Path) -> None:
    source = write(tmp_path, 'a,b,c\n1,2,3\n4,5\n"x\ny",5,6\n7,8,9,10\n11,12,13\n')
    for name, limits in {"careful": LIMITS, "fast": ImportLimits(threads=1, careful_bytes=0)}.items():
        summary, _, rows = run(source, tmp_path / name, limits)
        assert (summary.rows_read, summary.rows_rejected, len(rows)) == (5, 2, 3)
        with (tmp_path / name / "rejects.csv").open(newline="") as file:
            assert [(row[0], row[2]) for row in csv.reader(file)][1:] == [("3", "4,5"), ("6", "7,8,9,10")]


def test_missing_tokens_decimal_comma_and_thousands(tmp_path: Path) -> None:
    source = write(
        tmp_path,
        "id;price;count;kind;day;code\n1;1.234,5;1.000;none;31.12.2020;007\n2;-;2.000;a;1.2.2021;008\n3;0,25;?;NA;;009\n",
    )
    _, schema, rows = run(source, tmp_path / "out")
    assert rows[0][1:4] == (1234.5, 1000, "none")
    assert rows[1][1] is None and rows[2][2:5] == (None, None, None)
    assert rows[0][5] == "007"
    assert schema.column("price").decimal == "," and schema.column("day").datetime_format == "%d.%m.%Y"


def test_infinite_numbers_huge_integers_and_double_names(tmp_path: Path) -> None:
    source = write(tmp_path, "a,A,b,\n1.5,9007199254740993,inf,x\n2.5,1,3.5,y\n")
    summary, schema, rows = run(source, tmp_path / "out")
    assert schema.names == ("a", "A_2", "b", "column_4")
    assert rows == [(1.5, "9007199254740993", None, "x"), (2.5, "1", 3.5, "y")]
    assert any("infinite" in note for note in summary.notes)


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("header.csv", b"a,b,c\n", "no rows"),
        ("blank.csv", b"\n \n\n", "no rows"),
        ("image.csv", b"\x89PNG\r\n\x1a\n" + bytes(range(256)), "PNG"),
        ("archive.zip", b"PK\x03\x04" + bytes(100), "ZIP"),
        ("program.exe", b"MZ\x90\x00\x03" + bytes(100), "program"),
        ("zeros.csv", b"a,b\n1,\x00\x00\x01\x02\n" * 3, "not text"),
        ("cut.parquet", b"PAR1" + bytes(20), "Parquet"),
        ("cut.csv.gz", gzip.compress(b"a,b\n1,2\n" * 99, mtime=0)[:-9], "gzip"),
        ("wide.csv", (",".join(map(str, range(10_000))) + "\n").encode() * 3, "10,000 columns"),
        ("endless.csv", b"a," * (9 << 20), "longer than"),
    ],
)
def test_what_is_no_table_is_refused_in_a_sentence(
    name: str, content: bytes, said: str, tmp_path: Path
) -> None:
    with pytest.raises(BadData, match=said):
        run(write(tmp_path, content, name), tmp_path / "out")


def test_wrong_paths_are_refused_and_the_nearest_name_is_offered(tmp_path: Path) -> None:
    write(tmp_path, "a\n1\n", "adult.csv")
    with pytest.raises(BadCommand, match=r"adult\.csv"):
        run(tmp_path / "adlut.csv", tmp_path / "out")
    with pytest.raises(BadCommand, match="folder"):
        run(tmp_path, tmp_path / "out")
    with pytest.raises(BadData, match="empty"):
        run(write(tmp_path, b""), tmp_path / "out")


def test_a_hostile_path_is_never_sql(tmp_path: Path) -> None:
    folder = tmp_path / "a'; DROP [x] *"
    folder.mkdir()
    _, _, rows = run(write(folder, "a,b\n1,2\n", "it's ?.csv"), folder / "out [1]")
    assert rows == [(1, 2)]


def test_gzip_excel_json_lines_and_parquet_hold_the_same_table(tmp_path: Path) -> None:
    rows = [(1, "red", "2024-01-31"), (2, "blue", "2024-02-01"), (3, "red", None)]
    book = openpyxl.Workbook()
    for row in [("n", "colour", "day"), *rows]:
        book.active.append(row)
    book.save(tmp_path / "t.xlsx")
    names = ("n", "colour", "day")
    text = "n,colour,day\n" + "".join(f"{n},{c},{d or ''}\n" for n, c, d in rows)
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(text.encode()))
    lines = "".join(json.dumps(dict(zip(names, row, strict=True))) + "\n" for row in rows)
    write(tmp_path, lines + "{broken\n", "t.jsonl")
    pq.write_table(
        pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True))), tmp_path / "t.parquet"
    )
    for name, rejected in {"t.csv.gz": 0, "t.xlsx": 0, "t.jsonl": 1, "t.parquet": 0}.items():
        summary, schema, found = run(tmp_path / name, tmp_path / f"out-{name}")
        assert found == rows and summary.rows_rejected == rejected
        assert schema.column("day").semantic == "datetime" and schema.column("n").physical == "int64"
