"""One server that most tests of the web and of the API share; who changes its lifecycle starts one of their own."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.served import Client, Served


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A running server with its first administrator."""
    with Served(tmp_path_factory.mktemp("served") / "data") as server:
        server.set_up()
        yield server


@pytest.fixture
def stranger(served: Served) -> Iterator[Client]:
    """A browser nobody is signed in with."""
    client = served.client()
    yield client
    client.close()


@pytest.fixture(scope="session")
def session(served: Served) -> dict[str, str]:
    """The cookies of the session that `admin` goes on with: a password is slow to check, by design."""
    client = served.client()
    assert client.sign_in().status == 303
    client.close()
    return client.cookies


@pytest.fixture
def admin(served: Served, session: dict[str, str]) -> Iterator[Client]:
    """A browser the administrator is signed in with; after a test that ended its session, with a new one."""
    client = served.client(session)
    if client.call("GET", "/api/v1/account").status != 200:
        assert client.sign_in().status == 303
        session.update(client.cookies)
    yield client
    client.close()
