"""Turn the rows of one request, JSON objects or CSV text, into a model's feeds, naming a cell that does not fit.

A number column takes numbers, a text column takes what an import would have made of the value: `3` is "3", `true` is
"true". A missing value is null (JSON) or a missing token of the column (CSV). Text is trimmed inside the model's graph.
"""

from __future__ import annotations

import csv
import difflib
import io
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from engine.errors import BadData
from engine.serving.model import ServedModel
from engine.serving.picture_rows import pictures_from_base64
from engine.serving.pictures import picture_input
from engine.serving.session import Array
from engine.serving.too_many import TooManyRows
from engine.specs.cells import cell_text, style_of
from engine.specs.schema import BLANKS, Column
from engine.words import words

#: More in one request belong into a file and a batch prediction.
MAX_ROWS = 100_000
_FLOAT32_MAX = float(np.finfo(np.float32).max)
_DELIMITERS = ",;\t|"
_PLAIN_NUMBERS = frozenset({int, float, type(None)})

Feeds = dict[str, Array]


def json_feeds(rows: Any, model: ServedModel) -> Feeds:
    """Return the feeds, (rows, 1) each, of a list of objects: column → number, text, true, false or null, or the file
    of a picture in base64.

    Columns of the training table that the model does not read, the target among them, are ignored.
    Raises: BadData when `rows` is no list of objects, empty, or a column is missing, unknown or of a wrong type
        (with row number, from 1, and column); TooManyRows above MAX_ROWS.
    """
    if not isinstance(rows, list):
        raise BadData(
            words("The rows cannot be read. Expected a list of objects. Received {kind}.", kind=_kind(rows)),
            remedy=words("Send {example}.", example='{"rows": [{"column": value, …}]}'),
        )
    _check_count(len(rows))
    for number, row in enumerate(rows, start=1):
        if type(row) is not dict:
            raise BadData(
                words(
                    "Row {row:,} cannot be read. Expected an object, column to value. Received {kind}.",
                    row=number,
                    kind=_kind(row),
                ),
                remedy=words("Send every row as an object."),
            )
    _check_columns(rows, model)
    feeds: Feeds = {}
    for name, kind in model.inputs.items():
        values = [row[name] for row in rows]
        if kind == "image":
            feeds[name] = pictures_from_base64(name, values)
        else:
            feeds[name] = _numbers(name, values) if kind == "float" else _texts(name, values, model)
    return feeds


def csv_feeds(text: str, model: ServedModel) -> Feeds:
    """Return the feeds, (rows, 1) each, of CSV text with a header row; other columns than the model's are ignored.

    The delimiter is a comma, semicolon, tab or bar, whichever makes the most of the model's columns.
    Raises: BadData when a column is missing, a row has another number of cells than the header, or a cell of a number
        column is no number (with row number, from 1, and column); TooManyRows above MAX_ROWS.
    """
    if picture_input(model.inputs) is not None:
        raise BadData(
            words("A CSV cannot carry pictures, which this service reads."),
            remedy=words("Send rows as JSON with pictures in base64, or the picture's file itself."),
        )
    header, rows = _read_csv(text.removeprefix("\ufeff"), model)
    _check_count(len(rows))
    places: dict[str, int] = {}
    for place, written in enumerate(header):
        places.setdefault(_tidy(written), place)
    schema = model.schema
    absent = [name for name in model.inputs if _place(schema.column(name), places) is None]
    if absent:
        raise _missing(absent, list(places))
    feeds: Feeds = {}
    for name, kind in model.inputs.items():
        at = _place(schema.column(name), places)
        cells = [row[at] for row in rows] if at is not None else []
        feeds[name] = _parsed(schema.column(name), cells) if kind == "float" else _objects(cells)
    return feeds


def _check_count(count: int) -> None:
    if count == 0:
        raise BadData(
            words("There is no row to answer. Expected at least one. Received none."),
            remedy=words("Send at least one row."),
        )
    if count > MAX_ROWS:
        raise TooManyRows(
            words(
                "There are too many rows for one request. Expected at most {most:,}. Received {count:,}.",
                most=MAX_ROWS,
                count=count,
            ),
            remedy=words("Send the rows in parts, or answer a file of them on the service's page."),
        )


def _check_columns(rows: Sequence[Mapping[str, Any]], model: ServedModel) -> None:
    wanted, known = set(model.inputs), {*model.inputs, *model.schema.names}
    for number, row in enumerate(rows, start=1):
        if not wanted <= row.keys():
            raise _missing([name for name in model.inputs if name not in row], list(row), row=number)
        if not row.keys() <= known:
            unknown = next(name for name in row if name not in known)
            raise _unknown(unknown, number, _nearest(unknown, list(known)))


def _unknown(name: str, row: int, near: str) -> BadData:
    if near:
        message = words(
            "Row {row:,} has a column {name!r} that the model's table does not have. "
            "The nearest name there is {near!r}.",
            row=row,
            name=name,
            near=near,
        )
    else:
        message = words(
            "Row {row:,} has a column {name!r} that the model's table does not have.", row=row, name=name
        )
    return BadData(message, remedy=words("Rename or leave out the column {name!r}.", name=name))


