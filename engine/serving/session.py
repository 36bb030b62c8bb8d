"""Run one ONNX file on Arrow batches: the only door from AI Mass to onnxruntime."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import onnxruntime
from onnxruntime.capi import onnxruntime_pybind11_state as native

from engine.errors import AimassError, BadCommand, BadData, BadModel, WorkFailed
from engine.serving.tensors import TensorSpec, tensor_spec
from engine.serving.wire import refuse_external_data
from engine.specs.bundle import MAX_MODEL_BYTES
from engine.specs.schema import InputType

if TYPE_CHECKING:  # an inference plane that is asked in JSON never holds Arrow: 40 MiB less
    import pyarrow as pa

Array = npt.NDArray[Any]

#: onnxruntime's exceptions share no base class below Exception.
ONNXRUNTIME_ERRORS = (
    native.EPFail,
    native.EngineError,
    native.Fail,
    native.InvalidArgument,
    native.InvalidGraph,
    native.InvalidProtobuf,
    native.ModelRequiresCompilation,
    native.NoModel,
    native.NotFound,
    native.NotImplemented,
    native.RuntimeException,
)
#: Arrow's types of columns that hold files of pictures.
_FILE_TYPES = frozenset({"binary", "large_binary"})
_TYPES: Mapping[str, InputType] = {"tensor(float)": "float", "tensor(string)": "string"}
#: Red, green and blue.
_CHANNELS = 3
#: Only exceptions speak: onnxruntime's own log would write to the stderr of whoever asked.
_LOG_NOTHING = 4


class Stopped(WorkFailed):
    """A run that was told to stop before it had an answer."""


class Stop:
    """A switch that ends one run from another thread; see `Session.run`."""

    def __init__(self) -> None:
        self.options = onnxruntime.RunOptions()
        self.options.log_severity_level = _LOG_NOTHING
        self.asked = False

    def ask(self) -> None:
        """Let the run end at its next operator, or not begin at all."""
        self.asked = True
        self.options.terminate = True


class Session:
    """An ONNX model loaded in onnxruntime on the CPU. Threads may share it."""

    def __init__(self, content: bytes, *, threads: int = 1) -> None:
        """content: the ONNX file.   threads: of one run; 0 lets onnxruntime take every core.

        Raises: BadModel when onnxruntime cannot load the bytes, or weights lie outside them.
        """
        refuse_external_data(content)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        options.inter_op_num_threads = 1
        options.log_severity_level = _LOG_NOTHING
        try:
            self._session = onnxruntime.InferenceSession(content, options, providers=["CPUExecutionProvider"])
        except (*ONNXRUNTIME_ERRORS, ValueError, RuntimeError) as error:
            raise BadModel(
                f"onnxruntime cannot load the model: {_first_line(error)}",
                remedy="Fetch an unchanged copy of the model file, or publish the model again.",
            ) from error
        self._run_options = onnxruntime.RunOptions()
        self._run_options.log_severity_level = _LOG_NOTHING

    @property
    def metadata(self) -> Mapping[str, str]:
        """The file's metadata entries."""
        return dict(self._session.get_modelmeta().custom_metadata_map)

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the outputs, in order."""
        return tuple(output.name for output in self._session.get_outputs())

    @property
    def tensor_inputs(self) -> tuple[TensorSpec, ...]:
        """All inputs as typed tensors, in the file's order.   Raises: BadModel for a type no client can send."""
        return tuple(tensor_spec(entry.name, entry.type, entry.shape) for entry in self._session.get_inputs())

    @property
    def tensor_outputs(self) -> tuple[TensorSpec, ...]:
        """All outputs as typed tensors, in the file's order.   Raises: BadModel for a type no client can read."""
        return tuple(
            tensor_spec(entry.name, entry.type, entry.shape) for entry in self._session.get_outputs()
        )

    def inputs(self) -> dict[str, InputType]:
        """Return input name → what it takes, in the file's order.

        Raises: BadModel when an input is neither an [N, 1] tensor of float or string nor a tensor of pictures of any
        size, uint8 [N, height, width, 3], or when it is the second one of pictures.
        """
        inputs: dict[str, InputType] = {}
        for entry in self._session.get_inputs():
            kind = _input_type(entry.type, entry.shape)
            if kind is None or (kind == "image" and "image" in inputs.values()):
                raise BadModel(
                    "The model does not read the rows of a dataset. Expected inputs [N, 1] of float or string, or one "
                    f"input [N, height, width, 3] of uint8. Received {entry.name!r}: {entry.type} {entry.shape}.",
                    remedy="Use a model that AI Mass published.",
                )
            inputs[entry.name] = kind
        return inputs

    def run(
        self, feeds: Mapping[str, Array], outputs: Sequence[str] | None = None, stop: Stop | None = None
    ) -> list[Array]:
        """Return the outputs (all of them when None) for `feeds`.   stop: a fresh switch that may end this run.

        Raises: WorkFailed when onnxruntime cannot compute them; Stopped when `stop` ended the run.
        """
        options = self._run_options if stop is None else stop.options
        try:
            return list(self._session.run(outputs, dict(feeds), options))
        except (*ONNXRUNTIME_ERRORS, ValueError, RuntimeError, MemoryError) as error:
            if stop is not None and stop.asked:
                raise Stopped(
                    "The model's answer took too long and was stopped.", remedy="Send fewer rows at once."
                ) from error
            raise WorkFailed(
                f"onnxruntime cannot compute the model's answer: {_first_line(error)}",
                remedy="Run `aimass verify` on the model, and send fewer rows at once if memory ran out.",
            ) from error


