from __future__ import annotations

import pytest

from tests.app.api.conftest import Program, wait_until

pytestmark = pytest.mark.slow


def test_a_dataset_tells_what_it_is(program: Program, dataset_id: str) -> None:
    dataset = program.call("GET", f"/datasets/{dataset_id}").json
    assert (dataset["name"], dataset["state"], dataset["rows"]) == ("Things", "ready", 240)
    found = program.call("GET", "/datasets?search=Things").json
    assert [item["id"] for item in found["items"]] == [dataset_id]
    columns = program.call("GET", f"/datasets/{dataset_id}/schema").json["schema"]["columns"]
    assert [column["name"] for column in columns] == ["size", "colour", "kind"]
    assert program.call("GET", f"/datasets/{dataset_id}/profile").json
    preview = program.call("GET", f"/datasets/{dataset_id}/preview").json
    assert preview["columns"] == ["size", "colour", "kind"]
    assert len(preview["rows"]) == 200
    ideas = program.call("GET", f"/datasets/{dataset_id}/targets").json
    assert "kind" in [idea["column"] for idea in ideas]


def test_it_is_renamed_and_deleted(program: Program, table: bytes) -> None:
    upload = program.send("b.csv", table).json["id"]
    made = program.call("POST", "/datasets", {"upload_id": upload}).json
    place = f"/datasets/{made['id']}"
    wait_until(lambda: program.call("GET", place).json["state"] != "importing")
    assert program.call("PATCH", place, {"name": "Other <b>things</b>"}).json["name"] == "Other <b>things</b>"
    assert program.call("PATCH", place, {"name": ""}).status == 422
    assert program.call("DELETE", place).status == 204
    assert program.call("GET", place).status == 404


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        ({}, 422),
        ({"upload_id": "nope"}, 404),
        ({"upload_id": "x", "folder": "y", "path": "z"}, 422),
        ({"folder": "etc", "path": "passwd"}, 404),
        ({"folder": "/etc"}, 422),
    ],
)
def test_where_data_come_from_must_be_clear(program: Program, asked: dict[str, str], status: int) -> None:
    assert program.call("POST", "/datasets", asked).status == status


def test_no_folder_of_the_server_is_open_unless_an_admin_opens_it(program: Program) -> None:
    assert program.call("GET", "/datasets/folders").json == []
    assert program.call("GET", "/datasets/folders/etc?path=..").status == 404
