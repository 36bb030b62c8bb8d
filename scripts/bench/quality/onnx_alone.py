"""Answer the rows of a CSV by a model file, with onnxruntime and csv alone: `onnx_alone.py MODEL CSV OUT CORES`.

Nothing of ours is imported: this is what an outsider who has the file would write. Writes OUT/answers.npy, (rows,
classes in the file's order) or (rows, 1), and OUT/alone.json.
"""

from __future__ import annotations

import csv
import json
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime

PREDICTIONS = 3


def feeds_of(
    path: Path, session: onnxruntime.InferenceSession, schema: dict[str, Any]
) -> dict[str, np.ndarray]:
    """Return the model's inputs, (rows, 1) each: text as it stands, numbers as float, NaN where one is missing."""
    with path.open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file)
    columns = {column["name"]: column for column in schema["columns"]}
    places = {" ".join(name.split()): place for place, name in enumerate(header)}
    feeds = {}
    for given in session.get_inputs():
        column = columns[given.name]
        place = places.get(given.name, places.get(" ".join(column["source_name"].split())))
        assert place is not None, f"{path} lacks the column {given.name!r}"
        cells = [row[place] for row in rows]
        if given.type == "tensor(float)":
            missing = {"", *column["missing_tokens"]}
            numbers = [float("nan") if cell.strip() in missing else float(cell) for cell in cells]
            feeds[given.name] = np.array(numbers, dtype=np.float32).reshape(-1, 1)
        else:
            feeds[given.name] = np.array(cells, dtype=object).reshape(-1, 1)
    return feeds


def main() -> None:
    """Answer, time it, and write both files."""
    model, data, out = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = int(sys.argv[4])
    session = onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
    metadata = session.get_modelmeta().custom_metadata_map
    feeds = feeds_of(data, session, json.loads(metadata["schema"]))
    classes = json.loads(metadata["classes"]) if metadata["task"] != "regression" else []
    wanted = "probabilities" if classes else "prediction"
    times = []
    for _ in range(1 + PREDICTIONS):
        start = time.perf_counter()
        (answers,) = session.run([wanted], feeds)
        times.append(time.perf_counter() - start)
    np.save(out / "answers.npy", answers)
    told = {
        "classes": classes,
        "predict_first_s": round(times[0], 5),
        "predict_s": round(min(times[1:]), 5),
        "versions": {"onnxruntime": onnxruntime.__version__},
    }
    (out / "alone.json").write_text(json.dumps(told), encoding="utf-8")


if __name__ == "__main__":
    main()
