"""Small forms; what the server does with strange ones is in test_sign_in.py."""

from __future__ import annotations

import pytest

from app.web.forms import safe_target


@pytest.mark.parametrize("wish", ["/", "/walk?run=a1&step=train", "/数据?id=1#x"])
def test_a_path_of_ours_is_kept(wish: str) -> None:
    assert safe_target(wish) == wish


@pytest.mark.parametrize(
    "wish",
    [
        *(None, "", "//evil", "/\\evil", "\\\\evil", "https:evil", "https://evil", "javascript:alert(1)"),
        *("/a\\b", "/a\r\nSet-Cookie: x=1", " /a", "/" + "a" * 3000, "/\t/evil"),
    ],
)
def test_anything_that_may_lead_elsewhere_becomes_the_start_page(wish: str | None) -> None:
    assert safe_target(wish) == "/"
