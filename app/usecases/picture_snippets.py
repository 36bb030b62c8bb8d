"""How a program asks a service about a picture: text that works as it is pasted, once a key stands in it."""

from __future__ import annotations

import json
import shlex

_PYTHON = """import base64
import json
import urllib.error
import urllib.request

URL = {url}
KEY = {key}
PICTURE = base64.b64decode({picture})
# PICTURE = open("picture.jpg", "rb").read()

request = urllib.request.Request(
    URL,
    data=PICTURE,
    headers={{"Authorization": "Bearer " + KEY, "Content-Type": "image/*"}},
)
try:
    with urllib.request.urlopen(request) as response:
        print(json.dumps(json.load(response), ensure_ascii=False, indent=2))
except urllib.error.HTTPError as problem:
    print(problem.code, problem.read().decode())
"""
_JAVASCRIPT = """const URL_OF_SERVICE = {url};
const KEY = {key};
const picture = Uint8Array.from(atob({picture}), (letter) => letter.charCodeAt(0));

const response = await fetch(URL_OF_SERVICE, {{
  method: "POST",
  headers: {{ Authorization: "Bearer " + KEY, "Content-Type": "image/*" }},
  body: picture, // or a File that somebody chose
}});
console.log(response.status, await response.json());
"""


def write_picture_snippets(address: str, picture: str, key: str) -> dict[str, str]:
    """Return language → program that asks the service at `address` about one picture.

    picture: the file of an example, in base64.   key: or what stands for it.
    """
    curl = [
        f"echo {shlex.quote(picture)} | base64 -d | curl {shlex.quote(address)}",
        f"-H {shlex.quote(f'Authorization: Bearer {key}')}",
        "-H 'Content-Type: image/*'",
        "--data-binary @-",
    ]
    # A file of one's own, and several at once.
    others = ["--data-binary @picture.jpg", "-F image=@one.jpg -F image=@two.png"]
    ask = f"curl {shlex.quote(address)} -H {shlex.quote(f'Authorization: Bearer {key}')}"
    lines = [f"# {ask} -H 'Content-Type: image/*' {others[0]}", f"# {ask} {others[1]}"]
    return {
        "curl": " \\\n  ".join(curl) + "\n\n" + "\n".join(lines) + "\n",
        "python": _PYTHON.format(url=repr(address), key=repr(key), picture=repr(picture)),
        "javascript": _JAVASCRIPT.format(
            url=json.dumps(address), key=json.dumps(key), picture=json.dumps(picture)
        ),
    }
