"""Laws of model families: what every member of the catalogue keeps, whatever it is."""

from __future__ import annotations

import json
import time
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt
import onnx
import pytest

from engine.evaluation.metrics import default_metric
from engine.families import CATALOGUE, family
from engine.families.base import Budget, DataShape, Family, Fitted, Progress, Pruned, TrainingData
from engine.families.trained_networks import BY_NAME
from engine.specs.params import complete
from engine.specs.schema import Task
from engine.transforms.graph import MICROSOFT_DOMAIN, ML_DOMAIN, OPSET
from tests.engine.made_rows import TASKS, Rows, by_onnx, difference, made_data
from tests.engine.made_weights import SMALL, weights_folder

Doubles = npt.NDArray[np.float64]

#: Parameters that keep a law quick; a family that is not named here is quick with its defaults.
QUICK = {"trees": 20, "rounds": 60, "passes": 15, "width": 32}
QUICK_PICTURES = {"width": 8, "depth": 1, "passes": 6, "learning_rate": 0.01, "strength": 0.5} | {
    "network": SMALL,
    "enlarge": 3,
    "head_passes": 20,
}
#: How far the body's answers may be from the library's: a convolution sums thousands of products, in any order.
TOLERANCE = {"pixels": 1e-4}

pytestmark = pytest.mark.slow


def quick(member: Family) -> dict[str, object]:
    """Return the member's parameters, made quick."""
    names = {param.name for param in member.params}
    values = QUICK_PICTURES if member.view == "pixels" else QUICK
    return complete(member.params, {k: v for k, v in values.items() if k in names}, member.name)


def tolerance(member: Family) -> float:
    return TOLERANCE.get(member.view, 1e-5)


def build(
    member: Family, data: TrainingData, seconds: float = 60.0, progress: Progress = lambda *_: None
) -> Fitted:
    return member.build(quick(member), data, Budget(seconds, time.monotonic), progress)


def made(member: Family, task: Task, classes: tuple[int, ...] = ()) -> TrainingData:
    """Return what the member trains on, with weights where it needs those of a trained network."""
    data = made_data(member.view, task, classes=classes)
    needs = any(param.name == "network" for param in member.params)
    return replace(data, weights=weights_folder()) if needs else data


@cache
def told(name: str, task: Task) -> tuple[Fitted, TrainingData, tuple[float, ...]]:
    """Return a member trained once for all laws that only look, and the shares it told on the way."""
    member, shares = family(name), list[float]()
    data = made(member, task)
    fitted = build(member, data, progress=lambda share, *_: shares.append(share))
    return fitted, data, tuple(shares)


def trained(name: str, task: Task) -> tuple[Fitted, TrainingData]:
    fitted, data, _ = told(name, task)
    return fitted, data


each = pytest.mark.parametrize("member", CATALOGUE, ids=lambda member: member.name)
each_task = pytest.mark.parametrize(
    ("name", "task"), [(member.name, task) for member in CATALOGUE for task in member.tasks]
)


def test_every_file_of_the_folder_is_in_the_catalogue(repository: Path) -> None:
    declared = {
        path.stem
        for path in (repository / "engine" / "families").glob("*.py")
        if "\nFAMILY = " in path.read_text(encoding="utf-8")
    }
    assert declared == {member.name for member in CATALOGUE}


@each
def test_what_counts_its_steps_is_a_dial_that_counts(member: Family) -> None:
    assert member.steps in {
        "",
        *(param.name for param in member.params if param.kind == "int" and param.unit),
    }


@each
def test_its_words_are_for_a_person(member: Family) -> None:
    assert member.title
    assert member.summary.endswith(".")
    assert all(param.help.endswith(".") for param in member.params)


@each
def test_its_parameters_survive_json(member: Family) -> None:
    defaults = complete(member.params, {}, member.name)
    assert complete(member.params, json.loads(json.dumps(defaults)), member.name) == defaults


@each
@pytest.mark.parametrize("rows", [30, 2_000, 50_000, 10_000_000])
def test_what_it_proposes_is_declared_and_not_refused(member: Family, rows: int) -> None:
    for task in member.tasks:
        shape = DataShape(rows=rows, features=20, task=task, outputs=TASKS[task])
        if member.view == "pixels":
            shape = replace(shape, features=32 * 32 * 3, sample_shape=(32, 32, 3), weights=tuple(BY_NAME))
        proposals = member.proposes(shape)
        assert len({proposal.name for proposal in proposals}) == len(proposals)
        for proposal in proposals:
            params = complete(member.params, proposal.params, member.name)
            assert member.refuses(shape, params) is None


@each
def test_it_refuses_with_a_sentence_or_not_at_all(member: Family) -> None:
    shape = DataShape(rows=10**9, features=10**5, task="multiclass", outputs=500)
    reason = member.refuses(shape, complete(member.params, {}, member.name))
    assert reason is None or (reason.endswith(".") and len(reason.split()) > 6)


@each_task
def test_it_is_no_worse_than_the_baseline(name: str, task: Task) -> None:
    fitted, data = trained(name, task)
    x, y = data.valid.arrays()
    deciding = default_metric(task)
    yardstick, _ = trained("baseline", task)
    plain = deciding.value(y, yardstick.predict(x))
    assert deciding.gain(deciding.value(y, fitted.predict(x)), plain) >= (0 if name == "baseline" else 1e-6)


