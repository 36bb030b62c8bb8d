"""Read a stranger's file of weights in a process of its own, with bounds: `python -m app.jobs.check_weights`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

from app.jobs.process import Bounds, bound_myself, yield_to_others
from app.settings import GIB
from engine.errors import AimassError
from engine.families.bridges.weights_reading import read_weights_file
from engine.files import write_json
from engine.words import words_to_json

#: TensorFlow reserves far more addresses than memory.
_BOUNDS = Bounds(memory_bytes=24 * GIB, cpu_s=600, file_bytes=4 * GIB)


def main(arguments: Sequence[str]) -> int:
    """Check one file.   arguments: network, file, .npz file to write, JSON file to tell in how it went."""
    network, file, out, told = arguments
    yield_to_others()
    bound_myself(_BOUNDS)
    try:
        count = read_weights_file(network, Path(file), Path(out))
    except AimassError as error:
        write_json(
            Path(told), {"message": words_to_json(error.message), "remedy": words_to_json(error.remedy)}
        )
        return 1
    write_json(Path(told), {"weights": count})
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
