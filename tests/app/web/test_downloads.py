"""Downloads that need a published model are proven in tests/app/api/test_models.py, where there is one."""

from __future__ import annotations

import pytest

from tests.served import Client

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    "path",
    [
        "/download/models/nope/1/model.onnx",
        "/download/models/nope/1/report.html",
        "/download/datasets/nope/rejects",
        "/download/datasets/..%2f..%2faimass.duckdb/rejects",
        "/download/jobs/nope/answers",
        "/download/jobs/nope/log",
        "/download/jobs/%00/log",
        "/report/nope/1",
        "/report/..%2f..%2fetc/1",
    ],
)
def test_what_is_not_there_is_not_found(admin: Client, path: str) -> None:
    answer = admin.call("GET", path)
    assert answer.status in {400, 404}
    assert b"root:" not in answer.body


def test_what_is_no_version_is_no_download(admin: Client) -> None:
    """Streamlit's page answers for every path that is nobody's; it is no file."""
    answer = admin.get("/download/models/nope/latest/model.onnx")
    assert "attachment" not in answer.headers.get("content-disposition", "")
