"""Names for things that nobody chose a name for: sixteen characters, in the order of their making."""

from __future__ import annotations

import re
import secrets
import threading
import time

#: Crockford's base 32 in lower case: its order as text is its order as numbers, and no letter looks like a digit.
ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
LENGTH = 16
_RANDOM_BITS = 36  # 80 bits are sixteen characters; 44 of them count milliseconds until the year 2527
_PATTERN = re.compile(rf"[{ALPHABET}]{{{LENGTH}}}")

_lock = threading.Lock()
_last = 0


def new_id() -> str:
    """Return an identifier that sorts after every earlier one of this process; unique, but no secret."""
    global _last
    with _lock:
        number = (time.time_ns() // 1_000_000 << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS)
        # Within one millisecond, or after the clock was set back, count on from the last.
        _last = number = max(number, _last + 1)
    return "".join(ALPHABET[number >> 5 * place & 31] for place in reversed(range(LENGTH)))


def is_id(text: str) -> bool:
    """Tell whether `text` could be one of ours; anything that becomes part of a path is asked this first.

    >>> is_id("../../etc/passwd")
    False
    """
    return _PATTERN.fullmatch(text) is not None
