"""The portal's figures in a full box: start, memory, page switches, API answers, many viewers of one training.

.venv/bin/python scripts/bench/portal.py [--box FOLDER]

Bars: first page ≤ 3 s; idle memory ≤ 400 MiB (control) and ≤ 250 MiB (inference); page switch p95 ≤ 0.5 s with 1,000
runs and 200 datasets; small API answer ≤ 5 ms; fragment p95 ≤ 150 ms with 50 viewers; no training library is loaded.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from full_box import Box, fill, make_first
from pretend_training import pretend_training
from viewer import Viewer

from store.folder import DataFolder
from tests.served import Client, Served

MIB = 1 << 20
#: What trains or answers; its code must never be mapped into the control process.
FORBIDDEN = re.compile(
    r"/site-packages/(tensorflow|keras|sklearn|lightgbm|scipy|matplotlib|onnxruntime)[/._]", re.IGNORECASE
)
API_CALLS = 300
SETTLE_S = 5.0


@dataclass
class Figures:
    """What was measured; a line is printed as soon as it is known.   missed: names of those beyond their bar."""

    missed: list[str] = field(default_factory=list)

    def tell(self, name: str, value: float, unit: str, *, bar: float | None = None, more: str = "") -> None:
        is_met = bar is None or value <= bar
        if not is_met:
            self.missed.append(name)
        told = "" if bar is None else f"bar {bar:g} {unit}: {'met' if is_met else 'MISSED'}"
        print(f"{name:<44} {value:10.2f} {unit:<4} {told:<22} {more}", flush=True)


def main() -> int:
    """Print every figure and return 0 when all bars are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--box", type=Path, help="make the box here, or use the one that was made here")
    parser.add_argument("--runs", type=int, default=1_000)
    parser.add_argument("--tables", type=int, default=200)
    parser.add_argument("--starts", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=10, help="visits of every page")
    parser.add_argument("--viewers", type=int, default=50)
    parser.add_argument("--watch", type=float, default=40.0, help="seconds that the viewers watch")
    parser.add_argument("--only", default="", help="some of: start,pages,api,viewers")
    options = parser.parse_args()
    root = options.box or Path(tempfile.mkdtemp(prefix="aimass-bench-"))
    root.mkdir(parents=True, exist_ok=True)
    try:
        return _measure(root, options)
    finally:
        if options.box is None:
            shutil.rmtree(root, ignore_errors=True)


def _measure(root: Path, options: argparse.Namespace) -> int:
    folder, figures = DataFolder(root / "data"), Figures()
    box, empty = _box(root, folder, options)
    wanted = set(options.only.split(",")) if options.only else {"start", "pages", "api", "viewers"}
    load, cores = os.getloadavg()[0], len(os.sched_getaffinity(0))
    print(f"{cores} processors, {load:.1f} processes want one before this begins; this client shares them")
    with pretend_training(folder, box.live_job, box.live_run, box.live_token):
        if "start" in wanted:
            _starts(figures, folder, box, options.starts)
        if wanted - {"start"}:
            with Served(folder.root) as served:
                _served(figures, served, box, empty, wanted, options)
    print("all bars met" if not figures.missed else f"missed: {', '.join(figures.missed)}")
    return 1 if figures.missed else 0


def _served(
    figures: Figures,
    served: Served,
    box: Box,
    empty: dict[str, float],
    wanted: set[str],
    options: argparse.Namespace,
) -> None:
    assert served.process is not None
    folder, control = DataFolder(served.folder), psutil.Process(served.process.pid)
    time.sleep(SETTLE_S)
    _memory(figures, folder, control, "as started")
    if "pages" in wanted:
        _tell_pages(figures, visits(served.port, box, options.rounds), empty)
        time.sleep(SETTLE_S)
        _memory(figures, folder, control, "after every page")
    if "api" in wanted:
        _api(figures, served, box)
    if "viewers" in wanted:
        asyncio.run(_viewers(figures, served, box, control, options))
        _memory(figures, folder, control, f"after {options.viewers} viewers")
    loaded = {found[1] for found in FORBIDDEN.finditer(Path(f"/proc/{control.pid}/maps").read_text())}
    figures.tell("training libraries in control", len(loaded), "", bar=0, more=", ".join(sorted(loaded)))


