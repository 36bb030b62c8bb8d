from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.ui.plain import plain, sentence, short


@given(st.text(max_size=300))
def test_every_mark_is_escaped_and_nothing_else_changes(text: str) -> None:
    shown = plain(text, 400).replace("\u2060", "")

    unescaped, marks = "", 0
    letters = iter(shown)
    for letter in letters:
        if letter == "\\":
            letter, marks = next(letters), marks + 1
        unescaped += letter
    assert unescaped == short(text, 400).replace("\u2060", "")
    assert marks == sum(letter in "\\`*_{}[]()#+-.!|~<>$:&^=@\"'" for letter in unescaped)


@given(st.text())
def test_what_is_short_fits_on_one_line(text: str) -> None:
    shown = short(text, 20)

    assert len(shown) <= 20
    assert not set(shown) & set("\n\r\t\x00\u2028\u202e")


@pytest.mark.parametrize(
    ("name", "late"),
    [(":smile:", ":smile:"), (":material/home:", ":material/home:"), ("http://e.x", "://"), ("a@b.c", "@b")],
)
def test_what_is_found_after_escapes_are_gone_is_parted(name: str, late: str) -> None:
    assert late not in plain(name).replace("\\", "")


def test_a_letter_that_turns_the_line_around_is_left_out() -> None:
    assert short("abc\u202efdp.exe") == "abcfdp.exe"


def test_ten_thousand_letters_become_eighty() -> None:
    assert plain("A" * 10_000) == "A" * 79 + "…"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("Run `aimass serve` now.", "Run `aimass serve` now\\."),
        ("An odd ` and *stars*", "An odd \\` and \\*stars\\*"),
        ("'a*b' is `x` and `y`", "\\'a\\*b\\' is `x` and `y`"),
    ],
)
def test_commands_in_a_sentence_stay_commands(text: str, shown: str) -> None:
    assert sentence(text) == shown
