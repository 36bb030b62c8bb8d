"""A service's counters in the shapes that others read: Triton's statistics and Prometheus' text."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from app.inference.counters import BOUNDS, Counters

#: What Triton counts too, under its names, so that dashboards made for it work.
_TRITON: tuple[tuple[str, Callable[[Counters], int]], ...] = (
    ("nv_inference_request_success", lambda counters: counters.executions),
    ("nv_inference_request_failure", lambda counters: sum(counters.errors.values())),
    ("nv_inference_count", lambda counters: counters.rows),
    ("nv_inference_exec_count", lambda counters: counters.executions),
    ("nv_inference_request_duration_us", lambda counters: counters.success_ns // 1000),
    ("nv_inference_compute_infer_duration_us", lambda counters: counters.infer_ns // 1000),
)


def model_statistics(name: str, version: str, counters: Counters) -> dict[str, Any]:
    """Return one row of Triton's statistics extension; `inference_count` counts rows, `execution_count` runs."""
    count = counters.executions
    failed = sum(counters.errors.values())
    return {
        "name": name,
        "version": version,
        "last_inference": int(1000 * (counters.last_at or 0)),
        "inference_count": counters.rows,
        "execution_count": count,
        "inference_stats": {
            "success": {"count": count, "ns": counters.success_ns},
            "fail": {"count": failed, "ns": counters.failure_ns},
            "queue": {"count": count, "ns": 0},
            "compute_input": {"count": count, "ns": counters.read_ns},
            "compute_infer": {"count": count, "ns": counters.infer_ns},
            "compute_output": {"count": count, "ns": counters.write_ns},
            "cache_hit": {"count": 0, "ns": 0},
            "cache_miss": {"count": 0, "ns": 0},
        },
        "batch_stats": [],
        "memory_usage": [],
    }


def prometheus_text(services: Iterable[tuple[str, Counters]], *, in_work: int) -> str:
    """Return the counters in Prometheus' text format 0.0.4, under our names and Triton's for what both count.

    in_work: requests of all services that have no answer yet.
    """
    books = list(services)
    lines = ["# TYPE aimass_infer_queue_depth gauge", f"aimass_infer_queue_depth {in_work}"]
    lines.append("# TYPE aimass_infer_requests_total counter")
    for name, counters in books:
        lines.append(f'aimass_infer_requests_total{{model="{name}",reason="ok"}} {counters.executions}')
        for reason, count in sorted(counters.errors.items()):
            lines.append(f'aimass_infer_requests_total{{model="{name}",reason="{reason}"}} {count}')
    lines.append("# TYPE aimass_infer_rows_total counter")
    lines += [f'aimass_infer_rows_total{{model="{name}"}} {counters.rows}' for name, counters in books]
    lines.append("# TYPE aimass_infer_duration_seconds histogram")
    for name, counters in books:
        lines += _histogram(name, counters)
    for title, value in _TRITON:
        lines.append(f"# TYPE {title} counter")
        lines += [f'{title}{{model="{name}"}} {value(counters)}' for name, counters in books]
    return "\n".join(lines) + "\n"


def _histogram(name: str, counters: Counters) -> list[str]:
    lines, seen = [], 0
    for bound, count in zip((*map(str, BOUNDS), "+Inf"), counters.histogram.counts, strict=True):
        seen += count
        lines.append(f'aimass_infer_duration_seconds_bucket{{model="{name}",le="{bound}"}} {seen}')
    lines.append(f'aimass_infer_duration_seconds_sum{{model="{name}"}} {counters.success_ns / 1e9:.6f}')
    lines.append(f'aimass_infer_duration_seconds_count{{model="{name}"}} {seen}')
    return lines
