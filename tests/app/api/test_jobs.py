from __future__ import annotations

from datetime import datetime

import pytest

from tests.app.api.conftest import Program, wait_for_job

pytestmark = pytest.mark.slow


def test_the_import_left_a_job_with_its_story(program: Program, dataset_id: str) -> None:
    job_id = program.call("GET", f"/datasets/{dataset_id}").json["job_id"]
    job = program.call("GET", f"/jobs/{job_id}").json
    assert (job["state"], job["subject"]) == ("succeeded", f"dataset:{dataset_id}")
    assert not {"token", "arguments", "tailed_bytes"} & set(job)
    events = program.call("GET", f"/jobs/{job_id}/events").json
    assert [event["seq"] for event in events] == list(range(1, len(events) + 1))
    later = program.call("GET", f"/jobs/{job_id}/events?after={len(events) - 1}").json
    assert len(later) == 1
    assert program.call("GET", f"/jobs/{job_id}/log?lines=10").status == 200
    assert job_id in [item["id"] for item in program.call("GET", "/jobs?state=succeeded").json["items"]]


def test_what_has_ended_well_is_neither_cancelled_nor_done_again(program: Program, dataset_id: str) -> None:
    job_id = program.call("GET", f"/datasets/{dataset_id}").json["job_id"]
    assert program.call("POST", f"/jobs/{job_id}/cancel").status == 409
    assert program.call("POST", f"/jobs/{job_id}/retry").status == 409


def test_an_unknown_one_is_not_found(program: Program) -> None:
    for path in ("/jobs/x", "/jobs/x/log", "/jobs/x/events"):
        assert program.call("GET", path).status == 404


def test_what_a_dataset_shows_is_not_deleted(program: Program, dataset_id: str) -> None:
    job_id = program.call("GET", f"/datasets/{dataset_id}").json["job_id"]
    refused = program.call("DELETE", f"/jobs/{job_id}")
    assert (refused.status, refused.json["code"]) == (409, "conflict")
    assert program.call("GET", f"/jobs/{job_id}").status == 200


def test_a_file_of_answers_says_how_long_it_stays_and_is_deleted_with_its_job(
    program: Program, service: dict[str, str]
) -> None:
    upload = program.send("rows.csv", b"size,colour\n5.1,red\n")
    asked = {"upload_id": upload.json["id"]}
    job = wait_for_job(
        program, program.call("POST", f"/models/{service['model']}/versions/1/predictions", asked)
    )
    ended, until = (datetime.fromisoformat(job[name]) for name in ("finished_at", "answers_until"))
    assert (until - ended).days == 30
    assert program.call("DELETE", f"/jobs/{job['id']}").status == 204
    assert program.call("GET", f"/jobs/{job['id']}").status == 404
    assert program.call("DELETE", f"/jobs/{job['id']}").status == 404
