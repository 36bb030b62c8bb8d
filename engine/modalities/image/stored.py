"""How data.parquet holds pictures: each once in a row group, however many of its rows show it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet

from engine.modalities.image.decoding import MOST_BYTES

#: A row group ends at so many bytes of different pictures or so many rows: whoever wants one picture reads one.
GROUP_BYTES, GROUP_ROWS = 8 << 20, 8_192
#: Different pictures, and which of them each row shows.
PICTURES = pa.dictionary(pa.int32(), pa.binary())
#: Parquet is read by pieces of so many bytes.
_READ_BYTES = 1 << 20


def open_stored(data: Path, image: str) -> pyarrow.parquet.ParquetFile:
    """Open data.parquet so that the column `image` comes as `PICTURES`, however it was written."""
    return pyarrow.parquet.ParquetFile(
        data, read_dictionary=[image], pre_buffer=False, buffer_size=_READ_BYTES
    )


def open_writer(data: Path, schema: pa.Schema) -> pyarrow.parquet.ParquetWriter:
    """Open data.parquet for tables whose binary columns come as `PICTURES`; for whoever reads it they are binary.

    Pictures are compressed already, so nothing packs them.
    """
    images = {field.name for field in schema if field.type in (pa.binary(), PICTURES)}
    return pyarrow.parquet.ParquetWriter(
        data,
        pa.schema([field.with_type(PICTURES) if field.name in images else field for field in schema]),
        compression={name: "NONE" if name in images else "ZSTD" for name in schema.names},
        use_dictionary=[
            field.name for field in schema if field.name in images or pa.types.is_string(field.type)
        ],
        # All pictures of a row group, the last of which may be as large as any.
        dictionary_pagesize_limit=GROUP_BYTES + MOST_BYTES,
        store_schema=False,
    )


def only_shown(pictures: pa.DictionaryArray) -> pa.DictionaryArray:
    """Return the same rows (n,) without the pictures that none of them shows."""
    shown = np.unique(pictures.indices.drop_null().to_numpy())
    places = pc.index_in(pictures.indices, value_set=pa.array(shown, pa.int32()))
    return pa.DictionaryArray.from_arrays(places, pictures.dictionary.take(pa.array(shown)))


def read_different(
    data: Path, image: str, wanted: npt.NDArray[np.int64] | None = None
) -> Iterator[tuple[npt.NDArray[np.int64], pa.DictionaryArray]]:
    """Yield row numbers (n,) and what they show (n,), a row group at a time, in file order.

    wanted: ascending rows to read; None for all. A picture that none of them shows is left out.
    """
    with open_stored(data, image) as file:
        first = 0
        for group in range(file.num_row_groups):
            end = first + file.metadata.row_group(group).num_rows
            rows = np.arange(first, end)
            if wanted is not None:
                rows = wanted[np.searchsorted(wanted, first) : np.searchsorted(wanted, end)]
            if len(rows):
                pictures = file.read_row_group(group, columns=[image]).column(0).combine_chunks()
                yield rows, only_shown(pictures.take(pa.array(rows - first)))
            first = end
