"""Write pictures row by row into data.parquet, and the groups of look-alikes once all have been seen."""

from __future__ import annotations

from array import array
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.modalities.image.columns import IMAGE, PATH, SIZES, arrow_schema
from engine.modalities.image.look_alikes import THUMB_SIDE, find_groups
from engine.modalities.image.measures import NAMES
from engine.modalities.image.reading import Rows, as_columns
from engine.modalities.image.stored import GROUP_BYTES, GROUP_ROWS, open_stored, open_writer
from engine.specs.pictures import LOOK_ALIKES
from engine.specs.schema import Schema

#: Columns that come from the pictures and not from the source.
_OWN = frozenset({IMAGE, PATH, *SIZES, *NAMES})


class PictureWriter:
    """Writes rows as they come; memory holds one row group, and for the look-alikes 4 bytes per row and some 50 per
    picture.

    A picture that many rows show is kept once in each row group. Use it as a context manager; `finish` makes the file
    whole.
    """

    def __init__(self, folder: Path, schema: Schema) -> None:
        self._schema, self._arrow = schema, arrow_schema(schema)
        self._first, self._thumbs_path = folder / ".tmp-pictures.parquet", folder / ".tmp-thumbs"
        self._writer = open_writer(self._first, self._arrow)
        self._thumbs = self._thumbs_path.open("wb")
        self._columns: dict[str, list[Any]] = {name: [] for name in schema.names if name != LOOK_ALIKES}
        self._beside = [name for name in self._columns if name not in _OWN]
        self._contents: dict[bytes, int] = {}
        self._bytes = 0
        self._shown = array("I")
        self._digests = bytearray()
        self._hashes: list[npt.NDArray[np.uint64]] = []
        self._sides: list[npt.NDArray[np.int64]] = []
        self.rows = self._pictures = 0

    def __enter__(self) -> PictureWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()
        self._thumbs.close()

    def add(self, rows: Rows) -> None:
        """Take the good rows of a batch.   Raises: OSError."""
        columns = self._columns
        places = [self._place(content) for content in rows.contents]
        columns[IMAGE].extend([places[picture] for picture in rows.pictures.tolist()])
        columns[PATH].extend([entry.name for entry in rows.entries])
        for name in self._beside:
            columns[name].extend([entry.values.get(name) for entry in rows.entries])
        for name, values in as_columns(rows).items():
            columns[name].extend(values.tolist())
        self._shown.frombytes((rows.pictures + self._pictures).astype(np.uint32).tobytes())
        self._thumbs.write(rows.thumbs.tobytes())
        self._digests += b"".join(rows.digests)
        self._hashes.append(rows.hashes)
        self._sides.append(rows.sizes.min(axis=1, initial=1 << 30))
        self.rows += len(rows.entries)
        self._pictures += len(rows.contents)
        if self._bytes >= GROUP_BYTES or len(columns[IMAGE]) >= GROUP_ROWS:
            self._flush()

    def finish(self, data: Path) -> npt.NDArray[np.int64]:
        """Make `data` whole and return each row's group of look-alikes, −1 for none.   Raises: OSError."""
        self._flush()
        self._writer.close()
        self._thumbs.close()
        groups = self._groups()
        if (groups >= 0).any():
            self._copy_with_groups(data, groups)
            self._first.unlink()
        else:
            self._first.rename(data)
        self._thumbs_path.unlink()
        # What Arrow keeps for later: whoever imports goes on with other work.
        pa.default_memory_pool().release_unused()
        return groups

    def _place(self, content: bytes) -> int:
        """Where the row group holds a picture."""
        place = self._contents.setdefault(content, len(self._contents))
        if place == len(self._contents) - 1:
            self._bytes += len(content)
        return place

    def _flush(self) -> None:
        if not self._columns[IMAGE]:
            return
        pictures = pa.DictionaryArray.from_arrays(
            pa.array(self._columns[IMAGE], pa.int32()), pa.array(list(self._contents), pa.binary())
        )
        missing = pa.nulls(len(pictures), pa.string())
        table = pa.table(self._columns | {IMAGE: pictures, LOOK_ALIKES: missing}, schema=self._writer.schema)
        self._writer.write_table(table)
        for values in self._columns.values():
            values.clear()
        self._contents.clear()
        self._bytes = 0

    def _groups(self) -> npt.NDArray[np.int64]:
        if not self.rows:
            return np.zeros(0, np.int64)
        thumbs = np.memmap(
            self._thumbs_path, np.uint8, "r", shape=(self._pictures, THUMB_SIDE, THUMB_SIDE, 3)
        )
        digests = np.frombuffer(self._digests, "V16")
        shown = np.frombuffer(self._shown, np.uint32)
        groups = find_groups(
            digests, np.concatenate(self._hashes), thumbs, np.concatenate(self._sides), np.bincount(shown)
        )
        return groups[shown]

    def _copy_with_groups(self, data: Path, groups: npt.NDArray[np.int64]) -> None:
        """Copy row group by row group; the groups are known only now."""
        place = self._schema.names.index(LOOK_ALIKES)
        start = 0
        with open_stored(self._first, IMAGE) as file, open_writer(data, self._arrow) as writer:
            for i in range(file.num_row_groups):
                table = file.read_row_group(i, use_threads=False)
                part = groups[start : start + table.num_rows].tolist()
                start += table.num_rows
                named = pa.array([f"g{group + 1}" if group >= 0 else None for group in part], pa.string())
                writer.write_table(table.set_column(place, LOOK_ALIKES, named))
