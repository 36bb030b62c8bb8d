"""Laws every piece of advice keeps: silent on nothing, honest about why, one action, one test file."""

from __future__ import annotations

import json
import re
import string
from pathlib import Path

import pytest

from app.cli_options import build_parser
from engine.advice import CATALOGUE, Facts, Rule, advise
from engine.advice.rule import Values
from engine.specs.codec import from_json, to_json
from engine.specs.evaluation import Finding

RULES = pytest.mark.parametrize("rule", CATALOGUE, ids=lambda rule: rule.code)
IMPERATIVES = {
    *("Add", "Check", "Collect", "Do", "Find", "Give", "If", "Judge", "Keep", "Leave", "Look", "Make"),
    *("Prefer", "Remove", "Say", "Test", "Trust", "Try", "Use"),
}
#: Placeholders that hold names rather than numbers.
NAMES = {
    *("classes", "column", "columns", "family", "first", "frequent", "group", "message", "rare", "rarest"),
    *("given", "other", "splitter", "strain", "target", "title", "worst"),
}


def placeholders(template: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(template) if name}


@RULES
def test_silent_on_nothing(rule: Rule) -> None:
    assert rule.check(Facts()) is None


@RULES
def test_its_words_are_complete(rule: Rule) -> None:
    assert re.fullmatch(r"AM[1-4]\d\d", rule.code)
    assert rule.title and not rule.title.endswith(".")
    assert len(rule.why) > 40 and rule.why.endswith(".")
    assert rule.evidence.endswith((".", "}")) and placeholders(rule.evidence)
    assert rule.action.endswith(".") and rule.action.count(". ") == 0
    assert rule.action.split(maxsplit=1)[0] in IMPERATIVES


@RULES
def test_its_words_are_for_pages_too(rule: Rule) -> None:
    assert "--" not in rule.action + rule.evidence + rule.title


@RULES
def test_its_option_exists_on_the_command_line(rule: Rule, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["run", "--help"])
    known = capsys.readouterr().out
    assert [option for option in re.findall(r"--[a-z-]+", rule.option) if option not in known] == []


@RULES
def test_one_test_file_per_code(rule: Rule, repository: Path) -> None:
    files = list((repository / "tests" / "engine" / "advice").glob(f"test_{rule.code.lower()}_*.py"))
    assert len(files) == 1
    text = files[0].read_text(encoding="utf-8")
    assert "def test_fires" in text and "def test_silent" in text


@RULES
def test_a_finding_survives_json(rule: Rule) -> None:
    class Told(type(rule)):  # type: ignore[misc]
        """The rule's words over made-up values."""

        def measure(self, facts: Facts) -> Values | None:
            names = placeholders(self.evidence) | placeholders(self.action) | placeholders(self.option)
            return {name: "name" if name in NAMES else 40.0 for name in names}

        def severity_of(self, values: Values) -> str:
            return self.severity

    finding = Told().check(Facts())
    assert finding is not None
    text = json.dumps(to_json(finding), allow_nan=False)
    assert from_json(Finding, json.loads(text)) == finding
    assert "{" not in finding.evidence + finding.action + finding.option


def test_codes_are_unique_and_ascending() -> None:
    codes = [rule.code for rule in CATALOGUE]
    assert codes == sorted(set(codes))


def test_issues_come_before_tips() -> None:
    assert advise(Facts()) == ()
