"""Files come in by tus, straight to disk: what was acknowledged stays, and nobody else can touch it."""

from __future__ import annotations

import base64
import hashlib
import http.client
import signal
import socket
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from playwright.sync_api import Page

from app import wiring
from app.settings import ServeSettings, Settings
from app.usecases import accounts
from store.folder import DataFolder
from tests.journeys.browser import chromium
from tests.served import ADMIN, PASSWORD, Answer, Client, Served

pytestmark = pytest.mark.slow

TUS = {"tus_resumable": "1.0.0"}
BODY = {"Content-Type": "application/offset+octet-stream", "Tus-Resumable": "1.0.0"}


def _create(client: Client, size: int, name: str = "table.csv") -> Answer:
    encoded = base64.b64encode(name.encode()).decode()
    return client.call(
        "POST",
        "/uploads",
        upload_length=str(size),
        upload_metadata=f"filename {encoded},filetype dGV4dA==",
        **TUS,
    )


def _place(client: Client, size: int, name: str = "table.csv") -> str:
    answer = _create(client, size, name)
    assert answer.status == 201, answer.body
    return answer.headers["location"]


def _send(client: Client, place: str, offset: int, content: bytes, **more: str) -> Answer:
    return client.ask("PATCH", place, body=content, headers={**BODY, "Upload-Offset": str(offset), **more})


def _offset(client: Client, place: str) -> int:
    answer = client.ask("HEAD", place, headers={"Tus-Resumable": "1.0.0"})
    assert answer.status == 200
    return int(answer.headers["upload-offset"])


def test_the_server_says_what_it_speaks(admin: Client) -> None:
    answer = admin.ask("OPTIONS", "/uploads")
    assert answer.status == 204
    assert answer.headers["tus-version"] == "1.0.0"
    assert "creation" in answer.headers["tus-extension"]
    assert int(answer.headers["tus-max-size"]) > 1 << 30


def test_a_file_comes_in_pieces_and_is_whole(admin: Client, served: Served) -> None:
    content = bytes(range(256)) * 10_000
    place = _place(admin, len(content))
    assert _send(admin, place, 0, content[:1_500_000]).headers["upload-offset"] == "1500000"
    assert _offset(admin, place) == 1_500_000
    assert _send(admin, place, 1_500_000, content[1_500_000:]).status == 204
    whole = served.folder / "uploads" / place.rpartition("/")[2]
    assert whole.read_bytes() == content
    assert whole.stat().st_mode & 0o077 == 0
    assert _send(admin, place, len(content), b"").status == 204
    assert _send(admin, place, len(content), b"x").status in {204, 413}
    assert whole.stat().st_size == len(content)


def test_an_empty_file_is_whole_at_once(admin: Client, served: Served) -> None:
    place = _place(admin, 0)
    assert (served.folder / "uploads" / place.rpartition("/")[2]).read_bytes() == b""


def test_an_upload_can_be_given_up(admin: Client, served: Served) -> None:
    place = _place(admin, 100)
    _send(admin, place, 0, b"half")
    assert admin.call("DELETE", place, **TUS).status == 204
    assert admin.ask("HEAD", place, headers={"Tus-Resumable": "1.0.0"}).status == 404
    assert not list((served.folder / "uploads").glob(place.rpartition("/")[2] + "*"))


def test_a_wrong_offset_is_a_conflict_and_writes_nothing(admin: Client) -> None:
    place = _place(admin, 100)
    _send(admin, place, 0, b"0123456789")
    for offset in (0, 5, 11, 100):
        assert _send(admin, place, offset, b"x").status == 409
    assert _offset(admin, place) == 10


def test_more_than_was_announced_is_refused_and_not_kept(admin: Client) -> None:
    place = _place(admin, 10)
    assert _send(admin, place, 0, b"x" * 11).status == 413
    assert _offset(admin, place) <= 10


