"""One run of the pipeline: what was asked for, and where each step leaves its result."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from engine.specs.costs import Costs
from engine.specs.features import FeaturePlan
from engine.specs.schema import Task
from engine.specs.search import SearchSpec
from engine.specs.split import Leak


@dataclass(frozen=True, kw_only=True)
class RunSpec:
    """What a person asked for. The same spec on the same data gives the same test rows.

    data: the file.  data_name: its name without folders, for reports.
    task, metric, families, splitter: None lets the data decide.
    split_column: group, time or set column for the splitter.  keep: columns to use although they leak the target
    or seem to name rows.
    drop: columns never to be used.  time_limit_s: working time of all steps that stay, all attempts together.
    plan: a feature plan edited by hand, instead of the proposed one.
    costs: of each error of a binary classifier, in place of a metric: their mean decides, and so does the threshold.
    params: "family.param" → the value that a person set, in place of what the family proposes.
    search: how to go on with better models when the proposed ones are trained; None for not at all.
    """

    data: str
    target: str
    task: Task | None = None
    metric: str | None = None
    costs: Costs | None = None
    families: tuple[str, ...] | None = None
    time_limit_s: float = 300.0
    splitter: str | None = None
    split_column: str | None = None
    test_share: float | None = None
    keep: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    plan: FeaturePlan | None = None
    seed: int = 0
    search: SearchSpec | None = None
    params: Mapping[str, Any] = field(default_factory=dict)
    version: int = 1

    @property
    def decided_by(self) -> str | None:
        """Name of the metric that a person chose, or that their costs make; None where the task decides."""
        return self.metric if self.costs is None else self.costs.metric

    @property
    def data_name(self) -> str:
        return Path(self.data).name

    def usable(self, plan: FeaturePlan, leaks: Iterable[Leak]) -> FeaturePlan:
        """Return `plan` without the columns that leak the target, but those kept on purpose.

        A plan that a person wrote by hand is taken at its word, but for the column that names the sets.
        """
        kept = set(self.keep) if self.plan is None else {leak.column for leak in leaks if leak.kind != "set"}
        return plan.without(
            {leak.column: leak.message for leak in leaks if leak.kind == "set" or leak.column not in kept}
        )


@dataclass(frozen=True)
class RunPaths:
    """The files of a run folder. A step is finished when its last file is there; see `engine.steps.STEPS`."""

    folder: Path

    @property
    def source(self) -> Path:
        return self.folder / "source.json"

    @property
    def dataset(self) -> Path:
        return self.folder / "dataset"

    @property
    def data(self) -> Path:
        return self.dataset / "data.parquet"

    @property
    def schema(self) -> Path:
        return self.dataset / "schema.json"

    @property
    def import_summary(self) -> Path:
        return self.dataset / "import.json"

    @property
    def profile(self) -> Path:
        return self.folder / "profile.json"

    @property
    def task(self) -> Path:
        return self.folder / "task.json"

    @property
    def plan(self) -> Path:
        return self.folder / "plan.json"

    @property
    def split(self) -> Path:
        return self.folder / "split"

    @property
    def split_rows(self) -> Path:
        return self.split / "split.parquet"

    @property
    def split_spec(self) -> Path:
        return self.split / "spec.json"

    @property
    def split_summary(self) -> Path:
        return self.split / "summary.json"

    @property
    def leaks(self) -> Path:
        return self.split / "leaks.json"

    @property
    def test_rows(self) -> Path:
        return self.split / "test_rows.csv"

    @property
    def candidates(self) -> Path:
        return self.folder / "candidates.json"

    @property
    def features(self) -> Path:
        return self.folder / "features"

    @property
    def fitted_plan(self) -> Path:
        return self.folder / "plan.fitted.json"

    @property
    def models(self) -> Path:
        return self.folder / "models"

    @property
    def search(self) -> Path:
        """Where a search keeps its ledger."""
        return self.folder / "search"

    @property
    def search_findings(self) -> Path:
        return self.search / "findings.json"

    @property
    def learning(self) -> Path:
        """Where answers of a chosen model trained on fewer rows are kept."""
        return self.folder / "learning"

    @property
    def learning_curve(self) -> Path:
        return self.learning / "curve.json"

    def record(self, candidate: str) -> Path:
        """Return the record of a finished model."""
        return self.models / candidate / "record.json"

    @property
    def selection(self) -> Path:
        return self.folder / "selection.json"

    @property
    def evaluation(self) -> Path:
        return self.folder / "evaluation.json"

    @property
    def pictures(self) -> Path:
        """What looking at the pictures said, where the model reads some."""
        return self.folder / "pictures.json"

    @property
    def model(self) -> Path:
        return self.folder / "model.onnx"

    @property
    def card(self) -> Path:
        return self.folder / "card.json"

    @property
    def report(self) -> Path:
        return self.folder / "report.json"

    @property
    def report_page(self) -> Path:
        return self.folder / "report.html"
