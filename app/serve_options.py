"""The options of `aimass serve`, light enough for the server to read them before anything heavy is loaded."""

from __future__ import annotations

import argparse

PORTAL_PORT = 8501
INFERENCE_PORT = 8502


def add_serve_options(verb: argparse.ArgumentParser) -> None:
    """Add the options to a parser."""
    verb.add_argument(
        "--host",
        default="127.0.0.1",
        metavar="ADDRESS",
        help="address to listen on (default: 127.0.0.1; 0.0.0.0 for all)",
    )
    verb.add_argument(
        "--port",
        type=_port,
        default=PORTAL_PORT,
        metavar="N",
        help=f"port of the portal (default: {PORTAL_PORT})",
    )
    verb.add_argument(
        "--inference-port",
        type=_port,
        default=INFERENCE_PORT,
        metavar="N",
        help=f"port of the services' answers (default: {INFERENCE_PORT})",
    )
    verb.add_argument(
        "--data-dir", default="data", metavar="DIR", help="folder that holds everything (default: data)"
    )
    verb.add_argument(
        "--allow-network-fs",
        action="store_true",
        help="work on a network file system too, at your own risk",
    )


def _port(text: str) -> int:
    value = int(text)
    if not 1 <= value <= 65535:
        raise argparse.ArgumentTypeError(f"expected a port in [1, 65535], received {text}")
    return value
