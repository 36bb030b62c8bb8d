"""A real server of its own folder and ports, and a small client that behaves like a browser or like a program."""

from __future__ import annotations

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlencode

ROOT = Path(__file__).resolve().parents[1]
ADMIN = "mei"
PASSWORD = "green tin bridge owl"
_START_SECONDS = 60.0


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Answer:
    """What came back.   headers: by lower-case name; of several cookies, all."""

    status: int
    headers: dict[str, str]
    cookies: list[str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def text(self) -> str:
        return self.body.decode("utf-8")


@dataclass
class Client:
    """Asks one server over one kept-alive connection, with its own cookies.   origin: sent with what changes things."""

    port: int
    origin: str | None = None
    cookies: dict[str, str] = field(default_factory=dict)
    _line: http.client.HTTPConnection | None = None

    def ask(
        self, method: str, path: str, *, body: bytes | None = None, headers: Mapping[str, str] | None = None
    ) -> Answer:
        sent = {"Host": f"127.0.0.1:{self.port}"}
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        if method not in {"GET", "HEAD", "OPTIONS"}:
            sent["Origin"] = self.origin or f"http://127.0.0.1:{self.port}"
        sent.update(headers or {})
        for attempt in (1, 2):
            line = self._line = self._line or http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            try:
                line.request(method, path, body=body, headers={k: v for k, v in sent.items() if v})
                return self._read(line.getresponse())
            except (http.client.HTTPException, OSError):
                self._line = None
                line.close()
                if attempt == 2:
                    raise
        raise AssertionError("unreachable")

    def get(self, path: str, **headers: str) -> Answer:
        """Ask as a browser that follows a link."""
        return self.ask("GET", path, headers={"Accept": "text/html", **_named(headers)})

    def call(self, method: str, path: str, value: Any = None, **headers: str) -> Answer:
        """Ask as a program that speaks JSON."""
        body = None if value is None else json.dumps(value).encode()
        kind = {} if value is None else {"Content-Type": "application/json"}
        return self.ask(method, path, body=body, headers={**kind, **_named(headers)})

    def form(self, path: str, fields: Mapping[str, str], **headers: str) -> Answer:
        """Send an HTML form."""
        kind = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "text/html"}
        return self.ask("POST", path, body=urlencode(fields).encode(), headers={**kind, **_named(headers)})

    def sign_in(self, name: str = ADMIN, password: str = PASSWORD, **headers: str) -> Answer:
        return self.form("/login", {"name": name, "password": password}, **headers)

    def close(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None

    def _read(self, answer: http.client.HTTPResponse) -> Answer:
        cookies = answer.headers.get_all("Set-Cookie") or []
        for cookie in cookies:
            name, _, rest = cookie.partition("=")
            value = rest.partition(";")[0].strip('"')
            if "Max-Age=0" in cookie or not value:
                self.cookies.pop(name, None)
            else:
                self.cookies[name] = value
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return Answer(answer.status, headers, cookies, answer.read())


class Served:
    """`aimass serve` as a process; a context manager that ends it."""

    def __init__(self, folder: Path, *, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.port, self.inference_port = free_port(), free_port()
        self.environment = dict(environment or {})
        self.process: subprocess.Popen[bytes] | None = None
        self._clients: list[Client] = []
        self.said = folder.with_name(f"{folder.name}-said.txt")

    def command(self, *, port: int | None = None, inference_port: int | None = None) -> list[str]:
        command = [sys.executable, "-P", "-m", "app.server", "--data-dir", str(self.folder)]
        command += ["--port", str(port or self.port)]
        return [*command, "--inference-port", str(inference_port or self.inference_port)]

    def start(self, *, wait: bool = True) -> Self:
        """Start the server; with `wait`, until it is ready."""
        with self.said.open("ab") as said:
            self.process = subprocess.Popen(
                self.command(), cwd=ROOT, env={**os.environ, **self.environment}, stderr=said, stdout=said
            )
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + _START_SECONDS
        while time.monotonic() < deadline:
            assert self.process is None or self.process.poll() is None, self.words
            client = Client(self.port)
            try:
                if client.get("/healthz").status == 200:
                    return
            except OSError:
                time.sleep(0.05)
            finally:
                client.close()
        raise AssertionError(f"The server did not become ready. It said: {self.words}")

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End the server and return how it ended."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(number)
        return self.process.wait(timeout=30)

    @property
    def words(self) -> str:
        """Everything the server has said on its terminal so far."""
        return self.said.read_text(encoding="utf-8") if self.said.exists() else ""

    @property
    def log(self) -> str:
        log = self.folder / "logs" / "control.log"
        return log.read_text(encoding="utf-8") if log.exists() else ""

    @property
    def setup_path(self) -> str:
        """The one-time link of this start, as a path."""
        found = re.findall(r"http://\S+?(/setup/\S+)", self.words)
        assert found, self.words
        return str(found[-1])

    def client(self, cookies: Mapping[str, str] | None = None) -> Client:
        """Return a browser of its own; it is closed with the server."""
        client = Client(self.port, cookies=dict(cookies or {}))
        self._clients.append(client)
        return client

    def set_up(self) -> Client:
        """Make the first administrator and return their browser."""
        client = self.client()
        fields = {"name": ADMIN, "display": "Mei 美", "password": PASSWORD, "again": PASSWORD}
        answer = client.form(self.setup_path, fields)
        client.close()  # it opens a new line when it is used again
        assert answer.status == 303, answer.text
        return client

    def __enter__(self) -> Self:
        return self.start()

    def __exit__(self, *failure: object) -> None:
        for client in self._clients:
            client.close()
        if self.process is not None and self.process.poll() is None:
            self.stop()


def _named(headers: Mapping[str, str]) -> dict[str, str]:
    """Headers from keyword arguments: `sec_fetch_site=…` is `Sec-Fetch-Site`."""
    return {name.replace("_", "-").title(): value for name, value in headers.items()}