def test_a_broken_line_keeps_what_arrived(admin: Client, served: Served) -> None:
    size, sent = 3 << 20, b"y" * (2 << 20)
    place = _place(admin, size)
    cookie = "; ".join(f"{name}={value}" for name, value in admin.cookies.items())
    head = (
        f"PATCH {place} HTTP/1.1\r\nHost: 127.0.0.1:{served.port}\r\nOrigin: http://127.0.0.1:{served.port}\r\n"
        f"Cookie: {cookie}\r\nTus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Length: {size}\r\n"
        "Content-Type: application/offset+octet-stream\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", served.port)) as line:
        line.sendall(head.encode() + sent)
        _until(lambda: _offset(admin, place) >= 1 << 20)
        assert _send(admin, place, _offset(admin, place), b"z").status == 423, "one writes, nobody else"
    _until(lambda: _send(admin, place, _offset(admin, place), b"").status == 204)
    held = _offset(admin, place)
    assert 1 << 20 <= held <= len(sent)
    assert _send(admin, place, held, b"z" * (size - held)).status == 204
    whole = served.folder / "uploads" / place.rpartition("/")[2]
    assert whole.read_bytes() == b"y" * held + b"z" * (size - held)


def _until(is_so: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({"upload_length": "-1", **TUS}, 400),
        ({"upload_length": "many", **TUS}, 400),
        ({"upload_length": "9" * 30, **TUS}, 400),
        ({"upload_length": "٣", **TUS}, 400),
        (TUS, 400),
        ({"upload_length": str(1 << 60), **TUS}, 413),
        ({"upload_length": "10"}, 412),
        ({"upload_length": "10", "tus_resumable": "0.2.2"}, 412),
        ({"upload_length": "10", "upload_metadata": "filename !!!", **TUS}, 400),
        ({"upload_length": "10", "upload_metadata": "filename " + "QUFB" * 4000, **TUS}, 400),
    ],
)
def test_a_wrong_announcement_is_refused(admin: Client, headers: dict[str, str], status: int) -> None:
    encoded = {name: value.encode("utf-8").decode("latin-1") for name, value in headers.items()}
    answer = admin.call("POST", "/uploads", **encoded)
    assert answer.status == status
    assert answer.headers["tus-resumable"] == "1.0.0"
    assert set(answer.json) >= {"error", "code", "request_id"}


def test_another_type_of_body_is_refused(admin: Client) -> None:
    place = _place(admin, 10)
    assert _send(admin, place, 0, b"x", **{"Content-Type": "text/csv"}).status == 415


def test_other_people_and_other_sites_cannot_touch_it(admin: Client, served: Served) -> None:
    place = _place(admin, 10)
    assert _send(admin, place, 0, b"x", Origin="http://evil.example").status == 403
    other = served.client()
    assert _send(other, place, 0, b"x").status == 401
    made = admin.call("GET", "/api/v1/account").json
    assert made["name"] == ADMIN
    assert admin.ask("HEAD", "/uploads/" + "0" * 16, headers={"Tus-Resumable": "1.0.0"}).status == 404
    for hostile in ("..%2f..%2faimass.duckdb", "%00", "x" * 300):
        assert admin.ask("HEAD", f"/uploads/{hostile}", headers={"Tus-Resumable": "1.0.0"}).status in {
            400,
            404,
        }
    assert _offset(admin, place) == 0


def test_an_upload_of_another_person_is_not_there(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path / "data")
    box = wiring.build(folder, Settings(threads=1, memory_gib=0.5), ServeSettings())
    token = accounts.setup_token(box)
    assert token is not None
    boss = accounts.create_first_admin(box, token, "mei", PASSWORD)
    accounts.add_user(box, boss, name="ann", display="Ann", role="member", password=PASSWORD)
    box.db.close()
    with Served(folder.root) as served:
        mei, ann = served.client(), served.client()
        assert mei.sign_in().status == ann.sign_in(name="ann").status == 303
        place = _place(mei, 10)
        assert _send(ann, place, 0, b"x").status == 404
        assert ann.ask("HEAD", place, headers={"Tus-Resumable": "1.0.0"}).status == 404
        assert ann.call("DELETE", place, **TUS).status == 404
        assert _send(mei, place, 0, b"0123456789").status == 204
        theirs = {"upload_id": place.rpartition("/")[2]}
        assert ann.call("POST", "/api/v1/datasets", theirs).status == 404


@pytest.mark.parametrize(
    "name",
    [
        "../../etc/passwd",
        "a/b/c.csv",
        "C:\\x\\y.csv",
        "x" * 5000 + ".csv",
        "\x00\x1b[31m",
        "",
        "..",
        "<img src=x>",
    ],
)
def test_a_hostile_name_harms_nothing(admin: Client, served: Served, name: str) -> None:
    before = {path for path in served.folder.parent.rglob("*") if "uploads" not in path.parts}
    place = _place(admin, 1, name)
    assert _send(admin, place, 0, b"1").status == 204
    after = {path for path in served.folder.parent.rglob("*") if "uploads" not in path.parts}
    assert {path.name for path in after - before} <= {
        "logs",
        "control.log",
        "stats.json",
        "aimass.duckdb.wal",
    }


