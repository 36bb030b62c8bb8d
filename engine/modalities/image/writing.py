"""Write pictures row by row into data.parquet, and the groups of look-alikes once all have been seen."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet

from engine.modalities.image.columns import IMAGE, PATH, SIZES, arrow_schema
from engine.modalities.image.look_alikes import THUMB_SIDE, find_groups
from engine.modalities.image.measures import NAMES
from engine.modalities.image.reading import Rows, as_columns
from engine.specs.pictures import LOOK_ALIKES
from engine.specs.schema import Schema

#: A row group ends at so many bytes of pictures or so many rows: whoever wants one picture reads one row group.
_GROUP_BYTES, _GROUP_ROWS = 8 << 20, 16_384
#: Columns that come from the pictures and not from the source.
_OWN = frozenset({IMAGE, PATH, *SIZES, *NAMES})


class PictureWriter:
    """Writes rows as they come; memory holds one row group, and 32 bytes per picture for the look-alikes.

    Use it as a context manager; `finish` makes the file whole.
    """

    def __init__(self, folder: Path, schema: Schema) -> None:
        self._schema, self._arrow = schema, arrow_schema(schema)
        self._first, self._thumbs_path = folder / ".tmp-pictures.parquet", folder / ".tmp-thumbs"
        self._writer = _open(self._first, self._arrow)
        self._thumbs = self._thumbs_path.open("wb")
        self._columns: dict[str, list[Any]] = {name: [] for name in schema.names if name != LOOK_ALIKES}
        self._beside = [name for name in self._columns if name not in _OWN]
        self._bytes = 0
        self._digests = bytearray()
        self._hashes: list[npt.NDArray[np.uint64]] = []
        self._sides: list[npt.NDArray[np.int64]] = []
        self.rows = 0

    def __enter__(self) -> PictureWriter:
        return self

    def __exit__(self, *_: object) -> None:
        self._writer.close()
        self._thumbs.close()

    def add(self, rows: Rows) -> None:
        """Take the good rows of a batch.   Raises: OSError."""
        columns = self._columns
        for entry, content in zip(rows.entries, rows.contents, strict=True):
            columns[IMAGE].append(content)
            columns[PATH].append(entry.name)
            for name in self._beside:
                columns[name].append(entry.values.get(name))
            self._bytes += len(content)
        for name, values in as_columns(rows).items():
            columns[name].extend(values.tolist())
        self._thumbs.write(rows.thumbs.tobytes())
        self._digests += b"".join(rows.digests)
        self._hashes.append(rows.hashes)
        self._sides.append(rows.sizes.min(axis=1, initial=1 << 30))
        self.rows += len(rows.entries)
        if self._bytes >= _GROUP_BYTES or len(columns[IMAGE]) >= _GROUP_ROWS:
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
        return groups

    def _flush(self) -> None:
        if not self._columns[IMAGE]:
            return
        missing = {LOOK_ALIKES: [None] * len(self._columns[IMAGE])}
        self._writer.write_table(pa.table(self._columns | missing, schema=self._arrow))
        for values in self._columns.values():
            values.clear()
        self._bytes = 0

    def _groups(self) -> npt.NDArray[np.int64]:
        if not self.rows:
            return np.zeros(0, np.int64)
        thumbs = np.memmap(self._thumbs_path, np.uint8, "r", shape=(self.rows, THUMB_SIDE, THUMB_SIDE, 3))
        digests = np.frombuffer(self._digests, "V16")
        return find_groups(digests, np.concatenate(self._hashes), thumbs, np.concatenate(self._sides))

    def _copy_with_groups(self, data: Path, groups: npt.NDArray[np.int64]) -> None:
        """Copy row group by row group; the groups are known only now."""
        place = self._schema.names.index(LOOK_ALIKES)
        start = 0
        with pyarrow.parquet.ParquetFile(self._first) as file, _open(data, self._arrow) as writer:
            for i in range(file.num_row_groups):
                table = file.read_row_group(i)
                part = groups[start : start + table.num_rows].tolist()
                start += table.num_rows
                named = pa.array([f"g{group + 1}" if group >= 0 else None for group in part], pa.string())
                writer.write_table(table.set_column(place, LOOK_ALIKES, named))


def _open(path: Path, schema: pa.Schema) -> pyarrow.parquet.ParquetWriter:
    """Pictures are compressed already, and no two alike: neither packing nor a dictionary would gain anything."""
    others = [name for name in schema.names if name != IMAGE]
    return pyarrow.parquet.ParquetWriter(
        path,
        schema,
        compression={name: "NONE" if name == IMAGE else "ZSTD" for name in schema.names},
        use_dictionary=[name for name in others if pa.types.is_string(schema.field(name).type)],
    )
