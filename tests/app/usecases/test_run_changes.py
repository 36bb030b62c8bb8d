"""Every field of a run is checked against the run's own data, and a refusal names the field."""

from __future__ import annotations

import pytest

from app.usecases import runs
from app.usecases.refusals import Refusal
from app.usecases.run_changes import changed_spec, differing_fields
from app.usecases.run_files import RunFiles
from app.wiring import Appliance
from engine.errors import BadCommand
from engine.specs.codec import to_json
from engine.specs.costs import Costs
from engine.specs.search import SearchSpec
from store.run_records import RunRecord
from tests.app.usecases.walking import ADA, work

pytestmark = pytest.mark.slow


@pytest.mark.slow
@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"target": "findings"}, "'finding'"),
        ({"drop": ["colour"]}, "'drop'"),
        ({"drop": ["finding"]}, "other than the target"),
        ({"drop": "ward"}, "a list of names"),
        ({"keep": ["ward"], "drop": ["ward"]}, "not dropped as well"),
        ({"families": ["magic"]}, "'magic'"),
        ({"families": []}, "'families'"),
        ({"time_limit_s": 1}, "from 10"),
        ({"time_limit_s": float("nan")}, "from 10"),
        ({"time_limit_s": "300"}, "from 10"),
        ({"test_share": 0.9}, "'test_share'"),
        ({"splitter": "dice"}, "'splitter'"),
        ({"splitter": "grouped"}, "a column for this split"),
        ({"splitter": "time", "split_column": "ward"}, "dates or numbers"),
        ({"splitter": "random", "split_column": "ward"}, "none for this split"),
        ({"seed": -1}, "'seed'"),
        ({"seed": True}, "'seed'"),
        ({"metric": "rmse"}, "'metric'"),
        ({"costs": "5:1"}, "'costs'"),
        ({"metric": "f1", "costs": {"false_positive": 5}}, "'costs'"),
        ({"plan": {"columns": 3}}, "columns"),
        ({"search": "magic"}, "'search'"),
        ({"search": {"sampler": "tpe", "trials": -1}}, "`trials`"),
        ({"params": "lightgbm.leaves=3"}, "'params'"),
        ({"params": {"lightgbm.leaves": 1, "svm.colour": 3}}, "svm.colour"),
        ({"data": "/etc/passwd"}, "'data'"),
        ({"colour": "blue"}, "'colour'"),
        ({"drop": ["x" * 10_000]}, "'drop'"),
    ],
)
def test_a_change_that_cannot_be_names_the_field(
    box: Appliance, prepared: RunRecord, fields: dict[str, object], said: str
) -> None:
    with pytest.raises(Exception, match=r".") as caught:
        runs.change_run(box, ADA, prepared.id, revision=1, **fields)
    assert said in str(caught.value) and len(str(caught.value)) < 1_000
    assert getattr(caught.value, "exit_code", 1) == 2
    assert runs.get_run(box, ADA, prepared.id).record.revision == 1


def test_none_gives_a_choice_back_to_the_data(box: Appliance, prepared: RunRecord) -> None:
    files = RunFiles(box.folder.run(prepared.id))
    asked = changed_spec(files, {"splitter": "grouped", "split_column": "ward", "test_share": 0.3, "seed": 4})
    assert (asked.splitter, asked.split_column, asked.test_share, asked.seed) == ("grouped", "ward", 0.3, 4)
    back = changed_spec(files, {"splitter": None, "test_share": None, "families": None, "metric": None})
    assert back == files.spec
    searching = changed_spec(files, {"search": {"sampler": "random", "trials": 9}})
    assert searching.search is not None and searching.search.trials == 9
    assert changed_spec(files, {"search": "tpe"}).search == SearchSpec()


def test_a_dial_set_by_hand_is_given_back_by_none(box: Appliance, prepared: RunRecord) -> None:
    files = RunFiles(box.folder.run(prepared.id))
    changed = changed_spec(files, {"params": {"lightgbm.leaves": 63, "svm.cost": None}})
    assert changed.params == {"lightgbm.leaves": 63}
    assert differing_fields(files.spec, changed) == ("params",)
    assert changed_spec(files, {"params": None}).params == {}


def test_names_are_taken_once_and_in_order(box: Appliance, prepared: RunRecord) -> None:
    files = RunFiles(box.folder.run(prepared.id))
    changed = changed_spec(files, {"drop": ["ward", "case", "ward"], "families": ["svm", "linear", "svm"]})
    assert (changed.drop, changed.families) == (("ward", "case"), ("svm", "linear"))
    assert differing_fields(files.spec, changed) == ("families", "drop")


def test_one_figure_decides(box: Appliance, prepared: RunRecord) -> None:
    files = RunFiles(box.folder.run(prepared.id))
    changed = changed_spec(files, {"costs": {"false_positive": 5.0}})
    assert changed.costs == Costs(false_positive=5.0) and changed.decided_by == "cost:5:1"
    with pytest.raises(BadCommand, match="false_positive"):
        changed_spec(files, {"costs": {"false_positive": -1.0}})
    with pytest.raises(Refusal, match="'costs'"):
        changed_spec(files, {"task": "multiclass", "costs": {"false_positive": 5.0}})


def test_a_metric_is_checked_against_the_task_that_will_be(box: Appliance, prepared: RunRecord) -> None:
    files = RunFiles(box.folder.run(prepared.id))
    with pytest.raises(Refusal, match="'metric'"):
        changed_spec(files, {"task": "regression", "metric": "roc_auc"})
    # Of another target nobody knows the task yet; the import will say.
    assert changed_spec(files, {"target": "mean radius", "metric": "rmse"}).metric == "rmse"


def test_a_plan_may_be_given_back_as_it_was_shown(box: Appliance, prepared: RunRecord) -> None:
    runs.edit_plan(box, ADA, prepared.id, revision=1, use={"ward": False})
    work(box, runs.prepare(box, ADA, prepared.id))
    shown = runs.feature_plan(box, ADA, prepared.id).plan
    files = RunFiles(box.folder.run(prepared.id))
    kept = changed_spec(files, {"plan": to_json(shown)}).plan
    assert shown is not None and kept is not None
    assert {one.column for one in shown.columns} - {one.column for one in kept.columns} == {"ward"}
    assert kept.views == shown.views
