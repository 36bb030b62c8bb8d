"""What the README says is so: its options, settings, files and folders are those of the code."""

from __future__ import annotations

import argparse
import re
from pathlib import Path

import pytest

from app.cli_options import build_parser
from app.settings import environment_names
from engine.specs.bundle import METADATA_KEYS
from engine.specs.run import RunPaths

README = (Path(__file__).resolve().parents[2] / "README.md").read_text(encoding="utf-8")
VERBS: dict[str, argparse.ArgumentParser] = next(
    action.choices for action in build_parser()._actions if isinstance(action, argparse._SubParsersAction)
)


@pytest.mark.parametrize("verb", VERBS)
def test_the_options_of_a_verb_are_those_of_the_parser(verb: str) -> None:
    block = re.search(rf"<!-- options: {verb} -->\n(.*?)<!-- end -->", README, re.DOTALL)
    assert block, f"the README has no table of options for {verb}"
    table = _table(VERBS[verb])
    assert block[1].strip() == table, f"the table of {verb} must be:\n{table}"


@pytest.mark.parametrize("name", environment_names())
def test_every_setting_has_a_row(name: str) -> None:
    assert re.search(rf"^\| `{name}` \| [^|]+ \| [^|]+ \|$", README, re.MULTILINE)


def test_every_file_on_top_of_a_run_folder_is_explained() -> None:
    section = README.split("## The run folder")[1].split("\n## ")[0]
    paths = RunPaths(Path("run"))
    tops = {
        getattr(paths, name).relative_to("run").parts[0]
        for name, value in vars(RunPaths).items()
        if isinstance(value, property)
    }
    assert {top for top in tops if f"`{top}`" not in section and f"`{top}/`" not in section} == set()


@pytest.mark.parametrize("key", METADATA_KEYS)
def test_every_metadata_key_is_named(key: str) -> None:
    assert f"`{key}`" in README.split("## The model file")[1]


def test_the_scripts_and_rooms_it_names_exist(repository: Path) -> None:
    named = set(re.findall(r"`?(scripts/[a-z]+|\.ci/run)\b(?!-)", README))
    rooms = {
        f"{house}/{room}"
        for house, block in re.findall(
            r"^(app|engine)/ (.*?)(?=^\S)", README.split("## The house")[1], re.MULTILINE | re.DOTALL
        )
        for room in re.findall(r"(?:^ {13}|  )([a-z]+/)", block, re.MULTILINE)
    }
    assert named >= {"scripts/aimass", "scripts/test"}
    assert {room.split("/")[0] for room in rooms} == {"app", "engine"}
    missing = {name for name in named if not (repository / name).exists()}
    missing |= {room for room in rooms if not (repository / room).is_dir()}
    assert missing == set()


def test_every_room_of_the_engine_is_named(repository: Path) -> None:
    house = README.split("## The house")[1].split("\n## ")[0]
    rooms = [path.name for path in (repository / "engine").iterdir() if (path / "__init__.py").is_file()]
    assert rooms
    assert [room for room in rooms if f"{room}/" not in house] == []


def test_decisions_are_numbered_and_dated() -> None:
    entries = re.findall(r"^(\d+)\. \*\*(.{10})", README.split("## Decisions")[1], re.MULTILINE)
    assert [int(number) for number, _ in entries] == list(range(1, len(entries) + 1))
    assert all(re.fullmatch(r"\d{4}-\d\d-\d\d", date) for _, date in entries)


def _table(parser: argparse.ArgumentParser) -> str:
    """The table of a verb's options, as the README must hold it."""
    rows = ["| option | meaning |", "|---|---|"]
    for action in parser._actions:
        if action.option_strings and action.dest != "help":
            value = action.metavar or r"\|".join(action.choices or ())
            option = f"{action.option_strings[-1]} {value}".strip()
            meaning = str(action.help).replace("<", "&lt;")
            rows.append(f"| `{option}` | {meaning} |")
    return "\n".join(rows)
