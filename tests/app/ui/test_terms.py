from __future__ import annotations

from collections.abc import Callable
from typing import get_args

import pytest

from app.ui.terms import family_word, metric_word, set_word, stopped_word, task_word
from engine.errors import AimassError
from engine.evaluation.metrics import METRICS
from engine.families import CATALOGUE
from engine.specs.schema import Task
from engine.specs.split import SETS
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("word", "codes"),
    [
        (task_word, get_args(Task)),
        (set_word, SETS),
        (metric_word, [metric.name for metric in METRICS]),
        (family_word, [family.name for family in CATALOGUE]),
    ],
)
def test_every_code_of_the_engine_has_a_word(word: Callable[[str], str], codes: list[str]) -> None:
    words = [word(code) for code in codes]

    assert len(set(words)) == len(codes)
    assert all(one and "_" not in one for one in words)


def test_a_code_that_nobody_knows_is_shown_or_refused() -> None:
    assert task_word("new") == "new"
    assert set_word("new") == "new"
    assert stopped_word("new") == "" == stopped_word(None)
    for word in (metric_word, family_word):
        with pytest.raises(AimassError):
            word("new")


def test_words_follow_the_readers_language(draw: Draw) -> None:
    page = draw(
        "from app.ui.terms import set_word, stopped_word\nst.text(set_word('test') + stopped_word('time'))",
        language="zh-CN",
    )

    assert not page.text[0].value.isascii()
