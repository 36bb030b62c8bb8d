"""Programs to paste survive hostile names, and the address is the one people can reach."""

from __future__ import annotations

import ast
import json
import shlex

import pytest

from app.settings import ServeSettings
from app.usecases.service_snippets import example_row, service_address, write_snippets
from engine.serving.fields import InputField

FIELDS = (
    InputField(name='it\'s "a" $HOME `x` \\ {b} 城市\u2028', kind="text", example="O'Hare\n</script>"),
    InputField(name="rooms", kind="number", example=3.0),
    InputField(name="size", kind="number", example=2.5),
    InputField(name="none", kind="number", example=None),
)
ADDRESS = "http://127.0.0.1:8502/v1/services/demo/predict"


def test_each_language_carries_the_same_row() -> None:
    row = example_row(FIELDS)
    assert (row["rooms"], row["none"]) == (3, None) and isinstance(row["rooms"], int)
    snippets = write_snippets(ADDRESS, FIELDS, "KEY")
    words = shlex.split(snippets["curl"])
    assert json.loads(words[words.index("--data") + 1]) == {"rows": [row]}
    assert "Authorization: Bearer KEY" in words
    calls = [node for node in ast.walk(ast.parse(snippets["python"])) if isinstance(node, ast.Call)]
    loads = next(call for call in calls if ast.unparse(call.func) == "json.loads")
    assert json.loads(ast.literal_eval(loads.args[0])) == [row]
    script = snippets["javascript"]
    start = script.index("const rows = ") + len("const rows = ")
    assert json.loads(script[start : script.index("];\n", start) + 1]) == [row]
    assert "\u2028" not in script


@pytest.mark.parametrize(
    ("serve", "host"),
    [
        (ServeSettings(), "127.0.0.1"),
        (ServeSettings(host="0.0.0.0"), "localhost"),
        (ServeSettings(host="fd00::1"), "[fd00::1]"),
        (ServeSettings(host="0.0.0.0", public_url="https://ai.example.com"), "ai.example.com"),
    ],
)
def test_the_address_is_the_one_people_know(serve: ServeSettings, host: str) -> None:
    assert service_address(serve, "demo") == f"http://{host}:8502/v1/services/demo/predict"
