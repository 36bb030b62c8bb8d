"""Jobs from queued to ended, with real workers: nothing said is lost or doubled, whoever is killed when."""

from __future__ import annotations

from tests.app.jobs.conftest import Bench


def test_a_job_is_queued_runs_and_succeeds(bench: Bench) -> None:
    job = bench.submit(count=3, share=0.5)
    assert (job.state, job.attempt, job.title) == ("queued", 1, "A piece of work")
    done = bench.until_state(job, "succeeded")
    assert done.result["begun"] == 1 and done.share == 1.0 and done.error_class is None
    assert done.started_at is not None and done.finished_at is not None
    told = bench.events(job)
    assert [event.seq for event in told] == list(range(1, len(told) + 1))
    assert [event.event["number"] for event in told if event.kind == "counted"] == [0, 1, 2]
    assert told[0].kind == "worker_started" and told[-1].kind == "job_ended"
