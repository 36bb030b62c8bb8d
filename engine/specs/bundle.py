"""What a published model file says about itself: its model card, its golden rows, its metadata keys and
digests.

All of it is text in the ONNX file's `metadata_props`, readable with a JSON parser and onnxruntime alone.

A digest is a SHA-256 in lower-case hex. There are two, so that no part of the file can change unnoticed:
`graph_sha256` covers what computes (ir_version, graph, operator sets, local functions; the bytes in the file,
see `engine.serving.wire`), so one changed weight is seen even when no golden row passes through it;
`metadata_sha256` covers every other metadata entry. They detect damage and mix-ups; they are no signature.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from engine.errors import BadModel, InvalidSpec
from engine.specs.codec import from_json, to_json
from engine.specs.margins import Margins
from engine.specs.schema import Schema, Task

KEY_TASK = "task"
KEY_TARGET = "target"
KEY_CLASSES = "classes"
KEY_SCHEMA = "schema"
KEY_CARD = "card"
KEY_GOLDEN_ROWS = "golden_rows"
KEY_VERSION = "aimass_version"
KEY_GRAPH_SHA256 = "graph_sha256"
KEY_METADATA_SHA256 = "metadata_sha256"
#: Every entry a published model has; a reader ignores others.
METADATA_KEYS = (
    KEY_TASK,
    KEY_TARGET,
    KEY_CLASSES,
    KEY_SCHEMA,
    KEY_CARD,
    KEY_GOLDEN_ROWS,
    KEY_VERSION,
    KEY_GRAPH_SHA256,
    KEY_METADATA_SHA256,
)
#: Protocol buffers cannot hold more, and AI Mass keeps a model in one file.
MAX_MODEL_BYTES = 2**31 - 1

#: A float as JSON can hold it.
Number = float | Literal["Infinity", "-Infinity"] | None


@dataclass(frozen=True, kw_only=True)
class DatasetFacts:
    """What the model learned from.   sha256: of the source file, where known.   rows: imported ones."""

    name: str
    rows: int
    columns: int
    train_rows: int
    valid_rows: int
    test_rows: int
    sha256: str | None = None


@dataclass(frozen=True, kw_only=True)
class MetricValue:
    """A metric on the untouched test rows.   low, high: bootstrap 95 % interval.   baseline: the trivial
    model's."""

    name: str
    value: float
    low: float | None = None
    high: float | None = None
    baseline: float | None = None


@dataclass(frozen=True, kw_only=True)
class MemberFacts:
    """One model inside the file.   weight: its share of the answer, all together 1."""

    id: str
    family: str
    weight: float
    params: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class AdviceFact:
    """A finding of the report, in short.   code: such as "AM101"."""

    code: str
    message: str


@dataclass(frozen=True, kw_only=True)
class ParityFacts:
    """How closely the file answers as the trained model did, at the parity gate."""

    rows: int
    max_difference: float
    mean_difference: float
    tolerance: float


@dataclass(frozen=True, kw_only=True)
class IntervalFacts:
    """How the file finds the bounds around a prediction, and how they fared on the untouched test rows.

    coverage: share of the rows whose truth lay between them; `margins.level` is promised.   mean_width: between them.
    """

    margins: Margins
    coverage: float
    mean_width: float


