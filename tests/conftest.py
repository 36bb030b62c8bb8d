"""What every test may rely on: a deterministic hypothesis, a home of its own, and the shared real data."""

from __future__ import annotations

import os
import re
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

#: Fixtures that several rooms share.
pytest_plugins = ["tests.runs", "tests.planes"]

REPOSITORY = Path(__file__).resolve().parents[1]

# `default` gives the same examples on every run, so that a red test stays red. `explore` looks for new ones:
# HYPOTHESIS_PROFILE=explore scripts/test
settings.register_profile(
    "default", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
# What scripts/check looks at: fewer of the same.
settings.register_profile("quick", settings.get_profile("default"), max_examples=20)
settings.register_profile("explore", deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


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
    if "PYTEST_XDIST_WORKER" in os.environ:
        # One worker per core: more threads than cores make OpenMP spin, and everything many times slower.
        os.environ.setdefault("OMP_NUM_THREADS", "1")


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave a file unread of which `-m "not slow …"` wants nothing: reading them all takes longer than most tests."""
    wanted = str(config.option.markexpr)
    if collection_path.suffix != ".py" or not re.fullmatch(r"not \w+( and not \w+)*", wanted):
        return None
    whole = re.search(
        r"^pytestmark = (\[.*?\]|.*?)$", collection_path.read_text("utf-8"), re.DOTALL | re.MULTILINE
    )
    unwanted = wanted.replace("not ", "").split(" and ")
    return True if whole and any(f"pytest.mark.{mark}" in whole[1] for mark in unwanted) else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let several workers begin with what takes longest, so that none is left alone with it at the end."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        return
    weights: dict[Path, float] = {}
    for item in items:
        weight = (
            20.0 if item.get_closest_marker("journey") else 4.0 if item.get_closest_marker("slow") else 0.1
        )
        weights[item.path] = weights.get(item.path, 0.0) + weight
    items.sort(key=lambda item: -weights[item.path])


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
