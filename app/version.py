"""Which AI Mass this is."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version


def aimass_version() -> str:
    """Return the installed version, or "0" from a bare checkout."""
    try:
        return version("aimass")
    except PackageNotFoundError:
        return "0"
