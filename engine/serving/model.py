"""A published model, open and ready to answer: what the inference plane, the CLI and the portal call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from engine.errors import BadModel
from engine.serving.pictures import picture_input, run_pictures
from engine.serving.session import Array, Session, Stop, feeds_of, read_model_bytes
from engine.serving.wire import graph_sha256
from engine.specs.bundle import BundleMetadata, ModelCard, read_metadata
from engine.specs.schema import InputType, Schema, Task

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class Prediction:
    """The answers for some rows.

    labels: (rows,) class names as str objects, None for regression.
    scores: (rows, outputs) probabilities in the order of `ServedModel.classes`, or (rows, 1) predictions.
    bounds: (rows, 2) lower and upper bound of each prediction; None where the model answers none.
    """

    labels: npt.NDArray[np.object_] | None
    scores: npt.NDArray[np.float32]
    bounds: npt.NDArray[np.float32] | None = None

    @property
    def numbers(self) -> npt.NDArray[np.float32]:
        """All numbers that are answered, (rows, outputs): the scores, and behind them the bounds, if there are any."""
        return self.scores if self.bounds is None else np.hstack((self.scores, self.bounds))


class ServedModel:
    """A published model in onnxruntime. Threads may share it."""

    def __init__(self, session: Session, metadata: BundleMetadata) -> None:
        self._session = session
        self._metadata = metadata
        self._inputs = session.inputs()
        expected = 2 if metadata.classes else 3 if metadata.card.intervals else 1
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
        """Input name → "float", "string" or "image", in the file's order."""
        return self._inputs

    @property
    def reads_pictures(self) -> bool:
        """One of the inputs takes pictures."""
        return picture_input(self._inputs) is not None

    @property
    def output_names(self) -> tuple[str, ...]:
        """The file's outputs: the label and the probabilities, or the prediction and, if it has them, its bounds."""
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
    def level(self) -> float | None:
        """The share of rows whose truth lies between a prediction's bounds; None where the model answers none."""
        return self.card.intervals.margins.level if self.card.intervals else None

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
        """Answer rows that are feeds already: name → (rows, 1), or pixels of one size for pictures (`run`).

        Raises: as `run`.
        """
        return prediction_of(self.run(feeds, stop=stop))

    def run(
        self, feeds: Mapping[str, Array], *, outputs: Sequence[str] | None = None, stop: Stop | None = None
    ) -> list[Array]:
        """Return the outputs (all of them when None) for `feeds`.   stop: ends this run from another thread.

        feeds: name → (rows, 1); of the input that takes pictures their files as bytes, or uint8 (rows, H, W, 3).
        Raises: BadData for a picture that cannot be read.   WorkFailed when onnxruntime fails; Stopped when `stop`
            ended it.
        """
        return run_feeds(self._session, feeds, self._inputs, outputs=outputs, stop=stop)

    def predict(self, batch: pa.RecordBatch, *, first_row: int = 0) -> Prediction:
        """Answer the rows of `batch`, which has a column per input; other columns are ignored.

        first_row: number of the batch's first row, from 0, for messages.
        Raises: BadData when a column is missing or of a wrong type, or a picture cannot be read.   WorkFailed when
            onnxruntime fails.
        """
        return answer(self._session, batch, self._inputs, first_row=first_row)


def answer(
    session: Session, batch: pa.RecordBatch, inputs: Mapping[str, InputType], *, first_row: int = 0
) -> Prediction:
    """Run a model's session on `batch` (see `prediction_of`).   inputs: the session's own.

    Raises: as `ServedModel.predict`.
    """
    return prediction_of(run_feeds(session, feeds_of(batch, inputs), inputs, first_row=first_row))


def run_feeds(
    session: Session,
    feeds: Mapping[str, Array],
    inputs: Mapping[str, InputType],
    *,
    outputs: Sequence[str] | None = None,
    stop: Stop | None = None,
    first_row: int = 0,
) -> list[Array]:
    """Return a session's outputs for `feeds`, at once for rows of a table, in bounded parts for pictures."""
    picture = picture_input(inputs)
    if picture is None:
        return session.run(feeds, outputs, stop)
    return run_pictures(session, feeds, picture, outputs=outputs, stop=stop, first_row=first_row)


def prediction_of(results: Sequence[Array]) -> Prediction:
    """Return a model's outputs as a Prediction: (label, probabilities), (prediction, lower, upper) or (prediction,)."""
    if results[0].dtype == object:  # text, which only labels are
        return Prediction(labels=results[0].reshape(-1), scores=results[1])
    bounds = np.hstack(results[1:]) if len(results) > 1 else None
    return Prediction(labels=None, scores=results[0], bounds=bounds)
