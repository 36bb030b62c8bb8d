"""A server with a key for a program, a dataset, and a run that went all the way to an answering service."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from tests.served import Answer, Client, Served

_PATIENCE_S = 240.0


@dataclass
class Program:
    """A program with a key: no cookie, no origin."""

    client: Client
    secret: str

    def call(self, method: str, path: str, value: Any = None) -> Answer:
        headers = {"authorization": f"Bearer {self.secret}", "origin": ""}
        return self.client.call(method, f"/api/v1{path}", value, **headers)

    def send(self, name: str, content: bytes) -> Answer:
        headers = {"Authorization": f"Bearer {self.secret}", "Origin": ""}
        return self.client.ask("POST", f"/api/v1/uploads?name={name}", body=content, headers=headers)


@pytest.fixture(scope="session")
def program(served: Served) -> Iterator[Program]:
    """A program with an "api" key of the administrator's."""
    browser = served.client()
    browser.sign_in()
    made = browser.call("POST", "/api/v1/account/keys", {"name": "a program"})
    assert made.status == 201
    client = served.client()
    yield Program(client, made.json["secret"])
    client.close()
    browser.close()


@pytest.fixture(scope="session")
def table() -> bytes:
    """240 rows: a size and a colour tell which of two kinds a thing is."""
    dice = random.Random(3)
    lines = ["size,colour,kind"]
    for _ in range(240):
        big = dice.random() < 0.5
        lines.append(
            f"{dice.gauss(5 if big else 1, 1):.3f},{dice.choice(['red', 'blue'])},{'big' if big else 'small'}"
        )
    return "\n".join(lines).encode()


@pytest.fixture(scope="session")
def dataset_id(program: Program, table: bytes) -> str:
    """A dataset whose import has finished."""
    upload = program.send("things.csv", table)
    assert upload.status == 201, upload.body
    made = program.call("POST", "/datasets", {"upload_id": upload.json["id"], "name": "Things"})
    assert made.status == 201, made.body
    wait_until(lambda: program.call("GET", f"/datasets/{made.json['id']}").json["state"] != "importing")
    return str(made.json["id"])


@pytest.fixture(scope="session")
def service(program: Program, dataset_id: str) -> dict[str, Any]:
    """The names of what a walk by the API alone leaves: run, model, service."""
    run = program.call("POST", "/runs", {"dataset_id": dataset_id, "target": "kind", "time_limit_s": 30}).json
    place = f"/runs/{run['id']}"
    wait_until(lambda: program.call("GET", place).json["run"]["step"] == "split")
    revision = program.call("GET", place).json["run"]["revision"]
    changed = program.call("PATCH", place, {"revision": revision, "fields": {"families": ["linear"]}})
    assert changed.status == 200, changed.body
    wait_for_job(program, program.call("POST", f"{place}/train"))
    wait_for_job(program, program.call("POST", f"{place}/publish", {"name": "things"}))
    deployed = program.call("PUT", "/services/things", {"model": "things", "version": 1, "title": "Things"})
    assert deployed.status == 200, deployed.body
    rows = {"rows": [{"size": 5.1, "colour": "red"}]}
    wait_until(lambda: program.call("POST", "/services/things/ask", rows).status == 200)
    return {"run": run["id"], "model": "things", "service": "things"}


def wait_for_job(program: Program, answer: Answer) -> dict[str, Any]:
    """Return a job once it has ended well."""
    assert answer.status == 202, answer.body
    place = f"/jobs/{answer.json['id']}"
    wait_until(lambda: program.call("GET", place).json["state"] not in {"queued", "running"})
    job: dict[str, Any] = program.call("GET", place).json
    assert job["state"] == "succeeded", job
    return job


def wait_until(is_so: Callable[[], bool]) -> None:
    """Wait for something that background work will bring about."""
    deadline = time.monotonic() + _PATIENCE_S
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.1)
