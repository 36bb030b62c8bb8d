"""What the image promises, read from the Dockerfile: there need be no Docker where the tests run."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

BUILD_TOOLS = ("gcc", "g++", "build-essential", "cmake", "make", "python3-dev", "git", "curl", "wget")


@dataclass(frozen=True)
class Stage:
    """One FROM … of the Dockerfile.   steps: (instruction, rest) in order."""

    name: str
    steps: tuple[tuple[str, str], ...]

    def all(self, instruction: str) -> list[str]:
        return [rest for word, rest in self.steps if word == instruction]


@pytest.fixture(scope="module")
def stages() -> tuple[Stage, ...]:
    text = (Path(__file__).resolve().parents[2] / "Dockerfile").read_text(encoding="utf-8")
    joined = re.sub(r"\\\n", " ", text)
    lines = [line.strip() for line in joined.splitlines() if line.strip() and not line.startswith("#")]
    steps = [(line.split(None, 1)[0].upper(), line.split(None, 1)[1]) for line in lines]
    starts = [i for i, (word, _) in enumerate(steps) if word == "FROM"]
    ends = [*starts[1:], len(steps)]
    return tuple(
        Stage(name=steps[start][1], steps=tuple(steps[start:end]))
        for start, end in zip(starts, ends, strict=True)
    )


def test_it_is_built_in_stages(stages: tuple[Stage, ...]) -> None:
    assert len(stages) >= 2
    assert any(rest.startswith("--from=build") for rest in stages[-1].all("COPY"))


def test_it_runs_as_an_ordinary_user(stages: tuple[Stage, ...]) -> None:
    users = stages[-1].all("USER")
    assert users, "the last stage has no USER"
    assert users[-1] not in {"root", "0"}
    words = [word for word, _ in stages[-1].steps]
    assert words.index("USER") < words.index("ENTRYPOINT")
    assert "RUN" not in words[words.index("USER") :]


def test_it_says_whether_it_is_healthy(stages: tuple[Stage, ...]) -> None:
    (check,) = stages[-1].all("HEALTHCHECK")
    command = json.loads(check.split("CMD", 1)[1])
    assert command[0] == "python" and "/healthz" in command[-1]
    (served,) = stages[-1].all("CMD")
    assert json.loads(served)[0] == "serve" and "0.0.0.0" in served


def test_the_last_stage_has_no_build_tools_and_no_caches(stages: tuple[Stage, ...]) -> None:
    runs = stages[-1].all("RUN")
    words = set(re.findall(r"[\w+.-]+", " ".join(runs)))
    assert not words.intersection(BUILD_TOOLS)
    assert "pip install" not in " ".join(runs)
    assert all("rm -rf /var/lib/apt/lists/*" in run for run in runs if "apt-get" in run)
    assert all("--no-install-recommends" in run for run in runs if "apt-get install" in run)
    assert any("pip uninstall" in run for run in runs)


def test_it_is_installed_as_on_any_machine(stages: tuple[Stage, ...]) -> None:
    assert any(run.startswith("scripts/install") for run in stages[0].all("RUN"))
    assert "PIP_NO_CACHE_DIR=1" in " ".join(stages[0].all("ENV"))


def test_what_it_copies_exists_and_passes_dockerignore(stages: tuple[Stage, ...], repository: Path) -> None:
    kept = [
        line[1:]
        for line in (repository / ".dockerignore").read_text("utf-8").splitlines()
        if line.startswith("!")
    ]
    sources = [source for rest in stages[0].all("COPY") for source in rest.split()[:-1]]
    assert sources
    for source in sources:
        assert list(repository.glob(source)), source
        assert source.split("/")[0] in kept, source


def test_every_package_of_the_product_is_in_it(stages: tuple[Stage, ...], repository: Path) -> None:
    copied = {source for rest in stages[0].all("COPY") for source in rest.split()[:-1]}
    packages = {
        path.parent.name
        for path in repository.glob("*/__init__.py")
        if path.parent.name not in {"tests", "scripts"}
    }
    assert packages
    assert packages <= copied
