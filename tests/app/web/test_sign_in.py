"""Signing in and out, the first account, passwords and the language, as a browser without scripts does it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.served import ADMIN, PASSWORD, Client, Served

pytestmark = pytest.mark.slow

OTHER = "brass kettle seven moons"


def test_the_cookie_is_for_the_browser_and_this_server_alone(stranger: Client) -> None:
    (cookie,) = stranger.sign_in().cookies
    attributes = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert {"httponly", "samesite=lax", "path=/"} <= attributes
    assert not any(part.startswith("domain") for part in attributes)


def test_a_wrong_password_and_a_wrong_name_are_told_alike(stranger: Client) -> None:
    wrong_password = stranger.sign_in(password="not the password", accept_language="en")
    wrong_name = stranger.sign_in(name="nobody", accept_language="en")
    assert wrong_password.status == wrong_name.status == 401
    assert stranger.cookies == {}
    told = [
        re.search(r'role="alert">(.*?)</div>', answer.text, re.DOTALL)
        for answer in (wrong_password, wrong_name)
    ]
    assert told[0] and told[1]
    assert told[0][1] == told[1][1]
    assert PASSWORD not in wrong_password.text


def test_the_form_works_with_password_managers_and_readers(stranger: Client) -> None:
    page = stranger.get("/login").text
    assert 'autocomplete="username"' in page
    assert 'autocomplete="current-password"' in page
    labels = set(re.findall(r'<label for="(\w+)"', page))
    fields = set(re.findall(r'<input id="(\w+)"', page))
    assert labels == fields == {"name", "password"}
    assert "<script" not in page


def test_who_is_signed_in_goes_on(admin: Client) -> None:
    assert admin.get("/login?next=/runs").headers["location"] == "/runs"


@pytest.mark.parametrize(
    "wish",
    [
        "//evil.example",
        "https://evil.example",
        "/\\evil.example",
        "javascript:alert(1)",
        "%2F%2Fevil",
        "/%0d%0aX:%20y",
    ],
)
def test_nobody_is_sent_to_another_site(stranger: Client, wish: str) -> None:
    answer = stranger.form(f"/login?next={wish}", {"name": ADMIN, "password": PASSWORD})
    assert answer.status == 303
    assert answer.headers["location"] in {"/", "%2F%2Fevil"} or answer.headers["location"].startswith("/%")
    assert "x" not in answer.headers


def test_signing_out_ends_the_session_for_good(served: Served, stranger: Client) -> None:
    stranger.sign_in()
    stolen = served.client(stranger.cookies)
    assert stolen.call("GET", "/api/v1/account").status == 200
    answer = stranger.form("/logout", {})
    assert (answer.status, answer.headers["location"], stranger.cookies) == (303, "/login", {})
    assert stolen.call("GET", "/api/v1/account").status == 401
    assert stolen.get("/").status == 303


def test_asking_to_sign_out_by_a_link_changes_nothing(admin: Client) -> None:
    assert admin.get("/logout").status == 200
    assert admin.call("GET", "/api/v1/account").status == 200


@pytest.mark.parametrize(
    "cookie", ["", "x", "a" * 43, "a" * 5000, "AF29os97D3SPOOrzPoLCQK6S-q4puffl9drwtvW3aso", "é\x01"]
)
def test_a_made_up_cookie_is_nobody(served: Served, cookie: str) -> None:
    client = served.client({"aimass_session": cookie})
    assert client.call("GET", "/api/v1/account").status in {400, 401}


@pytest.mark.parametrize(
    ("kind", "body", "status"),
    [
        ("application/json", b'{"name":"mei"}', 415),
        ("multipart/form-data; boundary=x", b"--x--", 415),
        ("application/x-www-form-urlencoded", b"&".join([b"a=1"] * 100), 415),
        ("application/x-www-form-urlencoded", b"name=" + b"a" * 20_000, 413),
        ("application/x-www-form-urlencoded", b"name=%ff%fe&password=x", 401),
        ("application/x-www-form-urlencoded", b"", 401),
    ],
)
def test_a_strange_form_is_refused_in_words(stranger: Client, kind: str, body: bytes, status: int) -> None:
    answer = stranger.ask("POST", "/login", body=body, headers={"Content-Type": kind, "Accept": "text/html"})
    assert answer.status == status
    assert 'role="alert"' in answer.text


def test_markup_in_a_name_stays_text(stranger: Client) -> None:
    page = stranger.sign_in(name='"><img src=x onerror=alert(1)>').text
    assert "<img src=x" not in page
    assert "&lt;img src=x" in page


class TestTheFirstAccount:
    @pytest.fixture
    def fresh(self, tmp_path: Path) -> Served:
        return Served(tmp_path / "data")

    def test_the_link_works_once(self, fresh: Served) -> None:
        with fresh:
            client, path = fresh.client(), fresh.setup_path
            assert client.get("/setup/" + "x" * 32).status == 404
            assert "Welcome" in client.get(path, accept_language="en").text
            weak = {"name": "mei", "display": "Mei", "password": "password1234", "again": "password1234"}
            assert client.form(path, weak).status == 422
            other = {**weak, "password": PASSWORD, "again": OTHER}
            assert client.form(path, other).status == 422
            assert client.form(path, {**weak, "password": PASSWORD, "again": PASSWORD}).status == 303
            assert client.call("GET", "/api/v1/account").json["role"] == "admin"
            assert fresh.client().get(path).status == 404
            assert client.get(path).status == 404
            fresh.stop()
            said = fresh.words
            fresh.start()
            assert "/setup/" not in fresh.words[len(said) :]
            assert client.call("GET", "/api/v1/account").status == 200, "a session outlives a restart"
            log = fresh.log
        assert PASSWORD not in log
        assert path.rpartition("/")[2] not in log

    def test_guessing_is_slowed_down(self, fresh: Served) -> None:
        with fresh:
            fresh.set_up()
            client = fresh.client()
            answers = [  # from a made-up address each time, which nobody believes
                client.sign_in(password=f"guess number {count}", x_forwarded_for=f"10.0.0.{count}")
                for count in range(20)
            ]
            statuses = [answer.status for answer in answers]
            assert statuses[0] == 401
            assert statuses[-1] == 429
            assert statuses.count(429) >= 10
            assert int(answers[-1].headers["retry-after"]) >= 60
            assert client.sign_in(name="somebody", password="x").status in {401, 429}


class TestThePassword:
    def test_changing_it_ends_every_other_session(self, tmp_path: Path) -> None:
        with Served(tmp_path / "data") as served:
            first = served.set_up()
            second = served.client()
            second.sign_in()
            wrong = first.form("/password", {"old": "nope", "password": OTHER, "again": OTHER})
            assert wrong.status == 401
            changed = first.form("/password", {"old": PASSWORD, "password": OTHER, "again": OTHER})
            assert changed.status == 200
            assert first.call("GET", "/api/v1/account").status == 200
            assert second.call("GET", "/api/v1/account").status == 401
            assert second.sign_in().status == 401
            assert second.sign_in(password=OTHER).status == 303

    def test_a_link_that_is_none_is_not_found(self, stranger: Client) -> None:
        assert stranger.get("/password/" + "x" * 32).status == 404


class TestTheLanguage:
    def test_it_is_the_browsers_until_somebody_chooses(self, stranger: Client) -> None:
        assert '<html lang="zh-CN">' in stranger.get("/login", accept_language="zh-CN,zh;q=0.9").text
        assert '<html lang="en">' in stranger.get("/login", accept_language="fr").text
        answer = stranger.get("/lang/zh_CN?next=/login")
        assert (answer.status, answer.headers["location"]) == (303, "/login")
        assert '<html lang="zh-CN">' in stranger.get("/login", accept_language="en").text

    def test_it_holds_on_the_portals_page_too(self, admin: Client) -> None:
        admin.get("/lang/zh_CN")
        assert '<html lang="zh-CN">' in admin.get("/").text

    def test_an_unknown_one_changes_nothing(self, stranger: Client) -> None:
        assert stranger.get("/lang/..%2f..%2fetc?next=//evil").status in {303, 400, 404}
        assert stranger.get("/lang/xx?next=//evil").headers["location"] == "/"
        assert stranger.cookies == {}


def test_behind_https_the_cookie_insists_on_it(tmp_path: Path) -> None:
    with Served(tmp_path / "data", environment={"AIMASS_PUBLIC_URL": "https://ai.example.com"}) as served:
        client = served.client()
        path = "/setup/" + re.findall(r"https://ai\.example\.com/setup/(\S+)", served.words)[-1]
        origin = {"host": "ai.example.com", "origin": "https://ai.example.com"}
        fields = {"name": "mei", "display": "Mei", "password": PASSWORD, "again": PASSWORD}
        answer = client.form(path, fields, **origin)
        (cookie,) = answer.cookies
        assert cookie.startswith("__Host-aimass_session=")
        assert "Secure" in cookie
        assert answer.headers["strict-transport-security"].startswith("max-age=")
