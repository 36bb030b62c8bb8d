"""Join features, trained models and the answer in one ONNX graph: raw columns in, label or prediction out."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import count

import onnx
from onnx import TensorProto, checker, helper

from engine.errors import WorkFailed
from engine.evaluation.temperature import LEAST_PROBABILITY
from engine.export.bodies import prepare_body
from engine.export.compact import compact_trees
from engine.export.margin_nodes import add_bounds
from engine.specs.features import FeaturePlan
from engine.specs.margins import Margins
from engine.specs.schema import Schema
from engine.specs.training import TaskSpec
from engine.transforms.chain import view_features
from engine.transforms.compile_onnx import add_inputs, add_view
from engine.transforms.graph import MICROSOFT_DOMAIN, Graph

LABEL = "label"
PROBABILITIES = "probabilities"
PREDICTION = "prediction"
LOWER = "lower"
UPPER = "upper"


@dataclass(frozen=True)
class Member:
    """One trained model.   body: `features` float [N, F] → `scores` float [N, outputs].   view: of the
    feature plan.

    weight: its share of the answer, > 0; shares are taken relative to their sum.
    """

    body: onnx.ModelProto
    view: str
    weight: float = 1.0


def fuse(
    members: Sequence[Member],
    plan: FeaturePlan,
    schema: Schema,
    task: TaskSpec,
    threshold: float | None = None,
    margins: Margins | None = None,
    *,
    temperature: float | None = None,
) -> onnx.ModelProto:
    """Return one model from raw columns to the answer: the weighted mean of the members' scores.

    Inputs: one per raw column that a member's view reads, named exactly as the column, [N, 1] float or
    string.
    Outputs: classification `label` string [N, 1] (the first class of those with the highest probability; with a
    threshold class 1 where its probability is above it) and
    `probabilities` float [N, classes]; regression `prediction`, and with margins
    `lower` and `upper`, float [N, 1]. When a column has such a name,
    that output is called `output_label` and so on: one name means one tensor.

    Args:    plan: fitted.   schema: of the imported table.   task: its classes name the probabilities.
             threshold: of a binary task, a float32; None names the likelier class.
             margins: around a regression's answers; None leaves out the bounds.
             temperature: of the mean probabilities, a float32; None leaves them as they are.
    Raises:  WorkFailed when there is no member, a weight is not positive, or a body breaks the contract.
    """
    if not members or not all(0 < member.weight < float("inf") for member in members):
        raise WorkFailed(
            "The models cannot be joined. Expected at least one model, each with a weight above 0. "
            f"Received the weights {[member.weight for member in members]}.",
            remedy="Give a longer --time-limit, so that a model finishes.",
        )
    views = tuple(dict.fromkeys(member.view for member in members))
    columns = _columns_of(plan, schema, views)
    graph = Graph(prefix=free_prefix(columns))
    inputs = add_inputs(graph, schema, columns)
    features = {view: add_view(graph, inputs, plan, view, schema)[0] for view in views}
    total = sum(member.weight for member in members)
    scores = [
        _add_member(graph, member, number, features[member.view], member.weight / total)
        for number, member in enumerate(members)
    ]
    answer = scores[0] if len(scores) == 1 else graph.node("Sum", *scores)
    if task.classes:
        if temperature is not None:
            answer = _tempered(graph, answer, temperature)
        _add_label(graph, answer, task, columns, threshold)
    else:
        _add_prediction(graph, answer, columns, margins)
    model = graph.model()
    compact_trees(model)
    note_token_types(model.graph)
    checker.check_model(model, full_check=True)
    return model


def free_prefix(names: Iterable[str]) -> str:
    """Return a prefix that none of `names` begins with, so that made names never meet a column's name."""
    taken = tuple(names)
    tries = (f"aimass{number or ''}/" for number in count())
    return next(prefix for prefix in tries if not any(name.startswith(prefix) for name in taken))


def note_token_types(graph: onnx.GraphProto) -> None:
    """Write down that a Tokenizer's output is text.

    onnx knows no schema for this operator of onnxruntime, and the type inference of `onnx.checker` (1.23)
    ends the process with a segmentation fault where a LabelEncoder follows a tensor of unknown type. Whoever
    checks our
    file must not meet that.
    """
    for node in graph.node:
        if (node.domain, node.op_type) == (MICROSOFT_DOMAIN, "Tokenizer"):
            graph.value_info.append(helper.make_tensor_value_info(node.output[0], TensorProto.STRING, None))


def _columns_of(plan: FeaturePlan, schema: Schema, views: Iterable[str]) -> tuple[str, ...]:
    """Return the raw columns that the views read, in the schema's order."""
    used = {feature.column for view in views for feature in view_features(plan, view)}
    return tuple(name for name in schema.names if name in used)


def _add_member(graph: Graph, member: Member, number: int, features: str, share: float) -> str:
    """Add a member's nodes and return its scores times its share."""
    body, scores = prepare_body(member.body, graph.name(f"member_{number}") + "/", features)
    graph.nodes.extend(body.node)
    graph.initializers.extend(body.initializer)
    if body.sparse_initializer:
        raise WorkFailed(
            "A model family's export cannot be joined. Expected dense weights. Received sparse ones.",
            remedy="Leave this family out with --families, and report the family.",
        )
    return scores if share == 1.0 else graph.node("Mul", scores, graph.constant([share], "float32"))


def _tempered(graph: Graph, scores: str, temperature: float) -> str:
    """Return probabilities at `temperature`, as `engine.evaluation.temperature.tempered` computes them."""
    least = graph.constant(LEAST_PROBABILITY, "float32")
    logs = graph.node("Log", graph.node("Max", scores, least))
    return graph.node("Softmax", graph.node("Div", logs, graph.constant(temperature, "float32")), axis=1)


def _add_prediction(graph: Graph, scores: str, columns: Sequence[str], margins: Margins | None) -> None:
    outputs = {PREDICTION: scores}
    if margins is not None:
        outputs[LOWER], outputs[UPPER] = add_bounds(graph, scores, margins)
    for name, tensor in outputs.items():
        graph.output(tensor, _output_name(name, columns), TensorProto.FLOAT, ["N", 1])


def _add_label(
    graph: Graph, scores: str, task: TaskSpec, columns: Sequence[str], threshold: float | None
) -> None:
    best = (
        graph.node("ArgMax", scores, axis=1, keepdims=1, select_last_index=0)
        if threshold is None
        else _above(graph, scores, threshold)
    )
    label = graph.node("Gather", graph.constant(list(task.classes), object), best, axis=0)
    graph.output(label, _output_name(LABEL, columns), TensorProto.STRING, ["N", 1])
    graph.output(scores, _output_name(PROBABILITIES, columns), TensorProto.FLOAT, ["N", len(task.classes)])


def _above(graph: Graph, scores: str, threshold: float) -> str:
    """Return 1 where the probability of class 1 is above `threshold`, else 0: int64 [N, 1]."""
    positive = graph.node("Gather", scores, graph.constant([1], "int64"), axis=1)
    is_above = graph.node("Greater", positive, graph.constant([[threshold]], "float32"))
    return graph.node("Cast", is_above, to=TensorProto.INT64)


def _output_name(name: str, columns: Sequence[str]) -> str:
    while name in columns:
        name = f"output_{name}"
    return name
