"""The same counters in Triton's shape and in Prometheus' text."""

from __future__ import annotations

from app.inference.counters import BOUNDS, Counters, Timing
from app.inference.statistics import model_statistics, prometheus_text


def counted() -> Counters:
    counters = Counters(since=0.0)
    counters.answered(rows=5, timing=Timing(total=2_000_000, infer=7), key="k", version="1", now=9.0)
    counters.failed("bad_rows", ns=3, key="k", now=9.5)
    return counters


def test_inference_counts_rows_and_execution_counts_runs() -> None:
    row = model_statistics("demo", "1", counted())
    assert (row["inference_count"], row["execution_count"], row["last_inference"]) == (5, 1, 9500)
    assert row["inference_stats"]["success"] == {"count": 1, "ns": 2_000_000}
    assert row["inference_stats"]["fail"] == {"count": 1, "ns": 3}


def test_the_histogram_is_cumulative_and_every_error_has_its_reason() -> None:
    lines = prometheus_text([("demo", counted()), ("other", Counters(since=0.0))], in_work=2).splitlines()
    buckets = [
        int(line.split()[-1]) for line in lines if line.startswith("aimass_infer_duration_seconds_bucket")
    ]
    assert len(buckets) == 2 * (len(BOUNDS) + 1)
    assert buckets[: len(BOUNDS) + 1] == sorted(buckets[: len(BOUNDS) + 1]) and buckets[len(BOUNDS)] == 1
    assert 'aimass_infer_requests_total{model="demo",reason="bad_rows"} 1' in lines
    assert "aimass_infer_queue_depth 2" in lines
    assert 'nv_inference_request_duration_us{model="demo"} 2000' in lines
    assert all(line.startswith("#") or len(line.rsplit(" ", 1)) == 2 for line in lines)
