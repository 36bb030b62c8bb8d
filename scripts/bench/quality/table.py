"""The comparison as people read it: scores, ranks, wins, losses, and what the bars say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from scripts.bench.quality import ranks
from scripts.bench.quality.measure import AIMASS, FLOOR, PEERS
from scripts.bench.quality.results import Result
from scripts.bench.quality.sets import LONG_S, LONG_SETS, SETS, Set

SYSTEMS = (AIMASS, *PEERS)
RIVAL = "autogluon"
#: The bars of the comparison.
MOST_BEHIND_RIVAL, LEAST_SHARE, WORST_LOSS = 0.3, 0.6, 0.01
LEAST_SPEED, MOST_BYTES, REPORT_TOLERANCE = 3.0, 100_000_000, 1e-6
OVERRUN = 1.1

#: Set → system → result.
Board = Mapping[str, Mapping[str, Result]]


def board_of(found: Iterable[Result], budget_s: float, seed: int) -> dict[str, dict[str, Result]]:
    """Return the results of one budget and seed by set and system, the floor's among them."""
    board: dict[str, dict[str, Result]] = {}
    for result in found:
        if result.seed == seed and result.budget_s in (budget_s, 0.0):
            board.setdefault(result.set, {})[result.system] = result
    order = [one.name for one in SETS if one.name in board]
    if budget_s == LONG_S:
        order = [name for name in order if name in {one.name for one in SETS[:LONG_SETS]}]
    return {name: board[name] for name in order}


def show(found: Sequence[Result], budget_s: float, seed: int) -> bool:
    """Print the table of one budget; return whether the floor of the comparison is met by complete results."""
    board = board_of(found, budget_s, seed)
    present = {system for per_set in board.values() for system in per_set}
    systems = [system for system in SYSTEMS if system in present]
    whole = [one for one in SETS if one.name in board and board[one.name].keys() >= set(systems)]
    print(
        f"\n{budget_s:g} s on 2 cores, seed {seed}: {len(whole)} of {len(board)} sets measured with every system"
    )
    print(
        "score per set; rank in brackets, 1 is best, half a place for a tie (within 0.1 %); ! = over its time"
    )
    per_set = [_show_set(one, board[one.name], systems) for one in SETS if one.name in board]
    ranked = [one for one in per_set if one]
    if not ranked:
        return False
    means = ranks.mean_ranks(ranked)
    print(f"{'mean rank':20}{'':9}" + "".join(f"{means[system]:>22.2f}" for system in systems))
    _show_times(board, systems)
    if AIMASS not in systems:
        return False
    return _show_bars(whole, board, systems, means)


def _show_set(one: Set, row: Mapping[str, Result], systems: Sequence[str]) -> dict[str, float]:
    """Print one set; return its ranks, or nothing when a system is not measured."""
    found: dict[str, float] = {}
    if row.keys() >= set(systems):
        scores = {system: row[system].score for system in systems}
        found = ranks.ranks(scores, greater_is_better=one.greater_is_better)
    cells = []
    for system in systems:
        result = row.get(system)
        if result is None:
            cells.append("-")
            continue
        late = "!" if result.fit_s and result.budget_s and result.fit_s > OVERRUN * result.budget_s else ""
        score = "failed" if result.score is None else f"{result.score:.6g}"
        cells.append(f"{late}{score}" + (f" ({found[system]:g})" if found else ""))
    print(f"{one.name:20}{one.metric:9}" + "".join(f"{cell:>22}" for cell in cells))
    return found


def _show_times(board: Board, systems: Sequence[str]) -> None:
    print(f"{'':29}" + "".join(f"{system:>22}" for system in systems))
    lines = {
        "longest fit, s": ("fit_s", 1.0),
        "longest predict, s": ("predict_s", 1.0),
        "largest, MB": ("size_bytes", 1e6),
    }
    for title, (name, unit) in lines.items():
        cells = []
        for system in systems:
            values = [getattr(row[system], name) for row in board.values() if system in row]
            known = [value for value in values if value is not None]
            cells.append(f"{max(known) / unit:.2f}" if known else "-")
        print(f"{title:29}" + "".join(f"{cell:>22}" for cell in cells))
    failed = [(row[s], s) for row in board.values() for s in systems if s in row and row[s].score is None]
    for result, system in failed:
        print(f"failed: {system} on {result.set}: {result.error[:200]}")


