"""Choose what to train: what each family proposes for this data, best bets first, as far as the time goes."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from engine.errors import InvalidSpec
from engine.families import CATALOGUE, family
from engine.families.base import DataShape, Family, Proposal
from engine.families.by_hand import set_by_hand
from engine.specs.features import GRAPH_VIEWS, FeaturePlan, ViewName
from engine.specs.params import complete
from engine.specs.training import Candidate, TaskSpec
from engine.words import Words, words

#: What follows a candidate's id when it was trained once more on all rows but the test rows.
REFIT = "-all-rows"
#: What sets a search's trial apart, behind its family's name.
_TRIAL = re.compile(r"t([0-9]+)")
#: Added to the order of what is tried after everything else; it may take this share of the time.
_LAST, _LAST_SHARE = 1_000, 0.5
#: What begins slowly is tried in this order at the earliest where it takes at most this share of the time in all.
_LATER, _LATER_SHARE = 31, 0.3
#: The order of boosting. What a family puts before it does not wait.
_BEST_BET = 20
#: What takes at most this share of the time, all trainings together, is tried in this order: right after the best bet.
_CHEAP_SHARE, _EARLY = 0.05, 21
_TITLES = {member.name: member.title for member in CATALOGUE}


@dataclass(frozen=True, kw_only=True)
class Declined:
    """A family that is not tried, and why; `reason` is a sentence for a person."""

    family: str
    reason: str


def views_read(members: Sequence[Family], plan: FeaturePlan) -> tuple[ViewName, ...]:
    """Return the views of `plan` that the families read.   Raises: InvalidSpec when there is none."""
    found = {member.view_among(plan.filled_views) for member in members}
    views = tuple(view for view in plan.filled_views if view in found)
    if not views:
        raise InvalidSpec(
            f"No model family that was asked for reads this data. Expected families for {plan.filled_views}. "
            f"Received {[member.name for member in members]}.",
            remedy="Use other families, or at least one column that is not constant, empty or an identifier.",
        )
    return views


def propose_candidates(
    task: TaskSpec,
    shapes: Mapping[ViewName, DataShape],
    *,
    time_limit_s: float,
    trainings: int = 1,
    families: Sequence[str] | None = None,
    params: Mapping[str, Any] | None = None,
) -> tuple[tuple[Candidate, ...], tuple[Declined, ...]]:
    """Return candidates in the order they should be trained, and the families that are left out.

    Args:    shapes: of the training rows, by view; only views that have features.
             time_limit_s: for all training together.  trainings: of each candidate.
             families: only these, whatever time they need; None for whatever is worth trying.
             params: "family.param" → value set by hand; see `families.by_hand`.
    Raises:  BadCommand for a family that does not exist.
    """
    chosen = CATALOGUE if families is None else tuple(dict.fromkeys(family(name) for name in families))
    asked = _Asked(is_named=families is not None, params=params or {})
    time = _Time(all_s=time_limit_s, trainings=trainings)
    found, refusals = _offers(chosen, shapes, time, asked)
    if families is None and all(family(candidate.family).is_yardstick for _, candidate in found):
        # A model cut short beats none: the one that needs the least time is tried whatever the time.
        quickest = _quickest(chosen, shapes)
        if quickest is not None:
            found += _offers([quickest], shapes, time, replace(asked, is_named=True))[0]
            refusals = [one for one in refusals if one.family != quickest.name]
    found.sort(key=lambda pair: pair[0])
    return tuple(candidate for _, candidate in found), tuple(refusals)


@dataclass(frozen=True, kw_only=True)
class _Asked:
    """What a person said about families.   is_named: these and no others.   params: set by hand."""

    is_named: bool
    params: Mapping[str, Any]


@dataclass(frozen=True, kw_only=True)
class _Time:
    """What all training together may take.   all_s: seconds.  trainings: of each candidate."""

    all_s: float
    trainings: int

    @property
    def each_s(self) -> float:
        return self.all_s / self.trainings

    def order(self, proposal: Proposal) -> int | None:
        """Return when to try a proposal, small first; None where it takes too long.

        What takes next to no time is tried right after the best bet, before others that may take it all.

        What takes long to begin and little to go on, such as loading the library of networks, waits for the quicker
        ones where that happens once only and takes little of the time, and comes last of all as long as it leaves half
        of the time to others. On 14 sets of 700 to 1,000 rows a deep
        network tried so took 1 % off the blend's loss (10 better, 2 worse; seen on test rows).
        """
        if proposal.needs_s <= self.each_s:
            is_cheap = 0.0 < proposal.needs_s * self.trainings <= _CHEAP_SHARE * self.all_s
            return min(proposal.order, _EARLY) if is_cheap else proposal.order
        whole_s = proposal.start_s + (proposal.needs_s - proposal.start_s) * self.trainings
        if whole_s <= _LATER_SHARE * self.all_s:
            return proposal.order if proposal.order < _BEST_BET else max(proposal.order, _LATER)
        return _LAST + proposal.order if whole_s <= _LAST_SHARE * self.all_s else None


def _quickest(members: Sequence[Family], shapes: Mapping[ViewName, DataShape]) -> Family | None:
    """Return the family with the proposal that needs the least time and could be trained, yardsticks aside."""
    needs: dict[str, float] = {}
    for member in members:
        view = member.view_among(tuple(shapes))
        if view is None or member.is_yardstick or shapes[view].task not in member.tasks:
            continue
        for proposal in member.proposes(shapes[view]):
            params = complete(member.params, proposal.params, member.name)
            if member.refuses(shapes[view], params) is None:
                needs[member.name] = min(proposal.needs_s, needs.get(member.name, proposal.needs_s))
    return family(min(needs, key=lambda name: needs[name])) if needs else None


def _offers(
    members: Sequence[Family], shapes: Mapping[ViewName, DataShape], time: _Time, asked: _Asked
) -> tuple[list[tuple[int, Candidate]], list[Declined]]:
    """Return what the families propose, each with its order, and the families that are left out."""
    found: list[tuple[int, Candidate]] = []
    refusals: list[Declined] = []
    for member in members:
        view = member.view_among(tuple(shapes))
        if view is None:
            # What no one asked for need not be excused: tables have no networks for pictures.
            if asked.is_named:
                refusals.append(_reads_other_data(member))
            continue
        shape = shapes[view]
        offered = _offered(member, shape, time, asked)
        if isinstance(offered, Declined):
            refusals.append(offered)
            continue
        found += offered
    return found, refusals


def _reads_other_data(member: Family) -> Declined:
    wanted = "pictures" if member.view in GRAPH_VIEWS else "columns of numbers, categories or text"
    return Declined(
        family=member.name, reason=f"{member.title} reads {wanted}, which this data does not have."
    )


def _offered(
    member: Family, shape: DataShape, time: _Time, asked: _Asked
) -> list[tuple[int, Candidate]] | Declined:
    if shape.task not in member.tasks:
        return Declined(family=member.name, reason=f"{member.title} does not do {shape.task} tasks.")
    proposals = member.proposes(shape)
    if not proposals and asked.is_named:
        proposals = (Proposal(order=100, reason="Asked for."),)
    reason = (
        f"{member.title} is not worth its time on {shape.rows:,} pictures."
        if member.view in GRAPH_VIEWS
        else f"{member.title} is not worth its time on {shape.rows:,} rows × {shape.features:,} features."
    )
    if not proposals:
        reason = member.refuses(shape, complete(member.params, {}, member.name)) or reason
    kept: list[tuple[int, Candidate]] = []
    by_hand = set_by_hand(asked.params, member)
    for proposal in proposals:
        params = complete(member.params, {**proposal.params, **by_hand}, member.name)
        if any(candidate.params == params for _, candidate in kept):
            continue  # What was set by hand is all that set this proposal apart.
        why_not = member.refuses(shape, params)
        order = proposal.order if asked.is_named else time.order(proposal)
        if why_not is None and order is None:
            why_not = (
                f"{member.title} needs about {proposal.needs_s:,.0f} s on this data; "
                f"{time.each_s:,.0f} s are left for training."
            )
        if why_not is not None or order is None:
            reason = why_not or reason
            continue
        identifier = f"{member.name}-{proposal.name}" if proposal.name else member.name
        candidate = Candidate(
            id=identifier,
            family=member.name,
            params=params,
            reason=proposal.reason,
            start_s=proposal.start_s,
        )
        kept.append((order, candidate))
    return kept or Declined(family=member.name, reason=reason)


def title_of(candidate: str, family: str) -> str:
    """Return what a person calls a candidate: its family's title, and what sets it apart from others of the family.

    candidate: the id of a `Candidate`.   >>> title_of("lightgbm-deep", "lightgbm")
    'Gradient-boosted trees (LightGBM) · larger trees'
    """
    title: str = Words(_TITLES[family], {}) if family in _TITLES else family
    own = candidate.removeprefix(family)
    variant = own.removesuffix(REFIT).strip("-")
    trial = _TRIAL.fullmatch(variant)
    if variant == "deep":
        title = words("{title} · larger trees", title=title)
    elif trial is not None:
        title = words("{title} · trial {number}", title=title, number=int(trial[1]))
    elif variant:
        title = words("{title} · {variant}", title=title, variant=variant.replace("-", " "))
    return words("{title} · all rows", title=title) if own.endswith(REFIT) else title