def test_a_kill_half_way_loses_nothing_that_was_acknowledged(tmp_path: Path) -> None:
    content = hashlib.sha256(b"seed").digest() * 100_000
    with Served(tmp_path / "data") as served:
        client = served.set_up()
        place = _place(client, len(content))
        assert _send(client, place, 0, content[:2_000_000]).status == 204
        served.stop(signal.SIGKILL)
        served.start()
        assert _offset(client, place) == 2_000_000, "the session and the bytes are still there"
        assert _send(client, place, 2_000_000, content[2_000_000:]).status == 204
        whole = served.folder / "uploads" / place.rpartition("/")[2]
        assert hashlib.sha256(whole.read_bytes()).digest() == hashlib.sha256(content).digest()


def test_a_large_file_does_not_pass_through_memory(served: Served, admin: Client) -> None:
    size, piece = 300 << 20, b"0123456789abcdef" * (1 << 16)
    assert served.process is not None
    process = psutil.Process(served.process.pid)
    before = process.memory_info().rss
    place = _place(admin, size)
    line = http.client.HTTPConnection("127.0.0.1", served.port, timeout=300)
    line.putrequest("PATCH", place, skip_accept_encoding=True)
    cookie = "; ".join(f"{name}={value}" for name, value in admin.cookies.items())
    sent = {**BODY, "Upload-Offset": "0", "Content-Length": str(size), "Cookie": cookie}
    for name, value in {**sent, "Origin": f"http://127.0.0.1:{served.port}"}.items():
        line.putheader(name, value)
    line.endheaders()
    digest, highest = hashlib.sha256(), before
    for count in range(size // len(piece)):
        line.send(piece)
        digest.update(piece)
        if count % 20 == 0:
            highest = max(highest, process.memory_info().rss)
    answer = line.getresponse()
    assert answer.status == 204
    answer.read()
    line.close()
    with (served.folder / "uploads" / place.rpartition("/")[2]).open("rb") as file:
        assert hashlib.file_digest(file, "sha256").digest() == digest.digest()
    assert highest - before < 50 << 20
    assert admin.sign_in(password=PASSWORD).status == 303


@pytest.mark.journey
def test_the_client_we_carry_goes_on_after_a_kill_of_the_server(tmp_path: Path) -> None:
    """The real tus-js-client in a real browser: its upload survives what its user would not notice."""
    begin = """() => {
      const content = new Uint8Array(24 * 1024 * 1024).map((_, i) => i % 251);
      window.story = {};
      new tus.Upload(new Blob([content]), {
        endpoint: "/uploads", chunkSize: 1024 * 1024, metadata: { filename: "a.bin" },
        retryDelays: Array(200).fill(300),
        onProgress: (sent) => { window.story.sent = sent; },
        onSuccess: function () { window.story.done = true; },
        onError: (error) => { window.story.error = String(error); },
        onShouldRetry: () => true,
      }).start();
    }"""
    with Served(tmp_path / "data") as served, chromium() as browser:
        served.set_up()
        page = browser.new_page()
        page.goto(f"http://127.0.0.1:{served.port}/login?next=/password")
        page.fill("#name", ADMIN)
        page.fill("#password", PASSWORD)
        page.click("button")
        page.add_script_tag(url="/assets/vendor/tus/tus.min.js")
        page.evaluate(begin)
        _wait(page, "window.story.sent > 4 * 1024 * 1024")
        served.stop(signal.SIGKILL)
        served.start()
        _wait(page, "window.story.done || window.story.error !== undefined")
        assert page.evaluate("window.story.error") is None
        (whole,) = (path for path in (served.folder / "uploads").iterdir() if path.suffix != ".part")
        assert whole.read_bytes() == bytes(i % 251 for i in range(24 << 20))


def _wait(page: Page, condition: str) -> None:
    """Wait by looking: the page's policy lets nobody, Playwright included, make code of text inside it."""
    for _ in range(1800):
        if page.evaluate(condition):
            return
        page.wait_for_timeout(100)
    raise AssertionError(page.evaluate("JSON.stringify(window.story)"))
