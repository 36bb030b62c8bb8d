"""Sentences are plain text in English, and can be made again from their JSON."""

from __future__ import annotations

import json

import pytest

from engine.words import Words, words, words_from_json, words_to_json


def test_a_sentence_is_a_string_that_remembers_how_it_was_made() -> None:
    text = words("{rows:,} rows of {name!r}", rows=1200, name="a b")
    assert text == "1,200 rows of 'a b'"
    assert (text.template, text.values) == ("{rows:,} rows of {name!r}", {"rows": 1200, "name": "a b"})


def test_a_missing_value_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        words("{rows} rows")


def test_a_sentence_survives_json_with_sentences_inside() -> None:
    text = words(
        "{what} It took {seconds:.1f} s.", what=words("The file {name!r} is empty.", name="x"), seconds=2
    )
    back = words_from_json(json.loads(json.dumps(words_to_json(text))))
    assert back == text
    assert isinstance(back, Words)
    assert isinstance(back.values["what"], Words)


def test_plain_text_stays_plain_and_a_torn_template_falls_back_to_its_text() -> None:
    assert words_from_json(words_to_json("plain")) == "plain"
    assert words_from_json("plain") == "plain"
    assert words_from_json({"text": "3 rows", "template": "{n} rows", "values": {}}) == "3 rows"
