"""JSON lines (one object per line) and lists of objects, written out as plain cells."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from engine.errors import BadData
from engine.modalities.table.encoding import read_facts, transcode
from engine.modalities.table.header import Layout
from engine.modalities.table.records import refuse_no_rows
from engine.modalities.table.source import RawTable, Workplace
from engine.modalities.table.text import open_cells
from engine.specs.cells import cell_text

_MAX_LIST_BYTES = 256 << 20
_Row = tuple[int, str, Any, str | None]


def open_json(source: Path, place: Workplace, *, is_list: bool, name: str) -> RawTable:
    """Make JSON objects readable: one column per key, in order of first appearance; nested values stay JSON text.

    Raises: BadData for a list that is too large or broken, for too many keys, and when no object is there.
    """
    facts = read_facts(source, place.limits)
    path = source
    if not facts.is_utf8:
        path = place.temporary("utf8.json")
        transcode(source, path, facts)
    if is_list and path.stat().st_size > _MAX_LIST_BYTES:
        raise BadData(
            f"{name!r} is one JSON list of {path.stat().st_size:,} bytes. Expected at most {_MAX_LIST_BYTES:,}. "
            "Received more.",
            remedy="Save it as JSON lines: one object per line.",
        )
    keys, nested = _collect_keys(_rows(path, is_list, name), place.limits.max_columns)
    if not keys:
        raise refuse_no_rows(name, has_header=False)
    target = place.temporary("objects.csv")
    rejected, first = _write_objects(_rows(path, is_list, name), keys, target, place)
    notes = tuple(f"Column {key!r} holds nested values; they were kept as JSON text." for key in nested[:20])
    layout = Layout(preamble=0, width=len(keys), names=tuple(keys))
    table = open_cells(target, place, name=name, layout=layout)
    return replace(
        table,
        format="jsonl",
        encoding=facts.encoding,
        delimiter="",
        quote="",
        rejected=rejected,
        first_reject=first,
        notes=(*facts.notes, *notes),
    )


def _rows(path: Path, is_list: bool, name: str) -> Iterator[_Row]:
    """Yield (line, text, value, problem)."""
    if is_list:
        try:
            values = json.loads(path.read_text(encoding="utf-8-sig"))
        except (ValueError, RecursionError) as problem:
            raise BadData(
                f"{name!r} is no valid JSON list. Expected a list of objects. Received: {str(problem)[:200]}.",
                remedy="Save it as JSON lines: one object per line.",
            ) from None
        for number, value in enumerate(values, start=1):
            problem_found = None if isinstance(value, dict) else "The element is no JSON object."
            yield number, json.dumps(value, ensure_ascii=False), value, problem_found
        return
    with path.open(encoding="utf-8-sig", newline="\n") as file:
        for number, line in enumerate(file, start=1):
            if not line.strip():
                continue
            try:
                value = json.loads(line)
            except (ValueError, RecursionError):
                yield number, line, None, "The line is no valid JSON."
                continue
            yield number, line, value, None if isinstance(value, dict) else "The line is no JSON object."


def _collect_keys(rows: Iterator[_Row], max_columns: int) -> tuple[list[str], list[str]]:
    keys: dict[str, None] = {}
    nested: dict[str, None] = {}
    for _, _, value, problem in rows:
        if problem:
            continue
        keys |= dict.fromkeys(value)
        nested |= {key: None for key, item in value.items() if isinstance(item, (dict, list))}
        if len(keys) > max_columns:
            raise BadData(
                f"The objects have more than {max_columns:,} different keys. Expected at most {max_columns:,}. "
                f"Received {len(keys):,}.",
                remedy="Keep the keys you need.",
            )
    return list(keys), list(nested)


def _write_objects(
    rows: Iterator[_Row], keys: list[str], target: Path, place: Workplace
) -> tuple[int, tuple[int, str] | None]:
    rejected, first = 0, None
    with target.open("w", encoding="utf-8", newline="", errors="replace") as out:
        writer = csv.writer(out)  # its "\r\n" makes it quote cells that hold a "\r"
        writer.writerow(keys)
        for line, text, value, problem in rows:
            if problem is None:
                writer.writerow([_text(value.get(key)) for key in keys])
                continue
            place.rejects.add(line, problem, text)
            rejected, first = rejected + 1, first or (line, problem)
    return rejected, first


def _text(value: object) -> str:
    if isinstance(value, (dict, list)):
        return json.dumps(value, ensure_ascii=False)
    return repr(value) if isinstance(value, float) else cell_text(value)
