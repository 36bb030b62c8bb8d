"""`python -m app.inference FOLDER --host HOST --port PORT`: serve the published models of a data folder."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from app.inference.process import serve
from engine.errors import AimassError


def main(arguments: list[str]) -> int:
    """Run the plane and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m app.inference", description=__doc__)
    parser.add_argument("folder", type=Path, help="the data folder; its services/ are served")
    parser.add_argument("--host", default="127.0.0.1", help="address to listen on")
    parser.add_argument("--port", type=int, default=8502, help="port to listen on; 0 takes any free one")
    asked = parser.parse_args(arguments)
    try:
        return serve(asked.folder, asked.host, asked.port, os.environ)
    except AimassError as error:
        sys.stderr.write(f"{error}\n")
        return error.exit_code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
