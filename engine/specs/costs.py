"""What each kind of error of a binary classifier costs, and how a metric that counts it is called."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from engine.errors import BadCommand

#: No error may cost more: a cost is compared with the other one, and their sum over all rows must stay a number.
MOST_COST = 1e6
_NAME = re.compile(r"cost:([^:]+):([^:]+)")


@dataclass(frozen=True, kw_only=True)
class Costs:
    """Cost of one error of each kind, in one unit of the user's own; a right answer costs nothing.

    The positive class is the second of `TaskSpec.classes`.
    false_positive: it is named, and the row is of the first class.   false_negative: the first class is named, and the
    row is of the positive one.
    """

    false_positive: float = 1.0
    false_negative: float = 1.0

    @property
    def metric(self) -> str:
        """Name of the metric that these costs make, as `costs_named` reads it."""
        return f"cost:{self.false_positive:.12g}:{self.false_negative:.12g}"


def costs_named(metric: str) -> Costs | None:
    """Return the costs that a metric's name spells, None for another metric.

    >>> costs_named("cost:5:1")
    Costs(false_positive=5.0, false_negative=1.0)
    """
    found = _NAME.fullmatch(metric)
    if found is None:
        return None
    try:
        costs = Costs(false_positive=float(found[1]), false_negative=float(found[2]))
        check_costs(costs)
    except (ValueError, BadCommand):
        return None
    return costs


def check_costs(costs: Costs) -> None:
    """Refuse costs that no threshold can be chosen by.   Raises: BadCommand."""
    for kind, cost in (("false_positive", costs.false_positive), ("false_negative", costs.false_negative)):
        if not (math.isfinite(cost) and 0.0 < cost <= MOST_COST):
            raise BadCommand(
                f"The cost {kind!r} cannot be used. Expected: above 0, at most {MOST_COST:,.0f}. Received: {cost:g}.",
                remedy="Give the cost of each error, such as 1 for the cheaper one and 5 for the other.",
            )