def _box(root: Path, folder: DataFolder, options: argparse.Namespace) -> tuple[Box, dict[str, float]]:
    """Return the full box, and each page's median seconds while there was one run in it."""
    note = root / "box.json"
    if note.exists():
        held = json.loads(note.read_text())
        return Box(**held["box"]), held["empty"]
    began = time.monotonic()
    with Served(folder.root) as served:
        box = make_first(served)
        empty = {
            name: statistics.median(took[1:])
            for name, took in visits(served.port, box, options.rounds).items()
        }
    box = fill(folder, box, runs=options.runs, tables=options.tables)
    note.write_text(json.dumps({"box": asdict(box), "empty": empty}))
    print(
        f"made a box of {options.runs} runs and {options.tables} datasets in {time.monotonic() - began:.0f} s"
    )
    return box, empty


def _starts(figures: Figures, folder: DataFolder, box: Box, times: int) -> None:
    """Start, and time the first answer of the index and the first page drawn over the socket."""
    answered, drawn, worked = [], [], []
    for _ in range(times):
        served = Served(folder.root)
        began = time.perf_counter()
        with _stopping(served.start(wait=False)):
            client = served.client(box.cookies)
            while not _answers(client):
                time.sleep(0.01)
            answered.append(time.perf_counter() - began)
            asyncio.run(_visit_once(served.port, box, "home"))
            drawn.append(time.perf_counter() - began)
            assert served.process is not None
            worked.append(sum(psutil.Process(served.process.pid).cpu_times()[:2]))
    figures.tell("start → index answered", statistics.median(answered), "s", more=_all(answered))
    figures.tell("start → first page drawn", statistics.median(drawn), "s", bar=3.0, more=_all(drawn))
    figures.tell("processor time until then", statistics.median(worked), "s", more=_all(worked))


@contextmanager
def _stopping(served: Served) -> Any:
    try:
        yield
    finally:
        served.__exit__()


def _answers(client: Client) -> bool:
    try:
        return client.get("/").status == 200
    except OSError:
        return False


async def _visit_once(port: int, box: Box, page: str) -> None:
    async with Viewer(port, box.cookies) as viewer:
        await viewer.visit(page)


def visits(port: int, box: Box, rounds: int) -> dict[str, list[float]]:
    """Go through every page, again and again, in one tab; return each one's seconds, its first visit's first."""
    took: dict[str, list[float]] = {name: [] for name in box.addresses}

    async def walk() -> None:
        async with Viewer(port, box.cookies) as viewer:
            for _ in range(rounds + 1):
                for name, (page, query) in box.addresses.items():
                    drawn = await viewer.visit(page, query)
                    took[name].append(drawn.seconds)

    asyncio.run(walk())
    return took


def _tell_pages(figures: Figures, took: dict[str, list[float]], empty: dict[str, float]) -> None:
    slowest = max(took, key=lambda name: took[name][0])
    figures.tell("slowest first visit", took[slowest][0], "s", more=slowest)
    for name, (_, *seconds) in took.items():
        middle = statistics.median(seconds)
        ratio = f"p50 {middle * 1e3:.0f} ms, {middle / empty[name]:.2f}× that of a box with one run"
        figures.tell(f"page switch p95, {name}", percentile(seconds, 95), "s", bar=0.5, more=ratio)
    every = [one for seconds in took.values() for one in seconds[1:]]
    figures.tell("page switch p95, all pages", percentile(every, 95), "s", bar=0.5)


def _memory(figures: Figures, folder: DataFolder, control: psutil.Process, when: str) -> None:
    plane = psutil.Process(json.loads((folder.services / ".plane.json").read_text())["pid"])
    for name, process, bar in (("control", control, 400.0), ("inference", plane, 250.0)):
        found = process.memory_full_info()
        cpu = process.cpu_percent(1.0)
        more = f"PSS {found.pss / MIB:.0f} MiB, {len(process.children())} children, processor {cpu:.1f} %"
        figures.tell(f"memory of {name}, {when}", found.rss / MIB, "MiB", bar=bar, more=more)


