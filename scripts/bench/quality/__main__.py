"""AI Mass against AutoGluon `best_quality`, FLAML with an ensemble, and LightGBM defaults, on the same rows and clock.

.venv/bin/python scripts/bench/quality VERB

    setup     make the peers' environments (about 8 GB, once)
    check     say which of the peers' families really train in them
    peers     measure the peers; what scripts/bench/quality/peers.jsonl has is not measured again
    ours      measure AI Mass as it is now; --fresh forgets what was measured before
    table     print the comparison; exits 0 when the floor is met on complete results

20 sets, a quarter of the rows for the test, 60 s on 2 cores, 300 s on the first 8. Every system is told the task and
what to optimise: ROC AUC for two classes, log loss for more, RMSE for numbers. Peers get pandas frames read as their
users would read them and have loaded their libraries before their clock starts; AI Mass gets the raw cells and pays for
its whole command. All that a run may take from its training rows for a last look is 1 % (the least --test-share);
what peers hold back, they choose themselves. One judge, scores.py, scores everybody's answers. It can be stopped at any
moment and started again.
"""

from __future__ import annotations

import argparse
import fcntl
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import IO, NoReturn

# In the place of this folder, whose modules would hide others of the same name.
sys.path.pop(0)
sys.path.insert(0, str(Path(__file__).resolve().parents[3]))

from scripts.bench.quality import environments, results, table
from scripts.bench.quality.measure import AIMASS, PEERS, Bench, Todo, default_budgets, measure, plan
from scripts.bench.quality.sets import SETS, Set

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
VERBS = ("setup", "check", "peers", "ours", "table")


def read_options() -> argparse.Namespace:
    """Return what was asked for."""
    parser = argparse.ArgumentParser(
        prog="scripts/bench/quality",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("verb", choices=VERBS)
    parser.add_argument("--data", type=Path, default=_shared_data(), help="folder with tabular/ and pmlb/")
    parser.add_argument("--peers-env", type=Path, default=environments.default_folder(), metavar="DIR")
    parser.add_argument("--kept", type=Path, default=HERE / "peers.jsonl", help="file of the peers' results")
    parser.add_argument("--own", type=Path, help="file of our results (default: beside the environments)")
    parser.add_argument("--sets", default="20", help="how many of the first sets, or their names: A,B")
    parser.add_argument("--systems", default=",".join(PEERS), help="which peers to measure")
    parser.add_argument("--budgets", default=",".join(f"{s:g}" for s in default_budgets()), help="seconds")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--cores", type=int, default=2)
    parser.add_argument("--quiet", action="store_true", help="wait before each fit until the machine is idle")
    parser.add_argument("--retry", action="store_true", help="measure again what failed")
    parser.add_argument("--fresh", action="store_true", help="ours: measure again what is measured")
    parser.add_argument("--list", action="store_true", help="say what would be measured, and stop")
    return parser.parse_args()


def main() -> int:
    """Do what the verb says."""
    signal.signal(signal.SIGTERM, _stop)
    options = read_options()
    own = options.own or options.peers_env.parent / "quality" / "ours.jsonl"
    budgets = [float(each) for each in options.budgets.split(",")]
    if options.verb == "setup":
        environments.make(options.peers_env)
        return 0
    if options.verb == "check":
        return check(options.peers_env)
    if options.verb == "table":
        found = [*results.read(options.kept), *results.read(own)]
        met = [table.show(found, budget, options.seed) for budget in budgets]
        return 0 if all(met) else 1
    systems = options.systems.split(",") if options.verb == "peers" else [AIMASS]
    todos = list(plan(chosen_sets(options.sets), systems, budgets))
    bench = Bench(
        data=options.data, peers=options.peers_env, kept=options.kept, own=own, seed=options.seed,
        cores=options.cores, quiet=options.quiet, retry=options.retry,
    )  # fmt: skip
    if options.list:
        return _list(todos)
    if options.verb == "ours" and options.fresh:
        own.unlink(missing_ok=True)
    with _alone(options.peers_env.parent / "quality" / "lock"):
        measure(bench, todos)
    return 0


def chosen_sets(asked: str) -> tuple[Set, ...]:
    """Return the first N sets, or those named.   Raises: SystemExit for a name that is none."""
    if asked.isdigit():
        return SETS[: int(asked)]
    known = {one.name: one for one in SETS}
    unknown = [name for name in asked.split(",") if name not in known]
    if unknown:
        raise SystemExit(f"There is no set {unknown[0]!r}. Expected some of: {', '.join(known)}")
    return tuple(known[name] for name in asked.split(","))


def check(peers: Path) -> int:
    """Try every family of every peer; return 1 when one does not work."""
    broken = 0
    for name in environments.ENVIRONMENTS:
        python = environments.python_of(peers, name)
        done = subprocess.run([python, HERE / "families.py", name], stderr=subprocess.DEVNULL, check=False)
        broken += done.returncode != 0
    return 1 if broken else 0


def _list(todos: list[Todo]) -> int:
    for todo in todos:
        print(f"{todo.one.name:20} {todo.system:10} {todo.budget_s:g} s")
    print(f"{len(todos)} fits, {sum(todo.budget_s for todo in todos) / 60:.0f} minutes of budgets")
    return 0


def _alone(path: Path) -> IO[str]:
    """Hold the lock for as long as this process lives: two measurements at once would slow each other down."""
    path.parent.mkdir(parents=True, exist_ok=True)
    lock = path.open("w")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        raise SystemExit("Another measurement is under way. Let it end, or stop it.") from error
    return lock


def _shared_data() -> Path:
    """Return the folder of real data sets; AIMASS_SHARED_DATA names another place than `../shared/data`."""
    return Path(os.environ.get("AIMASS_SHARED_DATA", ROOT.parent / "shared" / "data"))


def _stop(*_: object) -> NoReturn:
    raise SystemExit("stopped; start the same command again to go on")


if __name__ == "__main__":
    sys.exit(main())