@dataclass(frozen=True, kw_only=True)
class InputFacts:
    """What the values of one input looked like in the training table, so that a form can be made of it.

    low, median, high: of a number column, the 1 %, 50 % and 99 % quantiles.
    choices: of a text column, its most frequent values, most frequent first; `complete` when there are no others.
    width, height: of a column of pictures, their medians in pixels.   has_missing: some rows lacked a value.
    """

    name: str
    low: float | None = None
    median: float | None = None
    high: float | None = None
    choices: tuple[str, ...] = ()
    complete: bool = False
    has_missing: bool = False
    width: float | None = None
    height: float | None = None


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What a person should know before using the model.

    created_at: ISO 8601 with offset, given by the caller.   limits: sentences on where not to trust it.
    inputs: of the columns the model reads; empty in files published before it was kept.
    temperature: that the logarithms of the models' mean probabilities were divided by; None: they were not.
    threshold: the label is class 1 where its probability is above it; None: the likelier class.
    intervals: of a regression that answers bounds too; None: one without, as in files published before there were any.
    """

    title: str
    created_at: str
    task: Task
    target: str
    dataset: DatasetFacts
    metrics: tuple[MetricValue, ...]
    members: tuple[MemberFacts, ...]
    limits: tuple[str, ...] = ()
    advice: tuple[AdviceFact, ...] = ()
    parity: ParityFacts | None = None
    inputs: tuple[InputFacts, ...] = ()
    temperature: float | None = None
    threshold: float | None = None
    intervals: IntervalFacts | None = None
    version: int = 1


@dataclass(frozen=True, kw_only=True)
class GoldenRows:
    """Sample rows with the answers onnxruntime gave when the model was published.

    numbers: float input → one value per row; JSON knows no NaN and no infinities, so a missing number is
    None and an infinity its word (see `encode_number`).
    texts: string input → one value per row; a missing one is "".
    images: image input → one picture per row, a PNG file in base64; files from before pictures have none.
    scores: (rows, outputs): probabilities or predictions.   labels: empty for regression.
    bounds: (lower, upper) of each row's prediction; empty where the file answers none.
    tolerance: largest absolute difference of a score that another processor's rounding may cause.
    """

    numbers: Mapping[str, tuple[Number, ...]]
    texts: Mapping[str, tuple[str, ...]]
    scores: tuple[tuple[float, ...], ...]
    labels: tuple[str, ...]
    tolerance: float
    images: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    bounds: tuple[tuple[float, float], ...] = ()
    version: int = 1

    @property
    def inputs(self) -> frozenset[str]:
        """Names of the inputs that have values here."""
        return frozenset(self.numbers) | frozenset(self.texts) | frozenset(self.images)

    @property
    def rows(self) -> int:
        return len(self.scores)


@dataclass(frozen=True, kw_only=True)
class BundleMetadata:
    """The metadata of a published model, parsed."""

    task: Task
    target: str
    classes: tuple[str, ...]
    schema: Schema
    card: ModelCard
    golden_rows: GoldenRows
    aimass_version: str
    graph_sha256: str
    metadata_sha256: str

    @property
    def outputs(self) -> int:
        """Width of the scores: one per class, or 1 for regression."""
        return len(self.classes) or 1


def write_metadata(
    *,
    card: ModelCard,
    classes: Sequence[str],
    schema: Schema,
    golden_rows: GoldenRows,
    version: str,
    graph_sha256: str,
) -> dict[str, str]:
    """Return the metadata entries of a model, digests included."""
    entries = {
        KEY_TASK: card.task,
        KEY_TARGET: card.target,
        KEY_CLASSES: _dump(list(classes)),
        KEY_SCHEMA: _dump(to_json(schema)),
        KEY_CARD: _dump(to_json(card)),
        KEY_GOLDEN_ROWS: _dump(to_json(golden_rows)),
        KEY_VERSION: version,
        KEY_GRAPH_SHA256: graph_sha256,
    }
    return entries | {KEY_METADATA_SHA256: metadata_sha256(entries)}


def read_metadata(entries: Mapping[str, str]) -> BundleMetadata:
    """Parse a model's metadata entries.

    Raises: BadModel when entries are missing, changed since publishing, or say nothing readable.
    """
    absent = [key for key in METADATA_KEYS if key not in entries]
    if absent:
        raise BadModel(
            "This ONNX file was not published by AI Mass. Expected metadata entries "
            f"{', '.join(METADATA_KEYS)}. Received a file without {', '.join(absent)}.",
            remedy="Use a model.onnx that `aimass run` wrote.",
        )
    if metadata_sha256(entries) != entries[KEY_METADATA_SHA256]:
        raise BadModel(
            "The model's metadata was changed after publishing. "
            f"Expected SHA-256 {entries[KEY_METADATA_SHA256][:80]}. Received {metadata_sha256(entries)}.",
            remedy="Publish the model again, or fetch an unchanged copy of the file.",
        )
    try:
        return _parse(entries)
    except (InvalidSpec, ValueError, RecursionError) as error:
        raise BadModel(
            f"The model's metadata cannot be read: {str(error)[:300]}",
            remedy="Use a version of AI Mass at least as new as the one that published the model.",
        ) from error


def metadata_sha256(entries: Mapping[str, str]) -> str:
    """Return the digest over all entries of METADATA_KEYS but itself, as sorted, compact JSON."""
    covered = {key: entries[key] for key in METADATA_KEYS if key in entries and key != KEY_METADATA_SHA256}
    return hashlib.sha256(json.dumps(covered, sort_keys=True, ensure_ascii=True).encode()).hexdigest()


def encode_number(value: float) -> Number:
    """Return `value` as JSON can hold it.   >>> [encode_number(x) for x in (1.5, math.nan, -math.inf)]
    [1.5, None, '-Infinity']
    """
    if math.isfinite(value):
        return value
    return None if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"


def decode_number(value: Number) -> float:
    """Undo `encode_number`.   >>> decode_number("Infinity")
    inf
    """
    return math.nan if value is None else float(value)


def _parse(entries: Mapping[str, str]) -> BundleMetadata:
    values: dict[str, Any] = {key: entries[key] for key in METADATA_KEYS}
    for key in (KEY_CLASSES, KEY_SCHEMA, KEY_CARD, KEY_GOLDEN_ROWS):
        values[key] = json.loads(values[key])
    return from_json(BundleMetadata, values, "metadata")


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
