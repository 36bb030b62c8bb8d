"""The options of every verb, with their help; the README's tables are tested against them."""

from __future__ import annotations

import argparse
from typing import get_args

from app.cli_admin import add_admin_verbs
from app.serve_options import add_serve_options
from app.version import aimass_version
from engine.evaluation.metrics import METRICS
from engine.families import CATALOGUE as FAMILIES
from engine.specs.costs import MOST_COST
from engine.specs.schema import Task
from engine.specs.search import SAMPLERS
from engine.splitters import CATALOGUE as SPLITTERS


def build_parser() -> argparse.ArgumentParser:
    """Return the parser of `aimass`."""
    parser = argparse.ArgumentParser(
        prog="aimass", description="From a table to one proven model file, on your own machine."
    )
    parser.add_argument("--version", action="version", version=f"aimass {aimass_version()}")
    verbs = parser.add_subparsers(dest="verb", required=True, metavar="VERB")
    add_serve_options(verbs.add_parser("serve", help="serve the portal, its API and the published models"))
    _add_run(verbs.add_parser("run", help="take a table to one model file and a report"))
    _add_predict(verbs.add_parser("predict", help="answer for every row of a file"))
    _add_verify(verbs.add_parser("verify", help="prove that a model file answers as it did when published"))
    _add_doctor(
        verbs.add_parser("doctor", help="say what works on this machine, what does not, and what to do")
    )
    add_admin_verbs(verbs)
    return parser


def _add_run(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("data", metavar="DATA", help="CSV, TSV, Parquet, JSON lines or Excel file")
    verb.add_argument("--target", required=True, metavar="COL", help="column to predict")
    verb.add_argument("--out", metavar="DIR", help="run folder (default: aimass-<data name>)")
    verb.add_argument(
        "--time-limit", type=_seconds, default=300.0, metavar="S", help="wall clock in seconds (default: 300)"
    )
    verb.add_argument("--task", choices=get_args(Task), help="what is asked (default: seen from the target)")
    verb.add_argument(
        "--metric",
        choices=[metric.name for metric in METRICS],
        help="what validation decides by (default: by task)",
    )
    verb.add_argument(
        "--cost-false-positive",
        type=_cost,
        metavar="X",
        help="what naming the second class wrongly costs, in place of a metric (beside the other cost 1)",
    )
    verb.add_argument(
        "--cost-false-negative",
        type=_cost,
        metavar="X",
        help="what missing the second class costs, in place of a metric (beside the other cost 1)",
    )
    _add_models(verb)
    verb.add_argument(
        "--split",
        choices=[splitter.name for splitter in SPLITTERS],
        help="how rows are divided (default: proposed)",
    )
    verb.add_argument(
        "--split-column", metavar="COL", help="group, time or set column for --split grouped, time or given"
    )
    verb.add_argument(
        "--test-share", type=_share, metavar="X", help="share of rows for the test (default: 0.2)"
    )
    verb.add_argument(
        "--keep", metavar="A,B", help="columns to use although they leak the target or name rows"
    )
    verb.add_argument("--drop", metavar="A,B", help="columns never to be used")
    verb.add_argument("--plan", metavar="FILE", help="feature plan edited by hand (a plan.json)")
    verb.add_argument(
        "--seed", type=int, default=0, metavar="N", help="same seed, same test rows (default: 0)"
    )
    _add_json(verb)


def _add_models(verb: argparse.ArgumentParser) -> None:
    """Add what is tried to answer the question."""
    verb.add_argument(
        "--families",
        metavar="A,B",
        help=f"model families to try: {', '.join(family.name for family in FAMILIES)} (default: chosen for the data)",
    )
    verb.add_argument(
        "--param",
        action="append",
        default=[],
        metavar="FAMILY.NAME=VALUE",
        help="a setting of a model family, in place of the proposed one, such as lightgbm.leaves=63; may be repeated",
    )
    verb.add_argument(
        "--search",
        choices=[*SAMPLERS, "none"],
        default="none",
        help="go on with better models while time is left: who proposes them (default: none)",
    )
    verb.add_argument(
        "--trials", type=_count, metavar="N", help="most models of a search (default: as many as time allows)"
    )


def _add_predict(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("model", metavar="MODEL", help="model.onnx of a run")
    verb.add_argument(
        "data", metavar="DATA", help="file with the model's columns; of pictures one, a folder or a zip"
    )
    verb.add_argument(
        "--out", metavar="FILE", help="CSV or Parquet file to write (default: CSV to standard output)"
    )
    verb.add_argument(
        "--keep-columns", action="store_true", help="write the input columns beside the answers"
    )
    _add_json(verb)


def _add_verify(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("model", metavar="MODEL", help="model.onnx of a run")
    verb.add_argument(
        "--data", metavar="FILE", help="raw data with the target: compute the report's metrics again"
    )
    verb.add_argument(
        "--rows",
        metavar="FILE",
        help="CSV with a column `row` (0-based), such as test_rows.csv: only these rows",
    )
    _add_json(verb)


def _add_doctor(verb: argparse.ArgumentParser) -> None:
    verb.add_argument(
        "--folder", default=".", metavar="DIR", help="folder whose disk is looked at (default: here)"
    )
    _add_json(verb)


def _add_json(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--json", action="store_true", help="print one JSON object on standard output")


def _seconds(text: str) -> float:
    value = float(text)
    if not 5 <= value <= 30 * 86_400:
        raise argparse.ArgumentTypeError(f"expected seconds in [5, 2592000], received {text}")
    return value


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, received {text}")
    return value


def _cost(text: str) -> float:
    value = float(text)
    if not 0.0 < value <= MOST_COST:
        raise argparse.ArgumentTypeError(
            f"expected a cost above 0, at most {MOST_COST:,.0f}, received {text}"
        )
    return value


def _share(text: str) -> float:
    value = float(text)
    if not 0.01 <= value <= 0.5:
        raise argparse.ArgumentTypeError(f"expected a share in [0.01, 0.5], received {text}")
    return value
