"""What declares a family of networks for pictures, which differ in their bodies and in where they are worth trying."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from engine.families import picture_params, picture_sizes, picture_training
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Proposal, TrainingData
from engine.families.picture_training import BodyName
from engine.specs.params import Param

#: Params and the side of pictures → the multiplications that one picture takes, forwards.
Work = Callable[[Mapping[str, Any], int], float]


@dataclass(frozen=True, kw_only=True)
class Offer:
    """A network worth trying.   order, params, reason, name: as of a `Proposal`.

    least_rows: pictures from which on.
    """

    order: int
    params: Mapping[str, Any]
    reason: str
    name: str = ""
    least_rows: int = 0


def picture_family(
    *,
    name: str,
    title: str,
    summary: str,
    body: BodyName,
    depth: Param,
    work: Work,
    offers: Callable[[int], Sequence[Offer]],
) -> Family:
    """Return the family of networks with `body`.   depth: its dial.   offers: those for pictures of one side."""

    def build(params: Mapping[str, Any], data: TrainingData, budget: Budget, progress: Progress) -> Fitted:
        return picture_training.build(body, params, data, budget, progress)

    def proposes(shape: DataShape) -> tuple[Proposal, ...]:
        if not picture_sizes.is_worth_trying(shape):
            return ()
        side = max(shape.sample_shape[:2])
        return tuple(
            Proposal(
                name=offer.name,
                order=offer.order,
                params=offer.params,
                reason=offer.reason,
                needs_s=picture_sizes.seconds(shape, work(offer.params, side)),
            )
            for offer in offers(side)
            if shape.rows >= offer.least_rows
        )

    return Family(
        name=name,
        title=title,
        summary=summary,
        tasks=("binary", "multiclass", "regression"),
        view="pixels",
        steps="passes",
        build=build,
        refuses=picture_sizes.refuses,
        proposes=proposes,
        finds=("passes",),
        params=(
            picture_params.width(32),
            depth,
            *picture_params.TRAINING,
            *picture_params.AUGMENTATION,
        ),
    )
