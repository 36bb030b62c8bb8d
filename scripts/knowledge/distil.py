"""From the ledger to the small JSON that is shipped: one entry per set, means over its repeats."""

from __future__ import annotations

import json
import math
import sys
import tempfile
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from engine.errors import AimassError
from engine.evaluation.metrics import metric
from engine.files import write_bytes
from engine.recommend.knowledge import SCORE, VERSION, Knowledge, KnownSet, Measure, check
from engine.recommend.meta import MetaFeatures, meta_features
from engine.recommend.speed import effort
from engine.specs.codec import from_json, to_json
from engine.specs.profile import Profile
from engine.specs.schema import Schema
from engine.specs.split import SplitSummary
from engine.specs.training import TaskSpec
from scripts.knowledge.measure import append, read_ledger
from scripts.knowledge.portfolio import FURTHER
from scripts.knowledge.prepare import open_run
from scripts.knowledge.sets import Source, write_sample

MOST_BYTES = 300_000
GUESS = "baseline"
#: Rows that repeat each other are judged together: of fewer distinct ones a handful judges, and chance decides (the
#: Titanic of PMLB has 24 in 2,201 rows).
FEWEST_DISTINCT = 100


def distil(found: Sequence[Source], ledger: Path, out: Path) -> int:
    """Write what was measured of the sets to `out`; return 0, or 1 when nothing was."""
    facts = _facts(found, ledger.with_suffix(".facts.jsonl"))
    sets = [known for one in found if (known := _known(one.name, facts, ledger)) is not None]
    if not sets:
        sys.stderr.write("Nothing was measured yet.\n")
        return 1
    knowledge = check(
        Knowledge(sets=tuple(sets), effort_s=round(effort(time.process_time), 6), version=VERSION)
    )
    text = write_knowledge(knowledge)
    if len(text) > MOST_BYTES:
        sys.stderr.write(f"{len(text):,} bytes are more than {MOST_BYTES:,}.\n")
        return 1
    write_bytes(out, text)
    measures = sum(len(one.measures) for one in sets)
    sys.stderr.write(f"{out}: {len(sets)} sets, {measures} measures, {len(text):,} bytes\n")
    return 0


def write_knowledge(knowledge: Knowledge) -> bytes:
    """Return knowledge as JSON that a person can read and compare: one set a line."""
    told = to_json(knowledge)
    sets = ",\n  ".join(json.dumps(one, ensure_ascii=False) for one in told.pop("sets"))
    head = json.dumps(told)[1:-1]
    return f'{{{head}, "sets": [\n  {sets}\n]}}\n'.encode()


def _facts(found: Sequence[Source], file: Path) -> dict[str, Mapping[str, Any]]:
    """Return schema, profile, task and training rows of every set; what was found out is kept in `file`."""
    known = (
        {entry["set"]: entry for entry in map(json.loads, file.read_text("utf-8").splitlines())}
        if file.exists()
        else {}
    )
    for source in found:
        if source.name in known:
            continue
        with tempfile.TemporaryDirectory(prefix="aimass-knowledge-") as place:
            folder = Path(place)
            write_sample(source, folder / "sample.csv")
            try:
                run = open_run(source, folder / "sample.csv", folder / "run", 0)
            except AimassError as error:
                sys.stderr.write(f"{source.name}: {error}\n")
                continue
            entry = {
                "set": source.name,
                "schema": to_json(run.schema),
                "profile": to_json(run.read(Profile, run.paths.profile)),
                "task": to_json(run.task),
                "rows": run.read(SplitSummary, run.paths.split_summary).rows["train"],
            }
            append(file, entry)
            known[source.name] = entry
    return known


def _known(name: str, facts: Mapping[str, Mapping[str, Any]], ledger: Path) -> KnownSet | None:
    if name not in facts:
        return None
    entry = facts[name]
    task, profile = from_json(TaskSpec, entry["task"]), from_json(Profile, entry["profile"])
    if profile.rows - profile.duplicate_rows < FEWEST_DISTINCT:
        return None
    meta = meta_features(from_json(Schema, entry["schema"]), profile, task, rows=int(entry["rows"]))
    whole = _whole_repeats(name, ledger)
    measured: dict[str, list[Measure]] = defaultdict(list)
    for repeat in whole:
        for configuration, line in repeat.items():
            if "metrics" in line:
                measured[configuration].append(_measure(line, meta))
    # A mean over other repeats than the others' would compare rows that are not the same.
    means = {key: _mean(all_of) for key, all_of in measured.items() if len(all_of) == len(whole)}
    if GUESS not in means:
        return None
    guess = means.pop(GUESS)
    return KnownSet(name=name, meta=_rounded(meta), guess=guess, measures=means)


def _whole_repeats(name: str, ledger: Path) -> tuple[Mapping[str, Mapping[str, Any]], ...]:
    """Return what was measured of a set, configuration → line, of each repeat on which all of it was.

    The best known score of a repeat that was cut short would be that of the first few.
    """
    repeats: dict[int, dict[str, Mapping[str, Any]]] = defaultdict(dict)
    for (one, repeat, configuration), line in read_ledger(ledger).items():
        if one == name:
            repeats[repeat][configuration] = line
    return tuple(one for one in repeats.values() if one.keys() >= {point.id for point in FURTHER})


def _measure(line: Mapping[str, Any], meta: MetaFeatures) -> Measure:
    deciding = metric(line["metric"])
    return Measure(
        score=line["metrics"][SCORE[meta.task]],
        decider=deciding.gain(line["metrics"][deciding.name], over=0.0),
        seconds=line["work_s"],
    )


def _mean(measures: Sequence[Measure]) -> Measure:
    count = len(measures)
    return Measure(
        score=round(sum(one.score for one in measures) / count, 4),
        decider=_figures(sum(one.decider for one in measures) / count),
        seconds=round(sum(one.seconds for one in measures) / count, 3),
    )


def _rounded(meta: MetaFeatures) -> MetaFeatures:
    told = {
        name: round(value, 4) if isinstance(value, float) else value for name, value in to_json(meta).items()
    }
    return from_json(MetaFeatures, told)


def _figures(value: float) -> float:
    """Return four figures of a value of any size."""
    return 0.0 if value == 0 else round(value, 4 - 1 - math.floor(math.log10(abs(value))))
