"""How a program asks a service: text that works as it is pasted, once a key stands in it."""

from __future__ import annotations

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from app.settings import ServeSettings
from app.usecases.picture_snippets import write_picture_snippets
from engine.serving.fields import InputField

_PYTHON = """import json
import urllib.error
import urllib.request

URL = {url}
KEY = {key}
ROWS = json.loads({rows})

request = urllib.request.Request(
    URL,
    data=json.dumps({{"rows": ROWS}}).encode(),
    headers={{"Authorization": "Bearer " + KEY, "Content-Type": "application/json"}},
)
try:
    with urllib.request.urlopen(request) as response:
        print(json.dumps(json.load(response), ensure_ascii=False, indent=2))
except urllib.error.HTTPError as problem:
    print(problem.code, problem.read().decode())
"""
_JAVASCRIPT = """const URL_OF_SERVICE = {url};
const KEY = {key};
const rows = {rows};

const response = await fetch(URL_OF_SERVICE, {{
  method: "POST",
  headers: {{ Authorization: "Bearer " + KEY, "Content-Type": "application/json" }},
  body: JSON.stringify({{ rows }}),
}});
console.log(response.status, await response.json());
"""


def write_snippets(address: str, fields: Sequence[InputField], key: str) -> dict[str, str]:
    """Return language → program that asks the service at `address` one example row.   key: or what stands for it."""
    if [field.kind for field in fields] == ["image"]:
        return write_picture_snippets(address, str(fields[0].example or ""), key)
    rows = [example_row(fields)]
    body = _dump({"rows": rows})
    curl = [
        f"curl {shlex.quote(address)}",
        f"-H {shlex.quote(f'Authorization: Bearer {key}')}",
        "-H 'Content-Type: application/json'",
        f"--data {shlex.quote(body)}",
    ]
    script = {"url": _script(address), "key": _script(key)}
    return {
        "curl": " \\\n  ".join(curl) + "\n",
        "python": _PYTHON.format(url=repr(address), key=repr(key), rows=repr(_dump(rows))),
        "javascript": _JAVASCRIPT.format(**script, rows=_script(rows, indent=2)),
    }


def service_address(serve: ServeSettings, name: str) -> str:
    """Return the address that programs ask: the host people know, the inference plane's port."""
    host = urlsplit(serve.public_url).hostname if serve.public_url else None
    shown = host or {"0.0.0.0": "localhost", "::": "localhost"}.get(serve.host, serve.host)
    return (
        f"http://{f'[{shown}]' if ':' in shown else shown}:{serve.inference_port}/v1/services/{name}/predict"
    )


def _example(field: InputField) -> Any:
    whole = isinstance(field.example, float) and field.example.is_integer()
    return int(field.example) if whole and field.example is not None else field.example


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _script(value: Any, indent: int | None = None) -> str:
    """JSON is JavaScript, but for two line separators."""
    text = json.dumps(value, ensure_ascii=False, allow_nan=False, indent=indent)
    return text.replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def example_row(fields: Sequence[InputField]) -> Mapping[str, Any]:
    """Return the row that the snippets ask about."""
    return {field.name: _example(field) for field in fields}
