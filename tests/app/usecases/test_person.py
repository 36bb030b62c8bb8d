"""User names are kept in one way of writing, and hold nothing that could pass for markup, a path or a blank."""

from __future__ import annotations

import pytest

from app.usecases.person import CONSOLE, Person, checked_name, plain_name, require_admin
from app.usecases.refusals import Forbidden, Refusal


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("Ada", "ada"),
        ("  ada ", "ada"),
        ("ADA.Lovelace", "ada.lovelace"),
        ("张伟", "张伟"),
        ("a@b.example", "a@b.example"),
        ("Ａｄａ", "ada"),
        ("straße", "strasse"),
    ],
)
def test_one_way_of_writing(typed: str, kept: str) -> None:
    assert checked_name(typed) == kept
    assert plain_name(typed) == kept


@pytest.mark.parametrize(
    "name",
    [
        "",
        "   ",
        "a b",
        "../x",
        "<b>",
        "a\nb",
        "a\0b",
        "-a",
        ".",
        "x" * 65,
        "a/b",
        "\u202eada",
        "\ud800",
        None,
        7,
    ],
)
def test_what_is_no_name(name: object) -> None:
    with pytest.raises(Refusal):
        checked_name(name)


def test_only_administrators_pass() -> None:
    require_admin(CONSOLE)
    with pytest.raises(Forbidden):
        require_admin(Person(id="1", name="bob", display="Bob", role="member"))