def _show_bars(
    whole: Sequence[Set], board: Board, systems: Sequence[str], means: Mapping[str, float]
) -> bool:
    met = []
    print()
    for other in systems:
        if other == AIMASS:
            continue
        duel = ranks.duel([_outcome(one, board, other) for one in whole])
        line = f"against {other}: {duel.wins} wins, {duel.ties} ties, {duel.losses} losses"
        print(f"{line}; wins and ties {duel.share:.0%} (goal {LEAST_SHARE:.0%})")
        behind = MOST_BEHIND_RIVAL if other == RIVAL else 0.0
        ahead = means[other] - means[AIMASS]
        met.append(
            _bar(f"mean rank ahead of {other}'s by {ahead:+.2f}", ahead >= -behind, f"floor {-behind:+.1f}")
        )
    met += [_floor_bar(whole, board), _speed_bar(whole, board), *_file_bars(board)]
    _show_defeats(whole, board, systems)
    return all(met)


def _outcome(one: Set, board: Board, other: str) -> int:
    row = board[one.name]
    return ranks.compare(row[AIMASS].score, row[other].score, greater_is_better=one.greater_is_better)


def _gain(one: Set, board: Board, other: str) -> float:
    """By how much ours is better than `other`'s; a failure of ours loses everything, one of theirs nothing."""
    ours, theirs = board[one.name][AIMASS].score, board[one.name][other].score
    if ours is None or theirs is None:
        return 0.0 if theirs is None else -1.0
    return ranks.gain(ours, theirs, greater_is_better=one.greater_is_better)


def _bar(what: str, is_met: bool, bar: str) -> bool:
    print(f"{'met ' if is_met else 'MISSED'} {what} ({bar})")
    return is_met


def _floor_bar(whole: Sequence[Set], board: Board) -> bool:
    gains = {one.name: _gain(one, board, FLOOR) for one in whole if FLOOR in board[one.name]}
    if not gains:
        return _bar("LightGBM defaults are not measured", False, "needed")
    worst = min(gains, key=lambda name: gains[name])
    what = f"worst against LightGBM defaults: {gains[worst]:+.2%} on {worst}"
    return _bar(what, gains[worst] >= -WORST_LOSS, f"floor {-WORST_LOSS:+.0%}")


def _speed_bar(whole: Sequence[Set], board: Board) -> bool:
    ratios = {}
    for one in whole:
        ours, theirs = board[one.name][AIMASS].predict_s, board[one.name].get(RIVAL)
        if ours and theirs is not None and theirs.predict_s:
            ratios[one.name] = theirs.predict_s / ours
    if not ratios:
        return _bar("predict times against AutoGluon's are not measured", False, "needed")
    slowest = min(ratios, key=lambda name: ratios[name])
    middle = sorted(ratios.values())[len(ratios) // 2]
    what = f"predict × AutoGluon's, models in memory: median {middle:.1f}, least {ratios[slowest]:.1f} on {slowest}"
    return _bar(what, ratios[slowest] >= LEAST_SPEED, f"bar {LEAST_SPEED:g}")


def _file_bars(board: Board) -> list[bool]:
    mine = [row[AIMASS] for row in board.values() if AIMASS in row and row[AIMASS].score is not None]
    if not mine:
        return [False]
    largest = max(mine, key=lambda result: result.size_bytes or 0)
    apart = {result.set: _apart(result) for result in mine}
    worst = max(apart, key=lambda name: apart[name])
    return [
        _bar(
            f"largest file {(largest.size_bytes or 0) / 1e6:.1f} MB on {largest.set}",
            (largest.size_bytes or 0) <= MOST_BYTES,
            "bar 100 MB",
        ),
        _bar(
            f"the file alone earns what the report says, within {apart[worst]:.1e} on {worst}",
            apart[worst] <= REPORT_TOLERANCE,
            "bar 1e-6",
        ),
    ]


def _apart(result: Result) -> float:
    """How far the reported figure is from the file's own; a figure that cannot be (one class alone) is neither's."""
    reported, again = float(result.facts["reported"]), float(result.facts["by_the_file_alone"])
    return 0.0 if reported != reported and again != again else abs(reported - again)


def _show_defeats(whole: Sequence[Set], board: Board, systems: Sequence[str]) -> None:
    print()
    for one in whole:
        beaten = [other for other in systems if other != AIMASS and _outcome(one, board, other) < 0]
        if not beaten:
            continue
        row = board[one.name]
        margins = ", ".join(f"{other} {_gain(one, board, other):+.2%}" for other in beaten)
        print(f"lost on {one.name} ({one.metric}; {one.why}): {margins}")
        print(f"  ours   : {row[AIMASS].best or row[AIMASS].error}; {_top(row[AIMASS])}")
        for other in beaten:
            if other != FLOOR:
                print(f"  {other:7}: {row[other].best}; {_top(row[other])}")


def _top(result: Result) -> str:
    board = result.facts.get("leaderboard", ())
    return ", ".join(f"{name} {value:.5g}" for name, value in board[:4] if value is not None)
