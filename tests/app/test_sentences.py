"""A finished English sentence is told in another language by recognising its template."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from app.sentences import Sentences

CATALOGUE = {
    "Upload": "上传",
    "The file {name!r} is empty.": "文件 {name} 是空的。",
    "The file {name!r} is empty or cut off.": "文件 {name} 是空的或不完整。",
    "Give a file with rows.": "请提供有数据行的文件。",
    "Expected {what}. Received {received!r}.": "需要{what}，收到 {received}。",
    "whole numbers": "整数",
    "{rows:,} rows": "{rows} 行",
    "{rows:,} of {all:,} rows, {rows:,} kept": "{all} 行中的 {rows} 行",
    "{when} by {who}": "{when}，{who}",
    "{message} Left out: {columns}.": "{message} 停用：{columns}。",
    "The setting {field!r} cannot be used. Received: {received!r}.": "设置 {field} 无法使用，收到 {received}。",
}
SENTENCES = Sentences(CATALOGUE)


def test_a_sentence_without_placeholders_is_looked_up() -> None:
    assert SENTENCES.tell("Upload") == "上传"


def test_what_stands_between_the_fixed_words_is_carried_over() -> None:
    assert SENTENCES.tell("The file 'a b.csv' is empty.") == "文件 'a b.csv' 是空的。"
    assert SENTENCES.tell("1,234 rows") == "1,234 行"


def test_the_template_with_more_fixed_words_wins() -> None:
    assert SENTENCES.tell("The file 'x' is empty or cut off.") == "文件 'x' 是空的或不完整。"


def test_a_message_and_its_remedy_are_told_one_after_the_other() -> None:
    assert (
        SENTENCES.tell("The file 'x' is empty. Give a file with rows.")
        == "文件 'x' 是空的。 请提供有数据行的文件。"
    )


def test_words_of_ours_inside_a_sentence_are_told_and_a_quoted_word_of_a_user_is_not() -> None:
    assert SENTENCES.tell("Expected whole numbers. Received 'Upload'.") == "需要整数，收到 'Upload'。"


def test_a_title_of_ours_is_told_before_a_dot_and_a_users_is_not() -> None:
    assert SENTENCES.tell("Upload · deep") == "上传 · deep"
    assert SENTENCES.tell("my upload · Upload") == "my upload · Upload"


def test_a_name_that_stands_twice_must_be_the_same_twice() -> None:
    assert SENTENCES.tell("3 of 9 rows, 3 kept") == "9 行中的 3 行"
    assert SENTENCES.tell("3 of 9 rows, 4 kept") == "3 of 9 rows, 4 kept"


def test_a_template_that_says_little_takes_no_sentence_for_its_own() -> None:
    assert SENTENCES.tell("2026-11-23 by Ada") == "2026-11-23，Ada"
    unknown = "Rows are drawn by lot within each class, so every set has the same mix."
    assert SENTENCES.tell(unknown) == unknown
    assert SENTENCES.tell(f"{unknown} Give a file with rows.") == f"{unknown} Give a file with rows."


def test_a_whole_sentence_may_stand_before_a_remark() -> None:
    told = SENTENCES.tell("The file 'x' is empty. Left out: 'a', 'b'.")
    assert told == "文件 'x' 是空的。 停用：'a', 'b'。"


def test_a_quoted_word_ends_where_its_quotes_end() -> None:
    told = SENTENCES.tell("The setting 'a. b' cannot be used. Received: 'c'. Give a file with rows.")
    assert told == "设置 'a. b' 无法使用，收到 'c'。 请提供有数据行的文件。"


@given(st.text(max_size=200))
def test_unknown_text_stays_as_it_is_or_is_carried_whole(text: str) -> None:
    told = SENTENCES.tell(f"@@ {text} @@")
    assert told == f"@@ {text} @@"


@given(st.text(max_size=60))
def test_any_name_is_carried_into_the_translation(name: str) -> None:
    assert name in SENTENCES.tell(f"The file {name!r} is empty.".replace(repr(name), f"'{name}'"))
