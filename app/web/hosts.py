"""Which names this server answers to: a foreign one in `Host` is another site pointed at us (DNS rebinding)."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Collection
from urllib.parse import urlsplit

from app.settings import ServeSettings

_LONGEST_NAME = 253
_ANY_ADDRESS = frozenset({"0.0.0.0", "::"})


class Hosts:
    """The names of this server."""

    def __init__(self, names: Collection[str], *, any_address: bool) -> None:
        """names: lower case, without port.   any_address: a bare IP address is one of ours, whichever it is."""
        self._names = frozenset(names)
        self._any_address = any_address

    def includes(self, header: str) -> bool:
        """Tell whether a `Host` header names this server; the port does not matter."""
        name = host_name(header)
        if name is None:
            return False
        return name in self._names or (self._any_address and _is_address(name))


def hosts_of(settings: ServeSettings) -> Hosts:
    """Return the names of a server: its own, the bound one, the public one, and those an admin adds.

    A server on every interface answers to any bare address: it cannot know them all (a container's host has others),
    and rebinding needs a name, since a page's address bar with our address in it was loaded from us.
    """
    machine = socket.gethostname().lower()
    names = {"localhost", "127.0.0.1", "::1", machine, f"{machine}.local", settings.host.lower()}
    names |= set(settings.allowed_hosts)
    if settings.public_url:
        names.add((urlsplit(settings.public_url).hostname or "").lower())
    return Hosts(names - {"", *_ANY_ADDRESS}, any_address=settings.host in _ANY_ADDRESS)


def host_name(header: str) -> str | None:
    """Return the name in a `Host` header or an origin's authority, lower case; None for what is none."""
    text = header.strip().lower()
    if not text or len(text) > _LONGEST_NAME + len(":65535") or any(sign in text for sign in "/\\@?# "):
        return None
    if text.startswith("["):
        name, _, rest = text[1:].partition("]")
        port = rest.removeprefix(":")
    else:
        name, _, port = text.partition(":")
    return name.removesuffix(".") if name and (not port or (port.isascii() and port.isdigit())) else None


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True
