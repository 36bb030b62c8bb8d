"""Nothing gets past the gate without a caller: pages, websocket, files and API alike (SECURITY A, B, E11)."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from app.web.gate import PUBLIC_PATHS, PUBLIC_PREFIXES, is_public
from tests.served import ROOT, Client, Served

pytestmark = pytest.mark.slow

#: What anyone may ask for, and why. A new public route must be added here by hand.
PUBLIC = {
    "/login": "to sign in",
    "/setup/{token}": "to make the first account, with the token",
    "/password/{token}": "to choose a password, with the token",
    "/lang/{code}": "to read the sign-in page",
    "/healthz": "for whoever watches the server",
    "/favicon.ico": "an icon",
    "/assets/brand/{path}": "the logo",
    "/assets/{path}": "styles and scripts of the pages above",
    "/static/{path}": "Streamlit's own code, public as a package",
}


@pytest.fixture(scope="module")
def routes(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, list[str]]]:
    """Every route of the app object, Streamlit's and the API's too: path, methods."""
    # In a process of its own: Streamlit has one runtime per process.
    listing = subprocess.run(
        [sys.executable, "-m", "tests.app.web.list_routes", str(tmp_path_factory.mktemp("routes"))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    found = [(path, methods) for path, methods in json.loads(listing.stdout)]
    assert len(found) > 60
    return found


def test_every_route_turns_a_stranger_away_unless_it_is_public(
    routes: list[tuple[str, list[str]]], stranger: Client
) -> None:
    wrong = []
    for path, methods in routes:
        place = _filled(path)
        for method in methods:
            if _template(path) in PUBLIC or method == "WEBSOCKET":
                continue
            answers = (
                stranger.ask(method, place, headers={"Accept": "text/html"}),
                stranger.ask(method, place, headers={"Accept": "application/json"}),
            )
            if any(answer.status not in {303, 401} for answer in answers):
                wrong.append((method, path, [answer.status for answer in answers]))
    assert wrong == []


def test_what_is_public_is_what_is_listed(routes: list[tuple[str, list[str]]]) -> None:
    open_routes = {_template(path) for path, _ in routes if is_public(_filled(path))}
    # Streamlit serves its bundle from one mount that also answers for pages: only /static/ of it is public.
    assert open_routes <= set(PUBLIC)
    assert {path.split("{")[0] for path in PUBLIC} == {*PUBLIC_PATHS, *PUBLIC_PREFIXES, "/assets/brand/"}


@pytest.mark.parametrize("path", ["/", "/datasets", "/walk?run=a&step=train", "/no/such/page"])
def test_a_person_goes_to_the_sign_in_page_and_comes_back(stranger: Client, path: str) -> None:
    answer = stranger.get(path)
    assert answer.status == 303
    target = answer.headers["location"]
    assert target.startswith("/login")
    answer = stranger.form(target, {"name": "mei", "password": "green tin bridge owl"})
    assert (answer.status, answer.headers["location"]) == (303, path)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/datasets"),
        ("GET", "/api/openapi.json"),
        ("GET", "/api/docs"),
        ("GET", "/_stcore/health"),
        ("GET", "/_stcore/metrics"),
        ("GET", "/_stcore/host-config"),
        ("GET", "/media/abc.png"),
        ("GET", "/download/jobs/x/log"),
        ("POST", "/uploads"),
        ("PATCH", "/uploads/abc"),
        ("POST", "/api/v1/datasets"),
        ("DELETE", "/api/v1/runs/x"),
    ],
)
def test_a_program_without_a_session_gets_nothing(stranger: Client, method: str, path: str) -> None:
    answer = stranger.call(method, path)
    assert answer.status == 401
    assert set(answer.json) == {"error", "code", "request_id", "remedy"}
    assert answer.json["code"] == "not_signed_in"


def test_forged_identity_headers_are_worth_nothing(stranger: Client, admin: Client) -> None:
    forged = {"x_aimass_id": "1", "x_aimass_user": "root", "x_aimass_role": "admin"}
    assert stranger.call("GET", "/api/v1/account", **forged).status == 401
    assert admin.call("GET", "/api/v1/account", **forged).json["name"] == "mei"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "http://evil.example"},
        {"origin": "null"},
        {"origin": ""},
        {"sec_fetch_site": "cross-site"},
        {"sec_fetch_site": "same-site"},
        {"origin": "http://evil.example", "sec_fetch_site": "same-origin"},
    ],
)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/api/v1/runs"), ("DELETE", "/api/v1/runs/x"), ("POST", "/logout")]
)
def test_another_site_cannot_use_a_visitors_cookie(
    admin: Client, headers: dict[str, str], method: str, path: str
) -> None:
    answer = admin.call(method, path, {}, **headers)
    assert (answer.status, answer.json["code"]) == (403, "forbidden")
    assert admin.call("GET", "/api/v1/account").status == 200


def test_another_site_cannot_sign_anybody_in(stranger: Client) -> None:
    answer = stranger.sign_in(origin="http://evil.example")
    assert answer.status == 403
    assert stranger.cookies == {}


@pytest.mark.parametrize(
    "host",
    ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost@evil", "10.1.2.3", "a" * 300],
)
def test_a_foreign_name_is_not_answered_to(admin: Client, host: str) -> None:
    assert admin.call("GET", "/api/v1/account", host=host).status == 403
    assert admin.get("/login", host=host).status == 403


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "LOCALHOST:9", "[::1]:8501"])
def test_the_servers_own_names_are(admin: Client, host: str) -> None:
    assert admin.call("GET", "/api/v1/account", host=host).status == 200


def test_every_answer_carries_its_headers(admin: Client, stranger: Client) -> None:
    for client, path in (
        (admin, "/"),
        (admin, "/api/v1/account"),
        (admin, "/api/docs"),
        (admin, "/_stcore/health"),
        (stranger, "/login"),
        (stranger, "/api/v1/account"),
        (stranger, "/assets/guard.js"),
    ):
        headers = client.get(path).headers
        policy = headers["content-security-policy"]
        assert "default-src" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe-eval'" not in policy.replace("'wasm-unsafe-eval'", "")
        assert "http:" not in policy
        assert "*" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["referrer-policy"] == "same-origin"
        assert len(headers["x-request-id"]) == 16
        kept = path.startswith("/assets/")
        assert ("no-store" in headers["cache-control"]) != kept, path
        assert "server" not in headers


def test_a_body_beyond_the_limit_is_refused(admin: Client) -> None:
    answer = admin.ask(
        "POST", "/api/v1/runs", body=b"x" * ((1 << 20) + 1), headers={"Content-Type": "application/json"}
    )
    assert answer.status == 413


def test_a_key_opens_the_api_alone_and_needs_no_origin(admin: Client, stranger: Client) -> None:
    made = admin.call("POST", "/api/v1/account/keys", {"name": "a program"}).json
    bearer = {"authorization": f"Bearer {made['secret']}", "origin": ""}
    assert stranger.call("GET", "/api/v1/account", **bearer).json["name"] == "mei"
    assert (
        stranger.call("POST", "/api/v1/jobs/none/cancel", **bearer).status == 404
    )  # the gate let it through
    assert stranger.get("/", **bearer).status == 303
    assert stranger.call("GET", "/_stcore/health", **bearer).status == 401
    assert admin.call("DELETE", f"/api/v1/account/keys/{made['key']['id']}").status == 204
    assert stranger.call("GET", "/api/v1/account", **bearer).status == 401


def test_a_wrong_key_is_not_saved_by_a_cookie(admin: Client) -> None:
    assert admin.call("GET", "/api/v1/account", authorization="Bearer aim_nobody00_0000").status == 401


class TestTheWebsocket:
    def test_it_refuses_strangers_and_other_sites(self, served: Served, admin: Client) -> None:
        cookie = _cookie(admin)
        own = f"http://127.0.0.1:{served.port}"
        for headers, origin in (
            ({}, own),
            ({"Cookie": "aimass_session=made-up"}, own),
            (cookie, "http://evil.example"),
            (cookie, None),
            ({**cookie, "Sec-Fetch-Site": "cross-site"}, own),
        ):
            with pytest.raises(InvalidStatus) as refused, _open(served, headers, origin):
                pass
            assert refused.value.response.status_code == 403

    def test_it_opens_for_a_session_and_closes_with_it(self, served: Served, admin: Client) -> None:
        with _open(served, _cookie(admin), f"http://127.0.0.1:{served.port}") as line:
            assert admin.form("/logout", {}).headers["location"] == "/login"
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    line.recv(timeout=30)
        assert closed.value.rcvd is not None
        assert closed.value.rcvd.code == 4401


def _open(served: Served, headers: dict[str, str], origin: str | None) -> connect | ClientConnection:
    return connect(
        f"ws://127.0.0.1:{served.port}/_stcore/stream",
        additional_headers=headers,
        origin=origin,  # type: ignore[arg-type]
        subprotocols=["streamlit"],  # type: ignore[list-item]
        open_timeout=30,
    )


def _cookie(client: Client) -> dict[str, str]:
    return {"Cookie": "; ".join(f"{name}={value}" for name, value in client.cookies.items())}


def _template(path: str) -> str:
    return path.replace("{path:path}", "{path}")


def _filled(path: str) -> str:
    parts = ["1" if ":int" in part else "x" if part.startswith("{") else part for part in path.split("/")]
    return "/".join(parts) or "/"
