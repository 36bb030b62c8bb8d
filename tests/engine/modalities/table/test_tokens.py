"""Missing tokens: what always means missing, what only sometimes does, and Namibia."""

from __future__ import annotations

from engine.modalities.table.tokens import ALL_TOKENS, DOUBTFUL_TOKENS, PLAIN_TOKENS, category_tokens


def test_no_token_is_twice_in_the_lists_or_carries_blanks() -> None:
    assert len(set(ALL_TOKENS)) == len(ALL_TOKENS) == len(PLAIN_TOKENS) + len(DOUBTFUL_TOKENS)
    assert all(token and token == token.strip() for token in ALL_TOKENS)


def test_a_word_that_may_be_an_answer_is_no_token_of_a_category() -> None:
    tokens = category_tokens(["none", "co-applicant", "NA", "无"])
    assert {"NA", "?", "-", "NULL", "\\N"} <= set(tokens)
    assert not {"none", "None", "无", "unknown", "."} & set(tokens)


def test_na_is_namibia_among_country_codes_only() -> None:
    codes = ["DE", "FR", "CN", "US", "GB", "ZA", "BW", "AO", "ZM", "ZW"]
    assert "NA" not in category_tokens([*codes, "NA", "?"])
    assert set(PLAIN_TOKENS) - set(category_tokens([*codes, "NA"])) == {"NA"}
    assert "NA" in category_tokens([*codes[:9], "NA"])
    assert "NA" in category_tokens([*codes, "Germany", "NA"])
