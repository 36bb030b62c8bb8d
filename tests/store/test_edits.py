from __future__ import annotations

import stat
from pathlib import Path

from store import edits


def test_lines_come_back_in_order(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    assert edits.read(path) == ()

    edits.append(path, {"n": 1, "label": "猫"})
    edits.append(path, {"n": 2})

    assert edits.read(path) == ({"n": 1, "label": "猫"}, {"n": 2})
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_half_a_line_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    edits.append(path, {"n": 1})
    with path.open("ab") as file:
        file.write(b'{"n": 2, "lab')

    assert edits.read(path) == ({"n": 1},)
    edits.append(path, {"n": 3})
    assert edits.read(path) == ({"n": 1}, {"n": 3})


def test_what_is_no_line_of_ours_is_passed_over(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    path.write_bytes(b'[1]\n\xff\xfe\n\n{"n": 1}\nnull\n')

    assert edits.read(path) == ({"n": 1},)