def _api(figures: Figures, served: Served, box: Box) -> None:
    """Time small answers on one kept line, against the smallest answer there is: that of the health check."""
    browser = served.client(box.cookies)
    secret = browser.call("POST", "/api/v1/account/keys", {"name": "bench"}).json["secret"]
    program = served.client()
    key = {"Authorization": f"Bearer {secret}"}
    assert served.process is not None
    control = psutil.Process(served.process.pid)
    before = _worked(control)
    time.sleep(SETTLE_S)
    idle_share = (_worked(control) - before) / SETTLE_S
    plain = statistics.median(_clocked(lambda: program.ask("GET", "/healthz"), API_CALLS))
    for path in ("account", f"jobs/{box.job}", "jobs?limit=1", "jobs?limit=20", "runs?limit=20"):
        time.sleep(SETTLE_S)  # nobody may ask more than 100 times a second for long
        before, began = _worked(control), time.perf_counter()
        took = _clocked(lambda path=path: program.ask("GET", f"/api/v1/{path}", headers=key), API_CALLS)  # type: ignore[misc]
        idle = idle_share * (time.perf_counter() - began)
        worked = max(0.0, _worked(control) - before - idle) * 1e3 / API_CALLS
        middle = statistics.median(took)
        more = f"p50 {middle:.2f} ms, {middle / plain:.1f}× /healthz; processor {worked:.2f} ms"
        figures.tell(f"API answer p95, {path}", percentile(took, 95), "ms", bar=5.0, more=more)


def _worked(process: psutil.Process) -> float:
    """Return the processor seconds that a process has used."""
    times = process.cpu_times()
    return float(times.user + times.system)


def _clocked(work: Callable[[], Any], times: int) -> list[float]:
    """Return the milliseconds of each call; the answers must be good."""
    took = []
    for _ in range(times):
        began = time.perf_counter()
        answer = work()
        took.append((time.perf_counter() - began) * 1e3)
        assert answer.status == 200, answer.text
    return took[times // 10 :]


async def _viewers(
    figures: Figures, served: Served, box: Box, control: psutil.Process, options: argparse.Namespace
) -> None:
    """Let many tabs watch one training, each drawing its live part again every 2 s; against one tab alone."""
    alone = await _watch(served.port, box, count=1, seconds=10.0)
    control.cpu_percent()
    took = await _watch(served.port, box, count=options.viewers, seconds=options.watch)
    more = (
        f"p50 {statistics.median(took) * 1e3:.0f} ms, {len(took)} of them; one viewer alone: p50 "
        f"{statistics.median(alone) * 1e3:.0f} ms; processor {control.cpu_percent():.0f} %"
    )
    figures.tell(
        f"live part p95, {options.viewers} viewers", percentile(took, 95) * 1e3, "ms", bar=150.0, more=more
    )


async def _watch(port: int, box: Box, *, count: int, seconds: float) -> list[float]:
    """Return the seconds of every refresh of `count` tabs; the first of each is not counted."""
    took: list[float] = []

    async def watch(number: int) -> None:
        async with Viewer(port, box.cookies) as viewer:
            drawn = await viewer.visit("walk", f"run={box.live_run}&step=train")
            assert len(drawn.fragments) == 1, "the page of a running training has one live part"
            ((fragment, every),) = drawn.fragments.items()
            due = time.perf_counter() + 3.0 + every * number / count
            until = due + seconds
            is_first = True
            while due < until:
                await asyncio.sleep(max(0.0, due - time.perf_counter()))
                refreshed = await viewer.refresh(fragment)
                if not is_first:
                    took.append(refreshed.seconds)
                is_first, due = False, max(due + every, time.perf_counter())

    await asyncio.gather(*(watch(number) for number in range(count)))
    return took


def percentile(values: Sequence[float], percent: int) -> float:
    """Return the value that `percent` of the values do not exceed."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, -(-len(ranked) * percent // 100) - 1)]


def _all(values: Sequence[float]) -> str:
    return "of " + ", ".join(f"{value:.2f}" for value in values)


if __name__ == "__main__":
    raise SystemExit(main())
