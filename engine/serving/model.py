"""A published model, open and ready to answer: what the inference plane, the CLI and the portal call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from engine.errors import BadModel
from engine.serving.session import Array, Session, Stop, feeds_of, read_model_bytes
from engine.serving.wire import graph_sha256
from engine.specs.bundle import BundleMetadata, ModelCard, read_metadata
from engine.specs.schema import InputType, Schema, Task


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The answers for some rows.

    labels: (rows,) class names as str objects, None for regression.
    scores: (rows, outputs) probabilities in the order of `ServedModel.classes`, or (rows, 1) predictions.
    """

    labels: npt.NDArray[np.object_] | None
    scores: npt.NDArray[np.float32]


class ServedModel:
    """A published table model in onnxruntime. Threads may share it."""

    def __init__(self, session: Session, metadata: BundleMetadata) -> None:
        self._session = session
        self._metadata = metadata
        self._inputs = session.table_inputs()
        expected = 2 if metadata.classes else 1
        if len(session.outputs) != expected:
            raise BadModel(
                f"The model's outputs do not fit its task. Expected {expected} outputs for a "
                f"{metadata.task} model. Received {', '.join(session.outputs)}.",
                remedy="Publish the model again.",
            )

    @classmethod
    def open(cls, path: Path, *, threads: int = 1) -> ServedModel:
        """Load a published model and check its digests.   threads: of one `predict`; 0 takes every core.

        Raises: BadCommand when there is no file.   BadModel when it is not ONNX, not ours, or was changed.
        """
        return cls.from_bytes(read_model_bytes(path), threads=threads)

    @classmethod
    def from_bytes(cls, content: bytes, *, threads: int = 1) -> ServedModel:
        """Load a published model from the bytes of its file, as `open` does."""
        digest = graph_sha256(content)
        session = Session(content, threads=threads)
        metadata = read_metadata(session.metadata)
        if digest != metadata.graph_sha256:
            raise BadModel(
                "The model was changed after publishing. "
                f"Expected graph SHA-256 {metadata.graph_sha256[:80]}. Received {digest}.",
                remedy="Publish the model again, or fetch an unchanged copy of the file.",
            )
        return cls(session, metadata)

    @property
    def inputs(self) -> Mapping[str, InputType]:
        """Input name → "float" or "string", in the file's order."""
        return self._inputs

    @property
    def output_names(self) -> tuple[str, ...]:
        """The file's outputs: the label and the probabilities, or the prediction."""
        return self._session.outputs

    @property
    def classes(self) -> tuple[str, ...]:
        """Class names in the order of the probabilities; empty for regression."""
        return self._metadata.classes

    @property
    def task(self) -> Task:
        return self._metadata.task

    @property
    def target(self) -> str:
        return self._metadata.target

    @property
    def schema(self) -> Schema:
        """All columns of the table that the model was trained on, so that a file like it can be read."""
        return self._metadata.schema

    @property
    def card(self) -> ModelCard:
        return self._metadata.card

    @property
    def metadata(self) -> BundleMetadata:
        return self._metadata

    @property
    def session(self) -> Session:
        """The open file itself: typed tensors in and out, as the inference protocol speaks."""
        return self._session

    def answer_feeds(self, feeds: Mapping[str, Array], stop: Stop | None = None) -> Prediction:
        """Answer rows that are feeds already: name → (rows, 1).   stop: ends this run from another thread.

        Raises: WorkFailed when onnxruntime fails; Stopped when `stop` ended it.
        """
        return prediction_of(self._session.run(feeds, stop=stop))

    def predict(self, batch: pa.RecordBatch) -> Prediction:
        """Answer the rows of `batch`, which has a column per input; other columns are ignored.

        Raises: BadData when a column is missing or of a wrong type.   WorkFailed when onnxruntime fails.
        """
        return answer(self._session, batch, self._inputs)


def answer(session: Session, batch: pa.RecordBatch, inputs: Mapping[str, InputType]) -> Prediction:
    """Run a table model's session on `batch`: outputs are (label, scores) or (scores,).   inputs: its
    table inputs."""
    return prediction_of(session.run(feeds_of(batch, inputs)))


def prediction_of(results: Sequence[Array]) -> Prediction:
    """Return a table model's outputs, (label, scores) or (scores,), as a Prediction."""
    scores = results[-1]
    labels = results[0].reshape(-1) if len(results) > 1 else None
    return Prediction(labels=labels, scores=scores)


def batch_of(rows: Mapping[str, Sequence[object]], inputs: Mapping[str, InputType]) -> pa.RecordBatch:
    """Return an Arrow batch of the inputs' columns in `rows` (name → values)."""
    types = {"float": pa.float64(), "string": pa.string()}
    columns = {name: pa.array(rows[name], types[kind]) for name, kind in inputs.items()}
    return pa.RecordBatch.from_pydict(columns)
