"""What every test may rely on: a deterministic hypothesis, a home of its own, and the shared real data."""

from __future__ import annotations

import gc
import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.parts import files_of_part

#: Fixtures that several rooms share.
pytest_plugins = ["tests.runs", "tests.planes"]

REPOSITORY = Path(__file__).resolve().parents[1]
#: The test files of the part that is asked for; None where all are.
PART = pytest.StashKey[frozenset[Path] | None]()

# `default` gives the same examples on every run, so that a red test stays red. `explore` looks for new ones:
# HYPOTHESIS_PROFILE=explore scripts/test
settings.register_profile(
    "default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# What scripts/check looks at: fewer of the same.
settings.register_profile("quick", settings.get_profile("default"), max_examples=20)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--part`: several processes that share the files need no master, which costs as much as many tests."""
    parser.addoption("--part", metavar="I/N", help="of N parts of all test files, read and run only the I-th")


def pytest_configure(config: pytest.Config) -> None:
    """Keep libraries from writing into the developer's home; they read these names when first imported."""
    home = tempfile.TemporaryDirectory(prefix="aimass-test-home-")
    config.add_cleanup(home.cleanup)
    os.environ.update(
        HOME=home.name,
        KERAS_HOME=str(Path(home.name) / ".keras"),
        KERAS_BACKEND="tensorflow",
        TF_CPP_MIN_LOG_LEVEL="3",
    )
    config.stash[PART] = _part(config)
    if "PYTEST_XDIST_WORKER" in os.environ or config.stash[PART] is not None:
        # One worker per core: more threads than cores make OpenMP spin, and everything many times slower.
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave a file unread that nobody wants or that another part reads: reading all takes longer than most tests."""
    if collection_path.suffix != ".py":
        return None
    part = config.stash[PART]
    is_elsewhere = (
        part is not None and collection_path.name.startswith("test_") and collection_path not in part
    )
    return True if is_elsewhere or _is_unwanted(collection_path, config) else None


def _is_unwanted(file: Path, config: pytest.Config) -> bool:
    """Say whether `-m "not slow …"` wants nothing of a file."""
    wanted = str(config.option.markexpr)
    if not re.fullmatch(r"not \w+( and not \w+)*", wanted):
        return False
    whole = re.search(r"^pytestmark = (\[.*?\]|.*?)$", file.read_text("utf-8"), re.DOTALL | re.MULTILINE)
    unwanted = wanted.replace("not ", "").split(" and ")
    return whole is not None and any(f"pytest.mark.{mark}" in whole[1] for mark in unwanted)


def _part(config: pytest.Config) -> frozenset[Path] | None:
    """Return the wanted files of the part that this process was asked for; None where it was asked for all."""
    asked = config.getoption("--part")
    if asked is None:
        return None
    tests = (REPOSITORY / "tests").rglob("test_*.py")
    try:
        return files_of_part(asked, [file for file in tests if not _is_unwanted(file, config)])
    except ValueError as error:
        raise pytest.UsageError(str(error)) from None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let several workers begin with what takes longest, so that none is left alone with it at the end.

    Measured, a journey takes 30 to 60 times as long as a slow test, and mostly waits: even a file of one comes early.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    weights: dict[Path, float] = {}
    for item in items:
        weight = (
            60.0 if item.get_closest_marker("journey") else 2.0 if item.get_closest_marker("slow") else 0.1
        )
        weights[item.path] = weights.get(item.path, 0.0) + weight
    items.sort(key=lambda item: -weights[item.path])


def pytest_collection_finish() -> None:
    """Keep the garbage collector from walking through all that was imported: it stays until the end anyway."""
    gc.freeze()


def pytest_sessionfinish() -> None:
    """Let libraries take leave of what they hold: some complain about what is left at the very end."""
    gc.unfreeze()


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real data sets; AIMASS_SHARED_DATA names another place than `../shared/data`."""
    folder = Path(os.environ.get("AIMASS_SHARED_DATA", REPOSITORY.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"no shared data at {folder}; set AIMASS_SHARED_DATA to its folder")
    return folder


@pytest.fixture
def repository() -> Path:
    """The root of the source tree."""
    return REPOSITORY
