from __future__ import annotations

import pytest

from app.language import LANGUAGES, Translator, choose_language, translator
from engine.words import words

CHINESE = Translator(
    "zh_CN",
    {
        "Sign in": ("登录",),
        "{n} row": ("{n} 行",),
        "The file {name!r} is empty.": ("文件 {name!r} 是空的。",),
        "Broken {a}.": ("坏 {b}。",),
    },
)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_language_has_a_catalogue_that_loads(code: str) -> None:
    assert translator(code).code == code


def test_english_is_the_identity_and_stands_in_for_the_unknown() -> None:
    assert translator("xx").code == "en"
    assert translator("en").text("anything {x}") == "anything {x}"
    assert translator("en").plural("{n} row", "{n} rows", 2) == "{n} rows"
    assert translator("en").tell(words("The file {name!r} is empty.", name="a")) == "The file 'a' is empty."


def test_literals_and_plurals_are_told_in_chinese() -> None:
    assert CHINESE.text("Sign in") == "登录"
    assert CHINESE.text("Never seen") == "Never seen"
    assert [CHINESE.plural("{n} row", "{n} rows", n) for n in (1, 5)] == ["{n} 行", "{n} 行"]
    assert CHINESE.html_language == "zh-CN"


def test_a_sentence_is_told_by_its_template_even_when_it_was_flattened() -> None:
    sentence = words("The file {name!r} is empty.", name="数据.csv")
    assert CHINESE.tell(sentence) == "文件 '数据.csv' 是空的。"
    assert CHINESE.tell(str(sentence)) == "文件 '数据.csv' 是空的。"


def test_a_translation_with_foreign_placeholders_falls_back_to_english() -> None:
    assert CHINESE.tell(words("Broken {a}.", a=1)) == "Broken 1."


@pytest.mark.parametrize(
    ("cookie", "header", "code"),
    [
        ("zh_CN", "en-GB", "zh_CN"),
        ("en", "zh-CN", "en"),
        ("../x", "zh-CN,zh;q=0.9", "zh_CN"),
        (None, "en;q=0.3, zh;q=0.9", "zh_CN"),
        (None, "fr, de;q=0.9", "en"),
        (None, "", "en"),
        (None, ";q=x,zh;q=nan;;,\x00", "en"),
    ],
)
def test_a_reader_gets_the_language_they_chose_or_prefer(cookie: str | None, header: str, code: str) -> None:
    assert choose_language(cookie, header) == code
