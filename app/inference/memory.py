"""Give memory back to the machine after work that took much of it for a moment."""

from __future__ import annotations

import ctypes
import gc
from collections.abc import Callable


def _trimmer() -> Callable[[int], int]:
    """Return the C library's malloc_trim; other libraries than glibc need none, or have none."""
    try:
        found: Callable[[int], int] = ctypes.CDLL(None).malloc_trim
    except (AttributeError, OSError):
        return lambda keep: 0
    return found


_TRIM = _trimmer()


def give_back() -> None:
    """Return what was freed to the machine.

    glibc keeps small freed blocks for later: loading a model of 9 MB leaves 50 MiB behind, which an idle plane would
    hold until its end. It takes some ms.
    """
    gc.collect()
    _TRIM(0)
