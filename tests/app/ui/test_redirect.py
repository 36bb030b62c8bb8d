from __future__ import annotations

import pytest

from app.ui.redirect import redirect


@pytest.mark.parametrize(
    "address", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:x", ""]
)
def test_nobody_is_sent_to_another_house(address: str) -> None:
    with pytest.raises(ValueError, match="path of our own"):
        redirect(address)