def read_model_bytes(path: Path) -> bytes:
    """Return the bytes of a model file.

    Raises: BadCommand when there is no such file.   BadModel when it is empty or larger than ONNX allows.
    """
    if not path.is_file():
        raise BadCommand(f"There is no model file {str(path)!r}.", remedy="Give the path of a model.onnx.")
    size = path.stat().st_size
    if not 0 < size <= MAX_MODEL_BYTES:
        raise BadModel(
            f"{str(path)!r} is not a model file. Expected 1 to {MAX_MODEL_BYTES:,} bytes. Received {size:,}.",
            remedy="Give the path of a model.onnx.",
        )
    try:
        return path.read_bytes()
    except OSError as error:
        raise BadCommand(
            f"{str(path)!r} cannot be read: {error.strerror}.", remedy="Check the file's permissions."
        ) from error


def feeds_of(batch: pa.RecordBatch, inputs: Mapping[str, InputType]) -> dict[str, Array]:
    """Return a model's feeds, (rows, 1) each: float32 with NaN for missing, str objects with "" for missing, and
    pictures as bytes objects, still encoded, with b"" for missing (see `engine.serving.pictures`).

    batch: has a column per input, other columns are ignored.
    Raises: BadData when a column is not there or holds another type.
    """
    absent = [name for name in inputs if name not in batch.schema.names]
    if absent:
        raise missing_columns(absent, batch.schema.names)
    feeds = {}
    for name, kind in inputs.items():
        column = batch.column(name)
        if kind == "image" and str(column.type) not in _FILE_TYPES:
            raise _wrong_type(name, kind, column)
        try:
            feeds[name] = _READERS[kind](column)
        except (ValueError, NotImplementedError) as error:
            raise _wrong_type(name, kind, column) from error
    return feeds


def value_feeds(rows: Mapping[str, Sequence[object]], inputs: Mapping[str, InputType]) -> dict[str, Array]:
    """Return a model's feeds, (rows, 1) each, of values that are what the model reads: float, str or bytes."""
    with np.errstate(over="ignore"):
        return {
            name: np.array(rows[name], np.float32 if kind == "float" else object).reshape(-1, 1)
            for name, kind in inputs.items()
        }


def missing_columns(absent: Sequence[str], present: Sequence[str]) -> AimassError:
    """Return the error for data that lack a model's columns."""
    return BadData(
        f"The data lack {len(absent)} of the model's columns: {_listed(absent)}. "
        f"Received the columns {_listed(present)}.",
        remedy="Give data with the columns the model was trained on, or use the model that fits this data.",
    )


def _floats(column: pa.Array) -> Array:
    values = column.cast("float64").fill_null(np.nan).to_numpy(zero_copy_only=False)
    with np.errstate(over="ignore"):  # beyond float32 means infinite, which the graph takes as missing
        return values.astype(np.float32).reshape(-1, 1)


def _strings(column: pa.Array) -> Array:
    """Make one Python string per distinct value and share it among rows: five times faster than one per
    row."""
    coded = column if hasattr(column, "dictionary") else column.cast("string").dictionary_encode()
    words = np.array(["", *coded.dictionary.cast("string").fill_null("").to_pylist()], dtype=object)
    indices = coded.indices.cast("int64").fill_null(-1).to_numpy(zero_copy_only=False)
    return words[indices + 1].reshape(-1, 1)


def _pictures(column: pa.Array) -> Array:
    files = np.empty((len(column), 1), dtype=object)
    files[:, 0] = [content or b"" for content in column.to_pylist()]
    return files


_READERS: Mapping[InputType, Callable[[pa.Array], Array]] = {
    "float": _floats,
    "string": _strings,
    "image": _pictures,
}


def _wrong_type(name: str, kind: InputType, column: pa.Array) -> BadData:
    expected = {"float": "numbers", "string": "text", "image": "pictures"}[kind]
    return BadData(
        f"Column {name!r} cannot be fed to the model. Expected {expected}. Received {column.type}.",
        remedy=f"Give column {name!r} as {expected}.",
    )


def _input_type(onnx_type: str, shape: Sequence[int | str | None]) -> InputType | None:
    """Return what an input takes; None when it is nothing that a row of a dataset holds."""
    if len(shape) == 2 and shape[1] == 1:
        return _TYPES.get(onnx_type)
    is_picture = len(shape) == 4 and shape[3] == _CHANNELS and not any(isinstance(x, int) for x in shape[1:3])
    return "image" if is_picture and onnx_type == "tensor(uint8)" else None


def _listed(names: Sequence[str]) -> str:
    shown = ", ".join(repr(name) for name in names[:10])
    return f"{shown} and {len(names) - 10} more" if len(names) > 10 else shown or "none"


def _first_line(error: BaseException) -> str:
    return (str(error).strip() or type(error).__name__).splitlines()[0][:300]
