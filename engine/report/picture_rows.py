"""The pictures of a run that are asked about and shown: files, names, measures, groups, in bounded memory."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq
from PIL import Image

from engine.modalities.image import decode, thumbnail
from engine.modalities.image.columns import PATH
from engine.report.examine import TestRows
from engine.serving.model import prediction_of
from engine.serving.pictures import run_pictures
from engine.serving.session import Session
from engine.serving.stored_rows import read_target, stream_rows
from engine.specs.pictures import LOOK_ALIKES
from engine.specs.training import SelectedModel
from engine.sql import parquet, quote_name
from engine.training.answers import ANSWERS, OUT_OF_FOLD
from engine.training.candidates import REFIT

#: Longer side in pixels of what a report shows.
SHOWN_SIDE = 96
#: A long strip keeps its shorter side, but not for any length.
_LONGEST_SIDE = 1024
Doubles = npt.NDArray[np.float64]
Pixels = npt.NDArray[np.uint8]
Rows = npt.NDArray[np.int64]


@dataclass(frozen=True, kw_only=True)
class PictureRows:
    """Where the pictures are.   image: their column."""

    rows: TestRows
    image: str

    def listed(self, query: str) -> Rows:
        """Return the rows of `query` in file order, as `stream_rows` gives them."""
        found = self._connection.sql(f"SELECT DISTINCT _row FROM ({query}) ORDER BY _row").to_arrow_table()
        return np.asarray(found.column("_row").to_numpy(), dtype=np.int64)

    def target(self, rows: Rows) -> Doubles:
        """Return y of ascending `rows`."""
        task = self.rows.task
        return read_target(self._connection, self.rows.data, task.target, task.classes, _query(rows))

    def files(self, rows: Iterable[int]) -> Iterator[list[tuple[int, bytes]]]:
        """Yield some (row, file) at a time, in file order; rows without a picture are passed over."""
        wanted = np.unique(np.fromiter(rows, dtype=np.int64))
        numbers = iter(wanted.tolist())
        for batch in stream_rows(
            self._connection, self.rows.data, self.rows.schema, _query(wanted), columns=[self.image]
        ):
            held = [(next(numbers), value.as_py()) for value in batch.column(0)]
            yield [(row, content) for row, content in held if content]

    def names(self, rows: Iterable[int]) -> dict[int, str]:
        """Return row → the picture's name in the source; the row's number where it has none."""
        wanted = np.unique(np.fromiter(rows, dtype=np.int64))
        named = {int(row): f"#{row + 1}" for row in wanted.tolist()}
        if PATH not in self.rows.schema.names or not len(wanted):
            return named
        found = self._connection.execute(
            f"SELECT file_row_number, {quote_name(PATH)} FROM {parquet(self.rows.data, numbered=True)} "
            f"WHERE file_row_number IN ({_query(wanted)})"
        ).fetchall()
        return named | {int(row): str(path) for row, path in found if path}

    def measured(self, sets: Sequence[str], most: int) -> tuple[Mapping[str, Doubles], Doubles]:
        """Return the measured numbers, column → (rows,), and y (rows,), of at most `most` rows of some sets."""
        columns = [
            column.name
            for column in self.rows.schema.columns
            if column.measured_from == self.image and column.semantic == "number"
        ]
        listed = ", ".join(f"'{name}'" for name in sets)
        rows = self.listed(
            f"SELECT _row FROM {parquet(self.rows.split)} WHERE _set IN ({listed}) "
            f"ORDER BY hash(_row), _row LIMIT {most}"
        )
        if not columns:
            return {}, np.empty(0)
        select = ", ".join(
            f"coalesce(CAST({quote_name(name)} AS DOUBLE), 'nan'::DOUBLE) AS {quote_name(name)}"
            for name in columns
        )
        table = self._connection.sql(
            f"SELECT {select} FROM {parquet(self.rows.data, numbered=True)} "
            f"WHERE file_row_number IN ({_query(rows)}) ORDER BY file_row_number"
        ).to_arrow_table()
        values = {name: np.asarray(table[name].to_numpy(), dtype=np.float64) for name in columns}
        return values, self.target(rows)

    def contradictions(self, most: int) -> tuple[int, list[list[tuple[int, str]]]]:
        """Return how many groups of look-alikes have several labels, and (row, label) of the first `most`."""
        if LOOK_ALIKES not in self.rows.schema.names or not self.rows.task.classes:
            return 0, []
        group, label = quote_name(LOOK_ALIKES), f"CAST({quote_name(self.rows.task.target)} AS VARCHAR)"
        found = self._connection.execute(
            f"SELECT list(file_row_number ORDER BY file_row_number), list({label} ORDER BY file_row_number) "
            f"FROM {parquet(self.rows.data, numbered=True)} WHERE {group} <> '' AND {label} <> '' "
            f"GROUP BY {group} HAVING count(DISTINCT {label}) > 1 ORDER BY min(file_row_number)"
        ).fetchall()
        return len(found), [list(zip(rows, labels, strict=True)) for rows, labels in found[:most]]

    @property
    def _connection(self) -> duckdb.DuckDBPyConnection:
        return self.rows.connection


class Asker:
    """Asks a model of pictures only about pixels of any size.   name: of its input."""

    def __init__(self, session: Session, name: str) -> None:
        self._session, self._name = session, name

    def same_size(self, pixels: Pixels) -> Doubles:
        """Return the scores (n, outputs) of pictures of one size, (n, H, W, 3)."""
        outputs = run_pictures(self._session, {self._name: pixels}, self._name)
        return prediction_of(outputs).scores.astype(np.float64)

    def each(self, pictures: Sequence[Pixels]) -> Doubles:
        """Return the scores (n, outputs) of pictures of any sizes."""
        places: dict[tuple[int, ...], list[int]] = {}
        for place, pixels in enumerate(pictures):
            places.setdefault(pixels.shape, []).append(place)
        order = np.concatenate([np.array(group) for group in places.values()])
        parts = [self.same_size(np.stack([pictures[i] for i in group])) for group in places.values()]
        scores: Any = np.concatenate(parts)
        return np.asarray(scores[np.argsort(order)], dtype=np.float64)

    def files(self, files: Sequence[bytes]) -> Doubles:
        """Return the scores (n, outputs) of pictures as files, decoded a few at a time."""
        feed = np.empty((len(files), 1), dtype=object)
        feed[:, 0] = files
        outputs = run_pictures(self._session, {self._name: feed}, self._name)
        return prediction_of(outputs).scores.astype(np.float64)


def unseen_answers(models: Path, members: Sequence[SelectedModel]) -> tuple[Rows, Doubles, Doubles]:
    """Return rows, y and scores of what the chosen models answered to rows that they had not learned from.

    Where a model was trained once more on validation rows too, the answers are those of its first training.
    Shapes: rows, y (n,); scores (n, outputs), the members' mean by weight, in file order.
    """
    total = sum(member.weight for member in members)
    rows, y, mixed = np.empty(0, np.int64), np.empty(0), np.empty((0, 1))
    for place, member in enumerate(members):
        folder = models / member.candidate.removesuffix(REFIT)
        crossed = folder / OUT_OF_FOLD
        table = pq.read_table(
            crossed if crossed.exists() else folder / ANSWERS, filters=[("_set", "=", "valid")]
        )
        table = table.sort_by("_row")
        names = sorted((n for n in table.column_names if n.startswith("score_")), key=lambda n: int(n[6:]))
        scores = np.column_stack([table[name].to_numpy() for name in names]) * (member.weight / total)
        here = table["_row"].to_numpy().astype(np.int64)
        if place == 0:
            rows, y, mixed = here, table["_y"].to_numpy().astype(np.float64), scores
            continue
        _, mine, theirs = np.intersect1d(rows, here, assume_unique=True, return_indices=True)
        rows, y, mixed = rows[mine], y[mine], mixed[mine] + scores[theirs]
    return rows, y, mixed


def shown(content: bytes | None) -> str:
    """Return a picture's small JPEG file in base64; "" where there is no picture."""
    return base64.b64encode(thumbnail(content, SHOWN_SIDE)).decode() if content else ""


def small_pixels(content: bytes, side: int) -> Pixels:
    """Return a picture's pixels, (H, W, 3), reduced by a whole factor where it has much more than a model sees.

    side: at which the model sees pictures; the shorter side keeps twice as many pixels.
    """
    pixels = decode(content)
    factor = max(min(pixels.shape[:2]) // (2 * side), -(-max(pixels.shape[:2]) // _LONGEST_SIDE))
    return pixels if factor <= 1 else np.asarray(Image.fromarray(pixels).reduce(factor))


def _query(rows: Rows) -> str:
    return f"SELECT unnest({rows.tolist()}::BIGINT[]) AS _row"
