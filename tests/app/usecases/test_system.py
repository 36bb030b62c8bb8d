from __future__ import annotations

import http.server
import threading
from dataclasses import replace
from datetime import timedelta

from app.usecases.person import Person
from app.usecases.system import system_view
from app.wiring import Appliance
from store import users
from store.table import now
from store.users import Session, User
from tests.app.usecases.walking import ADA, BOB


def test_the_machine_is_measured(box: Appliance) -> None:
    seen = system_view(box, ADA)

    assert 0 < seen.disk_free_bytes <= seen.disk_bytes
    assert seen.memory_bytes and seen.memory_free_bytes and seen.own_bytes
    assert seen.own_bytes < seen.memory_bytes
    assert {"duckdb", "disk"} <= {check.name for check in seen.checks}
    assert seen.database_bytes > 0


def test_the_plane_is_asked_and_not_believed(box: Appliance) -> None:
    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200 if self.path == "/v2/health/live" else 404)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Stay quiet."""

    with http.server.HTTPServer(("127.0.0.1", 0), Healthy) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        here = replace(box, serve=replace(box.serve, inference_port=server.server_port))
        assert system_view(here, ADA).plane == "answers"
        server.shutdown()
    assert system_view(here, ADA).plane == "silent"


def test_administrators_see_everybody_and_members_themselves(box: Appliance) -> None:
    for person in (ADA, BOB):
        _sign_in(box, person, hours=1)
    _sign_in(box, BOB, hours=-1)

    assert sorted(p.name for p in system_view(box, ADA).present) == ["ada", "bob"]
    assert [p.name for p in system_view(box, BOB).present] == ["bob"]


def _sign_in(box: Appliance, who: Person, *, hours: int) -> None:
    at = now()
    user = User(
        id=who.id, name=who.name, display=who.display, role=who.role, password_hash="!", created_at=at
    )
    session = Session(
        token_hash=f"{who.id}{hours}",
        user_id=who.id,
        created_at=at,
        seen_at=at,
        expires_at=at + timedelta(hours=hours),
        agent="Firefox",
        address="10.0.0.1",
    )
    with box.db.write() as tx:
        if users.get(tx, who.id) is None:
            users.add(tx, user)
        users.add_session(tx, session)
