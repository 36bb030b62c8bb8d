"""Move outliers to a limit, so that one wild number cannot rule a scaled feature."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from engine.specs.params import Param
from engine.transforms.base import Domain, State, TrainingRows
from engine.transforms.formula import FLOAT_MAX, NumberTransform, Term
from engine.transforms.sampling import sampled


class Clip(NumberTransform):
    """State: {"low", "high"}: the limits, from quantiles or from quartiles ± reach × interquartile range."""

    name = "clip"
    title = "Limit outliers"
    takes: Domain = "number"
    gives: Domain = "number"
    params = (
        Param(
            name="method",
            kind="choice",
            default="quantile",
            choices=("quantile", "robust"),
            help="Limits at two quantiles, or at the quartiles widened by a multiple of their distance.",
        ),
        Param(
            name="share",
            kind="float",
            default=0.005,
            low=0.0,
            high=0.4,
            help="Share of the rows beyond each limit (quantile).",
        ),
        Param(
            name="reach",
            kind="float",
            default=3.0,
            low=0.0,
            high=100.0,
            help="Interquartile ranges (robust).",
        ),
    )

    def fit(self, rows: TrainingRows, value: str, params: Mapping[str, Any]) -> State:
        """Learn the limits; none (the float32 range) when the training rows hold no number."""
        share = params["share"] if params["method"] == "quantile" else 0.25
        ((found,),) = rows.select(
            f"SELECT quantile_cont(x, [{share!r}, {1 - share!r}])"
            f" FROM (SELECT {value} AS x FROM {sampled(rows)})"
        )
        if found is None:
            return {"low": -FLOAT_MAX, "high": FLOAT_MAX}
        low, high = float(found[0]), float(found[1])
        if params["method"] == "robust":
            margin = params["reach"] * (high - low)
            low, high = low - margin, high + margin
        return {"low": low, "high": max(low, high)}

    def formula(self, value: Term, params: Mapping[str, Any], state: State) -> Term:
        """Return the value moved into [low, high]."""
        return value.clamp(state["low"], state["high"])


TRANSFORM = Clip()
