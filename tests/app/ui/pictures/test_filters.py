from __future__ import annotations

import pytest

from app.usecases.pictures import ORDERS, SUGGESTED_ORDERS
from tests.app.ui.conftest import Draw

pytestmark = pytest.mark.slow

SCRIPT = """
from app.ui.pictures.filters import filter_bar
found = filter_bar([("cat", 1200), ("**dog**", 3)], key="f", only=("look_alikes", "changed"))
st.text((found.label, found.only, found.order))
"""


def test_everything_is_shown_at_first(draw: Draw) -> None:
    page = draw(SCRIPT)

    assert page.text[0].value == str((None, "all", "mixed"))
    assert page.selectbox[0].options == ["All classes", "cat · 1,200", "**dog** · 3"]


def test_a_class_an_order_and_a_choice_are_told(draw: Draw) -> None:
    page = draw(SCRIPT)
    page.selectbox(key="f-class").select("**dog**")
    page.selectbox(key="f-order").select("darkest")
    page.button_group(key="f-only").set_value("changed").run()

    assert page.text[0].value == str(("**dog**", "changed", "darkest"))


def test_every_order_has_a_word_in_both_languages(draw: Draw) -> None:
    script = """
from app.ui.pictures.filters import only_word, order_word
from app.usecases.pictures import ORDERS, SUGGESTED_ORDERS
for order in (*ORDERS, *SUGGESTED_ORDERS):
    st.text(order_word(order))
for only in ("all", "look_alikes", "changed", "excluded", "unlabelled"):
    st.text(only_word(only))
"""
    english = [text.value for text in draw(script).text]
    chinese = [text.value for text in draw(script, language="zh-CN").text]

    assert not set(english) & {*ORDERS, *SUGGESTED_ORDERS, *chinese}
    assert len(set(english)) == len(set(chinese)) == len(ORDERS) + len(SUGGESTED_ORDERS) + 5


def test_orders_by_suggestions_are_offered_where_there_are_some(draw: Draw) -> None:
    page = draw(SCRIPT.replace("only=", "more=('uncertain', 'doubted'), only="))

    assert page.selectbox(key="f-order").options[:3] == ["Mixed", "Uncertain first", "Doubted labels first"]
    assert "Uncertain first" not in draw(SCRIPT).selectbox(key="f-order").options


def test_a_set_without_classes_has_no_choice_of_them(draw: Draw) -> None:
    page = draw("""
from app.ui.pictures.filters import filter_bar
st.text(filter_bar([], key="f", only=(), first="file"))
""")

    assert [box.key for box in page.selectbox] == ["f-order"]
    assert "order='file'" in page.text[0].value
