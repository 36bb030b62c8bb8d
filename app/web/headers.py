"""Headers on every answer: what a browser may load and do with it, and that private answers are never kept."""

from __future__ import annotations

import base64
import hashlib
import re
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path

from starlette.datastructures import MutableHeaders

from app.settings import ServeSettings

#: Our own pages: no script but files of ours.
PLAIN_CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
#: The API's documentation: as plain pages, but its library sets styles in place.
DOCS_CSP = PLAIN_CSP.replace("style-src 'self'", "style-src 'self' 'unsafe-inline'")
#: A report: one page that carries its pictures and styles; it may run nothing and reach nothing.
REPORT_CSP = (
    "default-src 'none'; style-src 'unsafe-inline'; img-src data:; font-src data:; sandbox allow-popups; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
)
_YEAR_SECONDS = 365 * 86_400
_ASSET_SECONDS = 3600


@lru_cache(maxsize=1)
def portal_csp() -> str:
    """Return the policy of Streamlit's pages: itself, and the inline scripts of its own index.html by their hashes.

    `blob:` is for inline components, `wasm-unsafe-eval` for Graphviz, inline styles for nearly every element.
    """
    spec = find_spec("streamlit")
    assert spec is not None and spec.origin is not None
    page = (Path(spec.origin).parent / "static" / "index.html").read_bytes()
    scripts = re.findall(rb"<script>(.*?)</script>", page, re.DOTALL)
    hashes = " ".join(
        f"'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'" for script in scripts
    )
    return (
        f"default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob: {hashes}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
        # A picture that the camera took is a data address, which the page asks itself for to make a file of it.
        "connect-src 'self' data:; "
        "worker-src 'self' blob:; media-src 'self' blob: data:; frame-src 'self' blob: data:; object-src 'none'; "
        "base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
    )


def secure(headers: MutableHeaders, settings: ServeSettings, *, kept: bool) -> None:
    """Add the security headers to an answer.   kept: a file that is the same for everyone and may be cached.

    A policy that a handler has set itself stands: only reports do.
    """
    headers.setdefault("Content-Security-Policy", portal_csp())
    headers["X-Content-Type-Options"] = "nosniff"
    headers["X-Frame-Options"] = "SAMEORIGIN" if "'self'" in _ancestors(headers) else "DENY"
    headers["Referrer-Policy"] = "same-origin"
    headers["Cross-Origin-Opener-Policy"] = "same-origin"
    headers["Cross-Origin-Resource-Policy"] = "same-origin"
    headers["Permissions-Policy"] = "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"
    if settings.is_https:
        headers["Strict-Transport-Security"] = f"max-age={_YEAR_SECONDS}"
    if kept:
        headers.setdefault("Cache-Control", f"public, max-age={_ASSET_SECONDS}")  # Streamlit says its own
    else:
        headers["Cache-Control"] = "no-store"


def _ancestors(headers: MutableHeaders) -> str:
    return headers["Content-Security-Policy"].rpartition("frame-ancestors")[2]
