"""People and their browsers, in words."""

from __future__ import annotations

from app.ui.language import _

_BROWSERS = {"Edg/": "Edge", "Firefox/": "Firefox", "Chrome/": "Chrome", "Safari/": "Safari"}
_SYSTEMS = {
    "Windows": "Windows",
    "Android": "Android",
    "iPhone": "iPhone",
    "Mac OS": "macOS",
    "Linux": "Linux",
}


def browser_word(agent: str) -> str:
    """Return the browser and system that a User-Agent names, roughly; its own words when it names none we know."""
    browser = next((name for mark, name in _BROWSERS.items() if mark in agent), "")
    system = next((name for mark, name in _SYSTEMS.items() if mark in agent), "")
    return ", ".join(part for part in (browser, system) if part) or agent[:60] or _("unknown")


def role_word(role: str) -> str:
    """Return what a role is called in the reader's language."""
    return _("administrator") if role == "admin" else _("member")