def _missing(absent: Sequence[str], present: Sequence[str], row: int | None = None) -> BadData:
    shown = ", ".join(repr(name) for name in absent[:10]) + (" …" if len(absent) > 10 else "")
    near = _nearest(absent[0], [name for name in present if name not in absent])
    where = words("The data") if row is None else words("Row {row:,}", row=row)
    if near:
        message = words(
            "{where} lacks {count} of the model's columns: {columns}. The nearest name to {first!r} there is {near!r}.",
            where=where,
            count=len(absent),
            columns=shown,
            first=absent[0],
            near=near,
        )
    else:
        message = words(
            "{where} lacks {count} of the model's columns: {columns}.",
            where=where,
            count=len(absent),
            columns=shown,
        )
    return BadData(
        message, remedy=words("Give every column the model reads; null stands for a missing value.")
    )


def _nearest(name: str, names: Sequence[str]) -> str:
    folded = {other.casefold(): other for other in reversed(names)}
    near = difflib.get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    return folded[near[0]] if near else ""


def _numbers(name: str, values: list[Any]) -> Array:
    if not _PLAIN_NUMBERS.issuperset(map(type, values)):
        at = next(i for i, value in enumerate(values) if type(value) not in _PLAIN_NUMBERS)
        raise _wrong(name, at, words("a number or null"), values[at])
    try:
        doubles = np.array(values, dtype=np.float64)
    except OverflowError:
        doubles = np.array([_double(value) for value in values])
    beyond = np.flatnonzero(np.abs(doubles) > _FLOAT32_MAX)
    if len(beyond):
        raise _wrong(name, int(beyond[0]), words("a number within ±3.4e38"), values[int(beyond[0])])
    return doubles.astype(np.float32).reshape(-1, 1)


def _double(value: float | None) -> float:
    try:
        return np.nan if value is None else float(value)
    except OverflowError:
        return np.inf


def _texts(name: str, values: list[Any], model: ServedModel) -> Array:
    texts: list[str] = []
    for at, value in enumerate(values):
        if type(value) is str:
            texts.append(value)
        elif value is None:
            texts.append("")
        elif isinstance(value, bool):
            texts.append(_spelling(name, cell_text(value), model))
        elif isinstance(value, (int, float)):
            texts.append(repr(value))
        else:
            raise _wrong(name, at, words("text, a number, true, false or null"), value)
    return _objects(texts)


def _spelling(name: str, text: str, model: ServedModel) -> str:
    """Return `text` in the letters that the training table used, such as "True" for "true"."""
    for facts in model.card.inputs:
        if facts.name == name:
            return next((choice for choice in facts.choices if choice.casefold() == text), text)
    return text


def _objects(texts: Sequence[str]) -> Array:
    column = np.empty((len(texts), 1), dtype=object)
    column[:, 0] = texts
    return column


def _parsed(column: Column, cells: Sequence[str]) -> Array:
    style = style_of(column.decimal, column.thousands)
    missing = {"", *column.missing_tokens}
    values: npt.NDArray[np.float64] = np.empty(len(cells))
    for at, cell in enumerate(cells):
        text = cell.strip(BLANKS)
        if text in missing:
            values[at] = np.nan
        elif style.matches(text) and abs(number := style.number(text)) <= _FLOAT32_MAX:
            values[at] = number
        else:
            raise _wrong(column.name, at, words("a number or an empty cell"), cell)
    return values.astype(np.float32).reshape(-1, 1)


def _wrong(name: str, at: int, expected: str, received: Any) -> BadData:
    return BadData(
        words(
            "Row {row:,}, column {name!r} cannot be read. Expected {expected}. Received {received}.",
            row=at + 1,
            name=name,
            expected=expected,
            received=_shown(received),
        ),
        remedy=words("Correct column {name!r} in row {row:,}.", name=name, row=at + 1),
    )


def _shown(value: Any) -> str:
    text = (
        repr(value) if isinstance(value, str) else "a list" if isinstance(value, list) else cell_text(value)
    )
    return "an object" if isinstance(value, dict) else text[:80]


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", type(None): "null"}
    return names.get(type(value), "a number")


def _read_csv(text: str, model: ServedModel) -> tuple[list[str], list[list[str]]]:
    wanted = set(model.inputs)

    def columns_found(delimiter: str) -> int:
        first = next(csv.reader(io.StringIO(text[:1_000_000]), delimiter=delimiter), [])
        return len(wanted & {_tidy(name) for name in first})

    try:
        delimiter = max(_DELIMITERS, key=columns_found)
        header, *rows = [
            row for row in csv.reader(io.StringIO(text), delimiter=delimiter, strict=True) if row
        ] or [[]]
    except csv.Error as error:
        raise BadData(
            words("The CSV cannot be read: {why}.", why=str(error)), remedy=words("Correct the CSV text.")
        ) from error
    for number, row in enumerate(rows, start=1):
        if len(row) != len(header):
            raise BadData(
                words(
                    "Row {row:,} does not fit the header. Expected {expected} cells. Received {received}.",
                    row=number,
                    expected=len(header),
                    received=len(row),
                ),
                remedy=words("Give row {row:,} one cell per column.", row=number),
            )
    return header, rows


def _tidy(name: str) -> str:
    return " ".join(name.replace("\ufeff", "").split())


def _place(column: Column, places: Mapping[str, int]) -> int | None:
    return places.get(column.name, places.get(_tidy(column.source_name)))
