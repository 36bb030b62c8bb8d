from __future__ import annotations

import argparse

import pytest

from app.serve_options import INFERENCE_PORT, PORTAL_PORT, add_serve_options


@pytest.fixture
def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser()
    add_serve_options(made)
    return made


def test_defaults_listen_on_this_machine_alone(parser: argparse.ArgumentParser) -> None:
    options = parser.parse_args([])
    assert (options.host, options.port, options.inference_port) == ("127.0.0.1", PORTAL_PORT, INFERENCE_PORT)
    assert not options.allow_network_fs


@pytest.mark.parametrize("port", ["0", "65536", "-1", "many"])
def test_a_wrong_port_is_a_wrong_command(parser: argparse.ArgumentParser, port: str) -> None:
    with pytest.raises(SystemExit) as refused:
        parser.parse_args(["--port", port])
    assert refused.value.code == 2
