"""Pictures go out small, as pictures and nothing else, to those who are signed in."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from app.settings import ServeSettings
from app.wiring import build
from store.folder import DataFolder
from tests.app.usecases.walking import ADA
from tests.pictured import put_pictures
from tests.runs import SETTINGS
from tests.served import Client, Served

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def digits(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, str]]:
    """A server over a folder with a set of pictures, and the set's id."""
    folder = DataFolder(tmp_path_factory.mktemp("pictures") / "data")
    folder.create()
    box = build(folder, SETTINGS, ServeSettings())
    made = put_pictures(box, ADA, count=12)
    box.jobs.close()
    box.db.close()
    with Served(folder.root) as server:
        server.set_up()
        yield server, made


@pytest.fixture
def visitor(digits: tuple[Served, str]) -> Iterator[Client]:
    client = digits[0].client()
    assert client.sign_in().status == 303
    yield client
    client.close()


def test_a_picture_is_a_jpeg_that_is_never_a_page(visitor: Client, digits: tuple[Served, str]) -> None:
    answer = visitor.get(f"/pictures/{digits[1]}/3")

    assert answer.status == 200
    assert answer.headers["content-type"] == "image/jpeg"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("attachment")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.body[:3] == b"\xff\xd8\xff"


def test_nobody_sees_one_without_signing_in(digits: tuple[Served, str]) -> None:
    stranger = digits[0].client()

    assert stranger.call("GET", f"/pictures/{digits[1]}/3").status in (303, 401)
    stranger.close()


@pytest.mark.parametrize(
    "path",
    [
        "{id}/12",
        "{id}/99999999999999999999",
        "nope/0",
        "..%2f..%2faimass/0",
        "preview/nope/0",
        "preview/{id}/0",
    ],
)
def test_what_is_not_there_is_not_found(visitor: Client, digits: tuple[Served, str], path: str) -> None:
    assert visitor.call("GET", "/pictures/" + path.format(id=digits[1])).status in (400, 404)


def test_what_is_no_number_is_no_picture(visitor: Client, digits: tuple[Served, str]) -> None:
    answer = visitor.get(f"/pictures/{digits[1]}/thumbnails.bin")

    assert not answer.headers["content-type"].startswith("image/")
