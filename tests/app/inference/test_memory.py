"""What was freed goes back to the machine."""

from __future__ import annotations

import psutil

from app.inference.memory import give_back


def test_freed_blocks_do_not_stay() -> None:
    give_back()
    held = psutil.Process().memory_info().rss
    # Small blocks, every thousandth of which stays: the heap can shrink from within only.
    blocks = [bytes(2_000 + number % 7) for number in range(30_000)]
    kept = blocks[::1000]
    assert psutil.Process().memory_info().rss - held > 40 << 20
    del blocks
    give_back()
    assert len(kept) == 30 and psutil.Process().memory_info().rss - held < 10 << 20
