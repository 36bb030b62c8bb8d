"""The command line: `aimass VERB …`. Exit codes: 0 done, 1 the work failed, 2 the command or its data was wrong."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import traceback
from collections.abc import Sequence
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

from app.cli_admin import run_backup, run_restore, run_user, run_weights
from app.cli_options import build_parser
from app.progress import RunProgress, ShareProgress
from app.settings import read_settings
from app.usecases import doctor, model_files, pipeline
from engine.errors import AimassError, BadCommand
from engine.families.by_hand import check_by_hand, read_by_hand
from engine.files import read_json
from engine.specs.codec import from_json, to_json
from engine.specs.costs import Costs
from engine.specs.features import FeaturePlan
from engine.specs.run import RunSpec
from engine.specs.search import SearchSpec

INTERRUPTED = 130


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb and return its exit code; every failure is one sentence and one remedy on stderr."""
    options = build_parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        return int(VERBS[options.verb](options))
    except AimassError as error:
        _say(f"aimass: {error.message}\n        {error.remedy}")
        return error.exit_code
    except KeyboardInterrupt:
        _say("aimass: Stopped. Repeat the same command to go on from here.")
        return INTERRUPTED
    except BrokenPipeError:
        # The reader of our output went away (`aimass … | head`): nothing is left to say to it.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except Exception as error:  # noqa: BLE001 - the outermost boundary: a person never sees a traceback
        return _unforeseen(error, options)


def _serve(options: argparse.Namespace) -> int:
    """Become the server: its process must not hold what training needs (DESIGN law 3)."""
    argv = [sys.executable, "-P", "-m", "app.server", "--host", options.host, "--port", str(options.port)]
    argv += [
        "--inference-port",
        str(options.inference_port),
        "--data-dir",
        str(Path(options.data_dir).resolve()),
    ]
    if options.allow_network_fs:
        argv.append("--allow-network-fs")
    os.execv(sys.executable, argv)


def _run(options: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    spec = _run_spec(options)
    with RunProgress(sys.stderr, time_limit_s=spec.time_limit_s) as progress:
        paths = pipeline.run_table(spec, _out_folder(options), settings, progress)
    if options.json:
        _print_json(read_json(paths.report))
    else:
        _say(pipeline.closing_words(paths))
    return 0


def _predict(options: argparse.Namespace) -> int:
    settings = read_settings(os.environ)
    out = Path(options.out) if options.out else None
    if out is None and options.json:
        raise BadCommand(
            "--json and the answers cannot both go to standard output.", remedy="Name a file with --out."
        )
    with ShareProgress(sys.stderr, "Predicting") as progress:
        summary = model_files.predict(
            Path(options.model),
            Path(options.data),
            out,
            keep_columns=options.keep_columns,
            settings=settings,
            progress=progress,
        )
    if options.json:
        _print_json(to_json(summary))
    elif out is not None:
        _say(f"{summary.rows:,} rows → {out}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    data = Path(options.data) if options.data else None
    rows = Path(options.rows) if options.rows else None
    if rows is not None and data is None:
        raise BadCommand("--rows needs the raw data.", remedy="Name the data file with --data.")
    result = model_files.verify(Path(options.model), data, rows, settings=read_settings(os.environ))
    if options.json:
        _print_json(result)
    else:
        _say(model_files.verdict(result))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    checks = doctor.examine(Path(options.folder), read_settings(os.environ))
    if options.json:
        _print_json({"checks": to_json(checks), "ok": all(check.ok for check in checks)})
    else:
        for check in checks:
            _say(
                f"{'✓' if check.ok else '✗'} {check.name}: {check.found}"
                + (f"\n  {check.remedy}" if check.remedy else "")
            )
    return 0 if all(check.ok for check in checks) else 1


def _administer(options: argparse.Namespace) -> int:
    work = {"user": run_user, "backup": run_backup, "restore": run_restore, "weights": run_weights}[
        options.verb
    ]
    answer, lines = work(options)
    if options.json:
        _print_json(answer)
    else:
        for line in lines:
            _say(line)
    return 0


VERBS = {
    "serve": _serve,
    "run": _run,
    "predict": _predict,
    "verify": _verify,
    "doctor": _doctor,
} | dict.fromkeys(("user", "backup", "restore", "weights"), _administer)


def _run_spec(options: argparse.Namespace) -> RunSpec:
    plan = None
    if options.plan is not None:
        plan = from_json(FeaturePlan, _read_plan(Path(options.plan)), "plan")
    return RunSpec(
        data=options.data,
        target=options.target,
        task=options.task,
        metric=options.metric,
        costs=_costs(options),
        families=_names(options.families),
        time_limit_s=options.time_limit,
        splitter=options.split,
        split_column=options.split_column,
        test_share=options.test_share,
        keep=_names(options.keep) or (),
        drop=_names(options.drop) or (),
        plan=plan,
        seed=options.seed,
        search=_search_spec(options),
        params=_params(options),
    )


def _costs(options: argparse.Namespace) -> Costs | None:
    given = {
        "false_positive": options.cost_false_positive,
        "false_negative": options.cost_false_negative,
    }
    known = {name: cost for name, cost in given.items() if cost is not None}
    return Costs(**known) if known else None


def _params(options: argparse.Namespace) -> dict[str, Any]:
    params = {}
    for given in options.param:
        name, equals, value = given.partition("=")
        if not equals:
            raise BadCommand(
                f"The setting cannot be used. Expected: FAMILY.NAME=VALUE. Received: {given!r}.",
                remedy="Write --param lightgbm.leaves=63, for example.",
            )
        params[name.strip()] = read_by_hand(name.strip(), value.strip())
    check_by_hand(params)
    return params


def _search_spec(options: argparse.Namespace) -> SearchSpec | None:
    if options.search == "none":
        if options.trials is not None:
            raise BadCommand("--trials needs a search.", remedy="Say who proposes with --search, say tpe.")
        return None
    return SearchSpec(sampler=options.search, trials=options.trials, seed=options.seed % 2**32)


def _read_plan(path: Path) -> Any:
    try:
        return read_json(path)
    except (OSError, ValueError) as error:
        raise BadCommand(
            f"The feature plan {str(path)!r} cannot be read: {error}.",
            remedy="Name a plan.json of a run, edited as JSON.",
        ) from error


def _names(text: str | None) -> tuple[str, ...] | None:
    return tuple(name.strip() for name in text.split(",") if name.strip()) if text else None


def _out_folder(options: argparse.Namespace) -> Path:
    return Path(options.out) if options.out else Path(f"aimass-{Path(options.data).name.split('.')[0]}")


def _unforeseen(error: Exception, options: argparse.Namespace) -> int:
    trace = "".join(traceback.format_exception(error))
    where = ""
    if options.verb == "run" and _out_folder(options).is_dir():
        where = f" The details are in {pipeline.keep_trace(_out_folder(options), trace)}."
    words = (str(error).splitlines() or [""])[0][:300]
    _say(f"aimass: Something unforeseen failed: {type(error).__name__}: {words}.{where}")
    _say("        Repeat the command; if it fails again, report it with these details.")
    return 1


def _interrupt(number: int, frame: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")


def _print_json(value: Any) -> None:
    sys.stdout.write(json.dumps(value, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    sys.exit(main())
