from __future__ import annotations

import random
import subprocess
import sys
from pathlib import Path

import pytest

from engine.errors import WorkFailed
from engine.search.ledger import Ledger, latest, read_records
from engine.specs.search import TrialRecord
from engine.specs.training import Candidate


def _record(number: int) -> TrialRecord:
    candidate = Candidate(id=f"a-t{number}", family="a", params={"x": number / 7, "name": "ü\n{"})
    return TrialRecord(number=number, candidate=candidate, state="complete", score=0.5, steps=((1, 0.25),))


def _filled(path: Path, count: int) -> list[TrialRecord]:
    with Ledger(path) as ledger:
        for number in range(count):
            ledger.append(_record(number))
        return list(ledger.records())


def test_what_was_appended_is_read_again(tmp_path: Path) -> None:
    written = _filled(tmp_path / "l", 5)
    with Ledger(tmp_path / "l") as ledger:
        assert list(ledger.records()) == written == [_record(number) for number in range(5)]
        assert not ledger.damaged


def test_a_ledger_cut_anywhere_keeps_its_whole_lines_and_takes_new_ones(tmp_path: Path) -> None:
    _filled(tmp_path / "l", 3)
    content = (tmp_path / "l").read_bytes()
    ends = [at + 1 for at, byte in enumerate(content) if byte == ord("\n")]
    for cut in range(0, len(content), 7):
        (tmp_path / "l").write_bytes(content[:cut])
        whole = sum(end - 1 <= cut for end in ends)
        with Ledger(tmp_path / "l") as ledger:
            ledger.append(_record(9))
        with Ledger(tmp_path / "l") as ledger:
            assert [one.number for one in ledger.records()] == [*range(whole), 9]


def test_one_flipped_bit_costs_at_most_its_own_line(tmp_path: Path) -> None:
    written = _filled(tmp_path / "l", 4)
    content = (tmp_path / "l").read_bytes()
    chance = random.Random(1)
    for _ in range(150):
        at = chance.randrange(len(content))
        flipped = bytearray(content)
        flipped[at] ^= 1 << chance.randrange(8)
        found, _ = read_records(bytes(flipped))
        line = content[:at].count(b"\n")
        assert [one for one in written if one.number != line] == [one for one in found if one.number != line]


def test_a_damaged_ledger_is_kept_aside_and_mended(tmp_path: Path) -> None:
    _filled(tmp_path / "l", 3)
    content = bytearray((tmp_path / "l").read_bytes())
    content[len(content) // 2] ^= 4
    (tmp_path / "l").write_bytes(content)
    with Ledger(tmp_path / "l") as ledger:
        assert [one.number for one in ledger.records()] == [0, 2]
        assert ledger.damaged
        ledger.append(_record(7))
    assert (tmp_path / "l.damaged").read_bytes() == content
    with Ledger(tmp_path / "l") as ledger:
        assert [one.number for one in ledger.records()] == [0, 2, 7]
        assert not ledger.damaged


def test_only_one_process_writes_a_ledger(tmp_path: Path) -> None:
    with Ledger(tmp_path / "l"), pytest.raises(WorkFailed, match="another process"):
        Ledger(tmp_path / "l")
    with Ledger(tmp_path / "l") as ledger:
        assert ledger.records() == ()


def test_a_full_disk_leaves_no_half_line(tmp_path: Path) -> None:
    """A file size limit stands in for a full disk: the write that crosses it comes back short or fails."""
    program = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from engine.search.ledger import Ledger\n"
        "from tests.engine.search.test_ledger import _record\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "ledger = Ledger(Path(sys.argv[1]))\n"
        "ledger.append(_record(0)); size = Path(sys.argv[1]).stat().st_size\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (size + 40, resource.RLIM_INFINITY))\n"
        "try: ledger.append(_record(1))\n"
        "except OSError: pass\n"
        "else: sys.exit('nothing was said')\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))\n"
        "ledger.append(_record(2))\n"
    )
    root = Path(__file__).parents[3]
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path / "l")], cwd=root, check=False)
    assert done.returncode == 0
    found, whole = read_records((tmp_path / "l").read_bytes())
    assert [one.number for one in found] == [0, 2]
    assert whole == (tmp_path / "l").read_bytes()


def test_the_latest_fact_about_a_trial_counts() -> None:
    first, second = _record(1), TrialRecord(number=1, candidate=_record(1).candidate, state="failed")
    assert latest((_record(2), first, second)) == {1: second, 2: _record(2)}
