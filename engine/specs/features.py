"""The feature plan: per view, the features; per feature, the chain of transforms from one raw column."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

ViewName = Literal["tree", "linear", "deep", "pixels"]
#: Views of a table's columns, made by SQL.
TABLE_VIEWS: tuple[ViewName, ...] = ("tree", "linear", "deep")
#: Views that no SQL can make: the nodes that serve them also make them.
GRAPH_VIEWS: tuple[ViewName, ...] = ("pixels",)
VIEWS = TABLE_VIEWS + GRAPH_VIEWS


@dataclass(frozen=True, kw_only=True)
class Step:
    """One transform in a chain.   params: as declared.   state: what fitting on training rows found; None before."""

    transform: str
    params: Mapping[str, Any] = field(default_factory=dict)
    state: Mapping[str, Any] | None = None


@dataclass(frozen=True, kw_only=True)
class Feature:
    """A block of one or more float columns made from one raw column by a chain of steps."""

    name: str
    column: str
    steps: tuple[Step, ...]


@dataclass(frozen=True, kw_only=True)
class ColumnChoice:
    """Whether a raw column is used, and why; `reason` is a sentence for a person."""

    column: str
    use: bool
    reason: str


@dataclass(frozen=True, kw_only=True)
class FeaturePlan:
    """How raw columns become features, one list per view; each model family names the view it reads.

    views: "tree" (numbers as they are, missing kept), "linear" (scaled, one-hot), "deep" (scaled, index for embedding),
    "pixels" (one image column, every picture made the same size). Those without features are empty.
    """

    columns: tuple[ColumnChoice, ...]
    views: Mapping[str, tuple[Feature, ...]]
    version: int = 1

    @property
    def used_columns(self) -> tuple[str, ...]:
        return tuple(choice.column for choice in self.columns if choice.use)

    @property
    def filled_views(self) -> tuple[ViewName, ...]:
        """Return the names of the views that have features."""
        return tuple(view for view in VIEWS if self.views.get(view))

    @property
    def picture_side(self) -> int | None:
        """Return the width and height in pixels at which pictures are seen; None where none are."""
        steps = (step for view in GRAPH_VIEWS for one in self.views.get(view, ()) for step in one.steps)
        return next((int(step.params["side"]) for step in steps if "side" in step.params), None)

    def without(self, reasons: Mapping[str, str]) -> FeaturePlan:
        """Return this plan with some columns no longer used.   reasons: column → why, for a person."""
        return FeaturePlan(
            columns=tuple(
                ColumnChoice(column=choice.column, use=False, reason=reasons[choice.column])
                if choice.column in reasons
                else choice
                for choice in self.columns
            ),
            views={
                name: tuple(feature for feature in features if feature.column not in reasons)
                for name, features in self.views.items()
            },
            version=self.version,
        )
