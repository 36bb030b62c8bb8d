"""Open a file of any format as a raw table."""

from __future__ import annotations

from pathlib import Path

from engine.errors import BadData
from engine.modalities.table.excel import open_excel
from engine.modalities.table.jsonlines import open_json
from engine.modalities.table.parquet import open_parquet
from engine.modalities.table.source import RawTable, Workplace
from engine.modalities.table.text import open_text
from engine.providers.local_file import table_format, unpack_gzip


def open_table(source: Path, place: Workplace) -> RawTable:
    """Return the raw table in `source`, by its content rather than its name.

    Raises: BadData when it holds no table.
    """
    kind = table_format(source)
    suffix, path = source.suffix, source
    if kind == "gzip":
        path = place.temporary(f"unpacked{Path(source.stem).suffix.lower()}")
        unpack_gzip(source, path, max_bytes=place.limits.max_unpacked_bytes)
        suffix, kind = path.suffix, table_format(path)
    if kind == "gzip":
        raise BadData(
            f"{source.name!r} is compressed twice. Expected a table inside. Received another gzip file.",
            remedy="Unpack it and give the table itself.",
        )
    if kind == "parquet":
        return open_parquet(path, place)
    if kind in {"jsonl", "json"}:
        return open_json(path, place, is_list=kind == "json", name=source.name)
    if kind == "excel":
        return open_excel(path, place, name=source.name)
    return open_text(path, place, suffix=suffix, name=source.name)
