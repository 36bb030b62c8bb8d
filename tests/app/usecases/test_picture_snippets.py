"""Programs about a picture survive hostile keys and addresses, and carry the example whole."""

from __future__ import annotations

import ast
import base64
import json
import shlex

from app.usecases.service_snippets import write_snippets
from engine.serving.fields import InputField

ADDRESS = "http://127.0.0.1:8502/v1/services/demo/predict"
PICTURE = base64.b64encode(bytes(range(256))).decode()
FIELD = InputField(name="image", kind="image", example=PICTURE)


def test_each_language_carries_the_picture() -> None:
    snippets = write_snippets(ADDRESS, (FIELD,), 'it\'s a "KEY" $HOME')
    words = shlex.split(snippets["curl"], comments=True)
    assert words[:2] == ["echo", PICTURE]
    assert 'Authorization: Bearer it\'s a "KEY" $HOME' in words
    calls = [node for node in ast.walk(ast.parse(snippets["python"])) if isinstance(node, ast.Call)]
    decode = next(call for call in calls if ast.unparse(call.func) == "base64.b64decode")
    assert ast.literal_eval(decode.args[0]) == PICTURE
    assert f"atob({json.dumps(PICTURE)})" in snippets["javascript"]


def test_a_service_of_more_than_a_picture_is_asked_in_rows() -> None:
    snippets = write_snippets(ADDRESS, (FIELD, InputField(name="age", kind="number", example=3.0)), "KEY")
    words = shlex.split(snippets["curl"])
    assert json.loads(words[words.index("--data") + 1]) == {"rows": [{"image": PICTURE, "age": 3}]}
