"""The friendly way to ask, over the wire: answers agree with the model's own, errors name row and column."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from engine.modalities.table import ImportLimits
from engine.serving.batches import batch_of
from engine.serving.model import ServedModel
from engine.serving.predict import predict_file
from tests.engine.published import AGE, CITY, CLASSES, FEATURES, MARGINS, TARGET, publish_small
from tests.planes import ASKER, SERVICE, Reply, RunningPlane, ServicesFolder

pytestmark = pytest.mark.slow

PREDICT = f"/v1/services/{SERVICE}/predict"
ROW: dict[str, Any] = {AGE: 40.5, FEATURES: 1, CITY: "北京"}
ROWS = [ROW, {AGE: None, FEATURES: None, CITY: None}, {AGE: -3, FEATURES: 2.5, CITY: "  a b "}]


#: The same row as the protocol's tensors.
TENSORS = {AGE: "FP32", FEATURES: "FP32", CITY: "BYTES"}
ROWS_IN_ORDER = [[ROW[name] for name in TENSORS]]


def ask(plane: RunningPlane, rows: Any, **more: Any) -> Reply:
    return plane.ask("POST", PREDICT, {"rows": rows} | more, key=ASKER)


def test_answers_are_those_of_the_model(plane: RunningPlane, small_model: bytes) -> None:
    model = ServedModel.from_bytes(small_model)
    columns = {name: [row[name] for row in ROWS] for name in model.inputs}
    expected = model.predict(batch_of(columns, model.inputs))
    reply = ask(plane, ROWS).json
    assert (reply["service"], reply["version"]) == (SERVICE, "1")
    assert expected.labels is not None
    assert [row["label"] for row in reply["rows"]] == list(expected.labels)
    found = [[row["probabilities"][name] for name in CLASSES] for row in reply["rows"]]
    np.testing.assert_allclose(found, expected.scores, atol=1e-6)


def test_page_file_and_api_agree(plane: RunningPlane, small_model: bytes, tmp_path: Path) -> None:
    """A CSV body, the same rows as objects, and the same file answered by batch prediction."""
    table = io.StringIO()
    writer = csv.DictWriter(table, [*ROW, "more"])
    writer.writeheader()
    writer.writerows([{name: "" if value is None else value for name, value in row.items()} for row in ROWS])
    (tmp_path / "rows.csv").write_text(table.getvalue(), encoding="utf-8")
    (tmp_path / "model.onnx").write_bytes(small_model)
    predict_file(
        tmp_path / "model.onnx",
        tmp_path / "rows.csv",
        tmp_path / "out.csv",
        keep_columns=False,
        limits=ImportLimits(),
        progress=lambda share: None,
    )
    body = ("\ufeff" + table.getvalue()).encode()
    reply = plane.ask("POST", PREDICT, body, headers={"Content-Type": "text/csv; charset=utf-8"})
    assert (reply.status, reply.headers["content-type"]) == (200, "text/csv; charset=utf-8")
    assert reply.body == (tmp_path / "out.csv").read_bytes()
    labels = [row["label"] for row in csv.DictReader(io.StringIO(reply.body.decode()))]
    assert labels == [row["label"] for row in ask(plane, ROWS).json["rows"]]


def test_a_regression_gives_predictions_and_their_bounds_where_the_file_has_them(
    tmp_path: Path, small_regressor: bytes
) -> None:
    bounded = publish_small(tmp_path / "bounded.onnx", classes=(), margins=MARGINS).path.read_bytes()
    folder = ServicesFolder(tmp_path)
    folder.put(SERVICE, "1", small_regressor)
    with RunningPlane(tmp_path) as running:
        plain = ask(running, [ROW]).json
        assert set(plain["rows"][0]) == {"prediction"} and "level" not in plain
        folder.put(SERVICE, "2", bounded)
        running.wait_for(lambda: running.version() == "2", "version 2")
        reply = ask(running, [ROW], explain=True).json
        row = reply["rows"][0]
        assert list(row) == ["prediction", "lower", "upper"] and reply["level"] == 0.9
        assert row["prediction"] == plain["rows"][0]["prediction"]
        assert row["lower"] < row["prediction"] < row["upper"]
        columns = zip(*ROWS_IN_ORDER, strict=True)
        tensors = [
            {"name": name, "shape": [1, 1], "datatype": kind, "data": list(values)}
            for (name, kind), values in zip(TENSORS.items(), columns, strict=True)
        ]
        told = running.ask("POST", f"/v2/models/{SERVICE}/infer", {"inputs": tensors}, key=ASKER).json
        assert {one["name"]: one["data"][0] for one in told["outputs"]} == pytest.approx(row)
        assert reply["explanations"][0]["answer"] is None
        assert reply["explanations"][0]["score"] == pytest.approx(reply["rows"][0]["prediction"])


def test_reasons_come_largest_first(plane: RunningPlane) -> None:
    reply = ask(plane, ROWS, explain=True).json
    for row, why in zip(reply["rows"], reply["explanations"], strict=True):
        assert why["answer"] == row["label"]
        assert why["score"] == pytest.approx(row["probabilities"][row["label"]], abs=1e-6)
        amounts = [abs(part["amount"]) for part in why["contributions"]]
        assert amounts == sorted(amounts, reverse=True) and len(amounts) == 3
    assert {part["value"] for part in reply["explanations"][1]["contributions"]} == {None}


WRONG: dict[str, tuple[Any, int, str]] = {
    "no rows": ([], 422, "no row"),
    "rows is an object": ({}, 422, "list of objects"),
    "a row is a list": ([ROW, [1]], 422, "Row 2"),
    "missing column": ([{name: ROW[name] for name in (AGE, CITY)}], 422, f"'{FEATURES}'"),
    "nearest name": ([ROW | {"age in year": 1}], 422, "nearest name there is 'age in years'"),
    "text for a number": ([ROW, ROW | {AGE: "40"}], 422, f"Row 2, column {AGE!r}"),
    "true for a number": ([ROW | {AGE: True}], 422, "true"),
    "too large a number": ([ROW | {AGE: 1e39}], 422, "3.4e38"),
    "a list for a text": ([ROW | {CITY: []}], 422, "a list"),
    "an object for a number": ([ROW | {AGE: {}}], 422, "an object"),
    "too many rows": ([{}] * 100_001, 413, "100,001"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_told_with_row_and_column(plane: RunningPlane, case: str) -> None:
    rows, status, named = WRONG[case]
    reply = ask(plane, rows)
    assert reply.status == status, reply.body
    assert named in reply.json["error"] and reply.json["remedy"] and reply.json["request_id"]


@pytest.mark.parametrize(
    ("body", "status", "named"),
    [
        (b"", 400, "JSON"),
        (b'{"rows": [{"a": NaN}]}', 400, "NaN"),
        (b"[]", 422, "no `rows`"),
        (b'{"row": []}', 422, "no `rows`"),
        (b'{"rows": [], "model": 1}', 422, "'model'"),
        (b'{"rows": [], "explain": 1}', 422, "`explain`"),
        (b'{"rows": [{"a": 1, "a": 2}]}', 400, "twice"),
    ],
)
def test_requests_of_another_form(plane: RunningPlane, body: bytes, status: int, named: str) -> None:
    reply = plane.ask("POST", PREDICT, body)
    assert reply.status == status and named in reply.json["error"]


def test_explanations_are_for_few_rows(plane: RunningPlane) -> None:
    assert ask(plane, [ROW] * 10, explain=True).status == 200
    reply = ask(plane, [ROW] * 11, explain=True)
    assert reply.status == 422 and "at most 10" in reply.json["error"]


@pytest.mark.parametrize(
    ("text", "status", "named"),
    [
        ("", 422, ""),
        (f"{AGE}\n1\n", 422, "lacks 2"),
        (f'{AGE},{FEATURES},"{CITY.replace(chr(34), chr(34) * 2)}"\n', 422, "no row"),
        (f'{AGE};{FEATURES};"{CITY.replace(chr(34), chr(34) * 2)}"\n1;2\n', 422, "Row 1 does not fit"),
        (
            f'{AGE}\t{FEATURES}\t"{CITY.replace(chr(34), chr(34) * 2)}"\n1\tx\ta\n',
            422,
            f"column {FEATURES!r}",
        ),
        (f'{AGE},{FEATURES},"{CITY.replace(chr(34), chr(34) * 2)}"\n 1 ,,a\n', 200, ""),
        (f'"{AGE}', 422, "CSV"),
    ],
)
def test_csv_bodies(plane: RunningPlane, text: str, status: int, named: str) -> None:
    reply = plane.ask("POST", PREDICT, text.encode(), headers={"Content-Type": "text/csv"})
    assert reply.status == status, reply.body
    assert status == 200 or named in reply.json["error"]


def test_a_csv_in_another_encoding_is_refused(plane: RunningPlane) -> None:
    reply = plane.ask("POST", PREDICT, "a,ü".encode("latin-1"), headers={"Content-Type": "text/csv"})
    assert reply.status == 422 and "UTF-8" in reply.json["error"]


def test_a_service_describes_itself_with_an_example_that_works(plane: RunningPlane) -> None:
    facts = plane.ask("GET", f"/v1/services/{SERVICE}", key=ASKER).json
    assert (facts["target"], facts["classes"], facts["state"]) == (TARGET, list(CLASSES), "live")
    assert {entry["name"]: entry["kind"] for entry in facts["inputs"]} == {
        AGE: "number",
        FEATURES: "number",
        CITY: "category",
    }
    answer = plane.ask("POST", facts["predict"], facts["example"], key=ASKER)
    assert math.isclose(sum(answer.json["rows"][0]["probabilities"].values()), 1, abs_tol=1e-6)


def test_services_that_are_not_there(plane: RunningPlane) -> None:
    assert plane.ask("POST", "/v1/services/none/predict", {"rows": []}).status == 404
    assert plane.ask("POST", "/v1/services/none/predict", {"rows": []}, key=ASKER).status == 403
