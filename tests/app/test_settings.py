"""Settings come from the environment, with the machine's own values as defaults."""

from __future__ import annotations

import pytest

from app.settings import environment_names, read_settings
from engine.errors import BadCommand


def test_defaults_suit_this_machine() -> None:
    settings = read_settings({})
    assert settings.threads >= 1
    assert settings.memory_bytes == 1 << 30


def test_values_are_read() -> None:
    settings = read_settings({"AIMASS_THREADS": " 3 ", "AIMASS_MEMORY_GIB": "0.5"})
    assert (settings.threads, settings.memory_bytes) == (3, 1 << 29)


@pytest.mark.parametrize("name", environment_names())
@pytest.mark.parametrize("value", ["many", "-1", "nan", "1e99", "0"])
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadCommand, match=name):
        read_settings({name: value})
