"""Settings come from the environment, with the machine's own values as defaults."""

from __future__ import annotations

import pytest

from app.settings import ServeSettings, environment_names, read_serve_settings, read_settings
from engine.errors import BadCommand


def test_defaults_suit_this_machine() -> None:
    settings = read_settings({})
    assert settings.threads >= 1
    assert settings.memory_bytes == 1 << 30


def test_values_are_read() -> None:
    settings = read_settings({"AIMASS_THREADS": " 3 ", "AIMASS_MEMORY_GIB": "0.5"})
    assert (settings.threads, settings.memory_bytes) == (3, 1 << 29)


@pytest.mark.parametrize("name", ["AIMASS_THREADS", "AIMASS_MEMORY_GIB"])
@pytest.mark.parametrize("value", ["many", "-1", "nan", "1e99", "0"])
def test_a_wrong_value_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadCommand, match=name):
        read_settings({name: value})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("AIMASS_MAX_UPLOAD_GIB", "lots"),
        ("AIMASS_MAX_UPLOAD_GIB", "0"),
        ("AIMASS_DATA_ROOTS", "no/whole/path"),
        ("AIMASS_DATA_ROOTS", "/no/such/folder"),
        ("AIMASS_PUBLIC_URL", "ai.example.com"),
        ("AIMASS_PUBLIC_URL", "ftp://ai.example.com"),
        ("AIMASS_PUBLIC_URL", "https://ai.example.com/portal"),
        ("AIMASS_PUBLIC_URL", "http://["),
    ],
)
def test_a_wrong_setting_of_the_server_names_its_variable(name: str, value: str) -> None:
    with pytest.raises(BadCommand, match=name):
        read_serve_settings({name: value}, host="127.0.0.1", port=8501, inference_port=8502)


def test_the_servers_settings_are_read() -> None:
    settings = read_serve_settings(
        {
            "AIMASS_PUBLIC_URL": "https://ai.example.com/",
            "AIMASS_ALLOWED_HOSTS": "Box.lan, ,10.0.0.7",
            "AIMASS_TRUSTED_PROXIES": "10.0.0.1",
            "AIMASS_MAX_UPLOAD_GIB": "0.5",
            "AIMASS_DATA_ROOTS": "/usr:/etc",
        },
        host="0.0.0.0",
        port=80,
        inference_port=81,
    )
    assert settings.allowed_hosts == ("box.lan", "10.0.0.7")
    assert settings.trusted_proxies == ("10.0.0.1",)
    assert settings.max_upload_bytes == 1 << 29
    assert settings.data_roots == ("/usr", "/etc")
    assert settings.is_https
    assert settings.address == "https://ai.example.com"


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("0.0.0.0", "http://localhost:8501"),
        ("10.0.0.7", "http://10.0.0.7:8501"),
        ("::1", "http://[::1]:8501"),
    ],
)
def test_the_address_is_one_that_can_be_typed(host: str, address: str) -> None:
    assert ServeSettings(host=host).address == address
    assert not ServeSettings(host=host).is_https


def test_every_setting_has_its_variable() -> None:
    assert {"AIMASS_THREADS", "AIMASS_PUBLIC_URL", "AIMASS_MAX_UPLOAD_GIB"} <= set(environment_names())
    assert "AIMASS_PORT" not in environment_names()