@each_task
def test_its_onnx_body_answers_as_it_does(name: str, task: Task) -> None:
    fitted, data = trained(name, task)
    x, _ = data.valid.arrays()
    native = fitted.predict(x)
    assert native.shape == (len(x), TASKS[task])
    assert difference(data, native, by_onnx(fitted.to_onnx(), x)) < tolerance(family(name))


@each_task
def test_its_onnx_body_agrees_on_strange_rows(name: str, task: Task) -> None:
    fitted, data = trained(name, task)
    x = data.valid.arrays()[0][:200].copy()
    if family(name).view == "pixels":
        x[::3], x[1::3] = 0, 255
        x[2::3] = np.random.default_rng(0).integers(0, 256, x[2::3].shape)
    elif family(name).view != "tree":
        x[:, :4] *= np.float32(3.0)
    else:
        x[::3, 0] = np.nan
        x[::5, :4] = np.nan
        x[1::7, 1] = np.float32(3e38)
        x[2::7, 1] = np.float32(-3e38)
        x[3::7, 2] = 0.0
    assert difference(data, fitted.predict(x), by_onnx(fitted.to_onnx(), x)) < 2 * tolerance(family(name))


@each_task
def test_its_body_keeps_the_contract(name: str, task: Task) -> None:
    body = trained(name, task)[0].to_onnx()
    onnx.checker.check_model(body)
    assert [entry.name for entry in body.graph.input] == ["features"]
    assert [entry.name for entry in body.graph.output] == ["scores"]
    domains = {node.domain for node in body.graph.node}
    assert domains <= {"", ML_DOMAIN, MICROSOFT_DOMAIN}
    assert {entry.version for entry in body.opset_import if entry.domain == ""} == {OPSET}
    one = by_onnx(body, trained(name, task)[1].valid.arrays()[0][:1])
    assert one.shape == (1, TASKS[task])


@each_task
def test_probabilities_sum_to_one(name: str, task: Task) -> None:
    fitted, data = trained(name, task)
    scores = fitted.predict(data.valid.arrays()[0])
    if task == "regression":
        assert np.isfinite(scores).all()
    else:
        assert np.allclose(scores.sum(axis=1), 1.0, atol=1e-6)
        assert scores.min() >= 0.0


@each
def test_a_class_without_training_rows_keeps_its_column(member: Family) -> None:
    data = made(member, "multiclass", classes=(0, 2))
    fitted = build(member, data)
    x, _ = data.valid.arrays()
    scores = fitted.predict(x)
    assert scores.shape == (len(x), 3)
    assert scores[:, 1].max() == 0.0
    assert difference(data, scores, by_onnx(fitted.to_onnx(), x)) < tolerance(member)


@each
def test_the_same_seed_gives_the_same_model(member: Family) -> None:
    fitted, data = trained(member.name, "binary")
    x, _ = data.valid.arrays()
    again = build(member, made(member, "binary"))
    assert np.allclose(fitted.predict(x), again.predict(x), atol=1e-7)


@each
def test_a_spent_budget_still_gives_a_whole_model(member: Family) -> None:
    data = made(member, "regression")
    fitted = build(member, data, seconds=0.0)
    x, _ = data.valid.arrays()
    native = fitted.predict(x)
    assert np.isfinite(native).all()
    assert difference(data, native, by_onnx(fitted.to_onnx(), x)) < tolerance(member)


@each
def test_progress_ends_at_one_or_early(member: Family) -> None:
    *_, seen = told(member.name, "binary")
    assert seen
    assert list(seen) == sorted(seen)
    assert 0.0 < seen[-1] <= 1.0


@each
def test_a_listener_can_end_it(member: Family) -> None:
    def listener(done: float, train: float, valid: float) -> None:
        raise Pruned

    with pytest.raises(Pruned):
        member.build(quick(member), made(member, "binary"), Budget(60.0, time.monotonic), listener)


@each
def test_it_can_do_without_validation_rows(member: Family) -> None:
    data = made(member, "multiclass")
    none = Rows(data.valid.arrays()[0][:0], np.zeros(0), data.valid.cardinalities)
    fitted = build(member, replace(data, valid=none))
    x, _ = data.valid.arrays()
    assert difference(data, fitted.predict(x), by_onnx(fitted.to_onnx(), x)) < tolerance(member)


@each
def test_what_it_finds_on_validation_rows_is_a_parameter(member: Family) -> None:
    assert set(member.finds) <= {param.name for param in member.params}


@pytest.mark.parametrize("member", [one for one in CATALOGUE if one.finds], ids=lambda member: member.name)
def test_what_it_finds_on_validation_rows_it_takes_as_given_without_them(member: Family) -> None:
    fitted, data = trained(member.name, "binary")
    found = {name: fitted.notes[name] for name in member.finds}
    none = Rows(data.valid.arrays()[0][:0], np.zeros(0), data.valid.cardinalities)
    blind = replace(data, valid=none)
    again = member.build({**quick(member), **found}, blind, Budget(60.0, time.monotonic), lambda *_: None)
    assert all(again.notes[name] <= value for name, value in found.items())
