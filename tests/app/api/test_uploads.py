from __future__ import annotations

from tests.app.api.conftest import Program
from tests.served import Served


def test_a_file_comes_in_one_piece(program: Program, served: Served) -> None:
    answer = program.send("../../a.csv", b"a,b\n1,2\n")
    assert answer.status == 201
    assert (answer.json["name"], answer.json["bytes"]) == ("a.csv", 8)
    assert (served.folder / "uploads" / answer.json["id"]).read_bytes() == b"a,b\n1,2\n"


def test_larger_than_other_bodies_may_be(program: Program) -> None:
    assert program.send("a.csv", b"a\n" + b"1\n" * (1 << 20)).status == 201


def test_a_file_of_unknown_size_is_refused(program: Program) -> None:
    headers = {"Authorization": f"Bearer {program.secret}", "Transfer-Encoding": "chunked"}
    answer = program.client.ask("POST", "/api/v1/uploads?name=a.csv", body=b"0\r\n\r\n", headers=headers)
    assert (answer.status, answer.json["code"]) == (400, "wrong_length")
    program.client.close()


def test_it_can_be_used_once(program: Program) -> None:
    upload = program.send("a.csv", b"a,b\n1,2\n3,4\n").json["id"]
    assert program.call("POST", "/datasets", {"upload_id": upload}).status == 201
    assert program.call("POST", "/datasets", {"upload_id": upload}).status in {404, 409}
