"""How the gate tells the pages who is there: headers that Streamlit hands on as `st.user`, which app/ui reads."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import quote

from app.usecases.person import Person

#: header → claim, the same as `server.trustedUserHeaders` in .streamlit/config.toml. The gate strips them on arrival.
#: Streamlit takes a socket back after a lost line only if every value is the same: none may change in a session.
IDENTITY_HEADERS: Mapping[str, str] = {
    "X-Aimass-Id": "id",
    "X-Aimass-User": "name",
    "X-Aimass-Display": "display",
    "X-Aimass-Role": "role",
}


def headers_of(who: Person) -> list[tuple[bytes, bytes]]:
    """Return the identity headers of a person, percent-encoded: header values are ASCII, names are not."""
    claims = {"id": who.id, "name": who.name, "display": who.display, "role": who.role}
    return [
        (header.lower().encode(), quote(claims[claim], safe="").encode())
        for header, claim in IDENTITY_HEADERS.items()
    ]
