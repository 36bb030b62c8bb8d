"""Say in the portal's words what the engine says in those of the command line.

The engine's remedies name options (`--families`), which nobody has who looks at a page. A sentence of the portal names
the step or the field instead. Each is a sentence of its own in the catalogues.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from engine.words import words

_AGAIN = words("Try it again. If it happens again, tell whoever looks after this machine.")
_DISK = words("Make room on the server's disk, then do the same again.")
_LEAVE_OUT = words(
    "Leave this kind of model out on the step Models, and tell whoever looks after this machine."
)
#: A sentence of the engine → the portal's.
_SENTENCES: Mapping[str, str] = {
    "Leave this family out with --families.": _LEAVE_OUT,
    "Leave this family out with --families, and report the family.": _LEAVE_OUT,
    "Leave the family out with --families, and report this message.": _LEAVE_OUT,
    "Leave it out with --families, and report the message.": _LEAVE_OUT,
    "Leave the largest family out with --families, for example forests or neighbours.": words(
        "Leave the largest kind of model out on the step Models, for example forests or neighbours."
    ),
    "Lower the learning rate of this family, or leave the family out with --families.": words(
        "Lower the learning rate of this kind of model on the step Models, or leave it out there."
    ),
    "Make the network smaller, or leave it out with --families.": words(
        "Make the network smaller on the step Models, or leave it out there."
    ),
    "Give a longer --time-limit, so that a model finishes.": words(
        "Give the run more time on the step Models, so that a model finishes."
    ),
    "Choose other families with --families, or give more time with --time-limit.": words(
        "Choose other kinds of model on the step Models, or give the run more time there."
    ),
    "Use names from the list with --families.": words("Choose from the kinds of model on the step Models."),
    "Run the command again with an empty --out folder, and report this message.": _AGAIN,
    "Free some space, or choose another --out on a larger disk, and run it again.": _DISK,
    "Give --out a place that can be written.": _DISK,
    "Give --out a name that ends with .csv or .parquet.": _AGAIN,
    "Give --out another name than the data's.": _AGAIN,
    "Make the folder, or give --out another name.": _AGAIN,
    "Give --rows the path of a CSV.": _AGAIN,
    "Give --rows a file such as the run's split/test_rows.csv.": _AGAIN,
    "Name one of these with `--target`.": words("Choose one of these columns."),
    "Leave `--task` out, or choose a target column of numbers.": words(
        "Leave open what is asked, or choose a target column of numbers."
    ),
    "It holds numbers; to predict an amount instead, use `--task regression`.": words(
        "It holds numbers; to predict an amount instead, ask for a number."
    ),
}
_TASKS: Mapping[str, str] = {
    "binary": words("Ask for one of two classes instead."),
    "multiclass": words("Ask for one of several classes instead."),
    "regression": words("Ask for a number instead."),
}
_ADD_ROWS = words("Remove these rows, merge the class into another, add rows, or ask for a number.")
_RARE = re.compile(
    r"(?:Remove) these rows, merge the class into another, or add rows, or use `--task regression`\."
)
_TASK = re.compile(r"[U]se `--task (binary|multiclass|regression)`\.")
_NEAR = re.compile(r"(?:Did) you mean `--target (.+)`\?", re.DOTALL)
_ROWS = re.compile(r"--rows (?=names rows)")
#: Behind a column's name: which option named it.
_ASIDE = re.compile(r" \(--(?:keep|drop)\)")
_FILE = "The file of rows "
_KNOWN = re.compile("|".join(map(re.escape, sorted(_SENTENCES, key=len, reverse=True))))
_OPTION = "--"


def in_portal(text: str) -> str:
    """Return `text` with the portal's places where the engine names options; any other text is returned itself.

    >>> in_portal("No model finished. Give a longer --time-limit, so that a model finishes.")
    'No model finished. Give the run more time on the step Models, so that a model finishes.'
    """
    if _OPTION not in text:
        return text
    near = _NEAR.fullmatch(text)
    if near is not None:
        return words("Did you mean the column {name}?", name=near[1])
    if text in _SENTENCES:
        return _SENTENCES[text]
    told = _KNOWN.sub(lambda found: str(_SENTENCES[found[0]]), str(text))
    told = _RARE.sub(_ADD_ROWS, told)
    told = _TASK.sub(lambda found: str(_TASKS[found[1]]), told)
    return _ASIDE.sub("", _ROWS.sub(_FILE, told))
