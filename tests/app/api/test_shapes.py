from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from pydantic import ValidationError

from app.api.shapes import JobOut, NewRun, RunChange, plain, told
from app.language import translator
from store.jobs import JobRecord
from tests.app.web.test_visitor import STRANGER

AT = datetime(2026, 11, 23, tzinfo=UTC)


def test_a_job_leaves_without_its_secrets() -> None:
    record = JobRecord(
        id="1",
        kind="k",
        subject="s",
        title="Train 'a'",
        lane="quick",
        created_by="ann",
        created_at=AT,
        token="secret",
        arguments={"path": "/data"},
    )
    told_job = JobOut.of(record, STRANGER).model_dump()
    assert told_job["title"] == "Train 'a'"
    assert not {"token", "arguments", "tailed_bytes", "lane", "created_by"} & set(told_job)


def test_unknown_fields_and_numbers_without_a_value_are_refused() -> None:
    with pytest.raises(ValidationError):
        NewRun.model_validate({"dataset_id": "a", "target": "b", "sudo": True})
    with pytest.raises(ValidationError):
        NewRun.model_validate({"dataset_id": "a", "target": "b", "time_limit_s": float("nan")})
    with pytest.raises(ValidationError):
        RunChange.model_validate({"revision": "x", "fields": {}})


def test_times_and_tuples_become_json() -> None:
    assert plain({"at": AT, "items": (1, None)}) == {"at": "2026-11-23T00:00:00+00:00", "items": [1, None]}
    assert told(STRANGER, None) is None
    assert told(STRANGER, "as it is") == "as it is"


def test_a_stored_sentence_is_told_in_the_callers_language() -> None:
    reader = replace(STRANGER, language=translator("zh_CN"))
    assert told(reader, "The disk is full; what was finished is kept.") == "磁盘已满；已完成的部分都已保留。"
