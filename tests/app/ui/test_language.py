from __future__ import annotations

import pytest

from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow


SCRIPT = """
from app.ui.language import _, language, n_, tell
from engine.words import words
st.text(language())
st.text(_("Datasets"))
st.text(n_("{n} day ago", "{n} days ago", 3))
st.text(tell(words("{n} s", n=4)))
st.text(tell("4 s"))
st.text(tell(None))
"""


def test_the_browsers_language_is_spoken(draw: Draw) -> None:
    assert [t.value for t in draw(SCRIPT).text] == ["en", "Datasets", "3 days ago", "4 s", "4 s", ""]
    assert [t.value for t in draw(SCRIPT, language="zh-CN").text] == [
        "zh_CN",
        "数据集",
        "3 天前",
        "4 秒",
        "4 秒",
        "",
    ]


def test_other_languages_get_english(draw: Draw) -> None:
    assert draw(SCRIPT, language="fr-FR").text[0].value == "en"
