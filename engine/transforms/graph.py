"""A small builder of ONNX graphs: fresh names, shared constants, one opset for the whole house."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

import numpy as np
import onnx
from onnx import helper, numpy_helper

OPSET = 21
ML_OPSET = 4
IR_VERSION = 10
ML_DOMAIN = "ai.onnx.ml"
MICROSOFT_DOMAIN = "com.microsoft"


class Graph:
    """Collects nodes and constants; every method returns tensor names."""

    def __init__(self, prefix: str = "") -> None:
        """prefix: put before every made name, so that graphs can be joined without clashes."""
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: list[onnx.TensorProto] = []
        self.inputs: list[onnx.ValueInfoProto] = []
        self.outputs: list[onnx.ValueInfoProto] = []
        self._prefix = prefix
        self._count = 0
        self._constants: dict[tuple[Any, ...], str] = {}
        self._built: dict[Hashable, str] = {}

    def name(self, stem: str) -> str:
        """Return a tensor name nobody has yet."""
        self._count += 1
        return f"{self._prefix}{stem}_{self._count}"

    def node(self, op: str, *inputs: str, domain: str = "", **attributes: Any) -> str:
        """Add a node with one output and return that output's name."""
        return self.node_many(op, *inputs, outputs=1, domain=domain, **attributes)[0]

    def node_many(
        self, op: str, *inputs: str, outputs: int, domain: str = "", **attributes: Any
    ) -> tuple[str, ...]:
        """Add a node with several outputs and return their names.

        Attributes given as numpy arrays (float32, int64, bytes) may hold millions of values.
        """
        names = [self.name(op.lower()) for _ in range(outputs)]
        plain = {name: value for name, value in attributes.items() if not isinstance(value, np.ndarray)}
        node = helper.make_node(op, list(inputs), names, name=f"{names[0]}_node", domain=domain, **plain)
        node.attribute.extend(
            _array_attribute(name, value)
            for name, value in attributes.items()
            if isinstance(value, np.ndarray)
        )
        self.nodes.append(node)
        return tuple(names)

    def once(self, key: Hashable, build: Callable[[], str]) -> str:
        """Return the tensor that `build` makes, building it only the first time `key` is asked for."""
        if key not in self._built:
            self._built[key] = build()
        return self._built[key]

    def constant(self, value: Any, dtype: Any = None) -> str:
        """Add (or reuse) a constant; `dtype` is a numpy type, `object` for strings."""
        array = np.asarray(value, dtype=dtype)
        if array.dtype.kind == "U":
            array = array.astype(object)
        content = tuple(array.ravel().tolist()) if array.dtype == object else array.tobytes()
        key = (str(array.dtype), array.shape, content)
        if key not in self._constants:
            name = self.name("const")
            self.initializers.append(_tensor(array, name))
            self._constants[key] = name
        return self._constants[key]

    def input(self, name: str, element_type: int, shape: Sequence[int | str | None]) -> str:
        """Declare a graph input and return its name."""
        self.inputs.append(helper.make_tensor_value_info(name, element_type, list(shape)))
        return name

    def output(self, tensor: str, name: str, element_type: int, shape: Sequence[int | str | None]) -> None:
        """Declare `tensor` as the graph output called `name`."""
        self.nodes.append(helper.make_node("Identity", [tensor], [name], name=f"{self._prefix}{name}_out"))
        self.outputs.append(helper.make_tensor_value_info(name, element_type, list(shape)))

    def model(self) -> onnx.ModelProto:
        """Return the checked model."""
        graph = helper.make_graph(
            self.nodes, "aimass", self.inputs, self.outputs, initializer=self.initializers
        )
        model = helper.make_model(graph, opset_imports=opset_imports(), ir_version=IR_VERSION)
        model.producer_name = "aimass"
        return model


def opset_imports() -> list[onnx.OperatorSetIdProto]:
    """The operator sets every AI Mass model is written in; all are stock onnxruntime."""
    return [
        helper.make_opsetid("", OPSET),
        helper.make_opsetid(ML_DOMAIN, ML_OPSET),
        helper.make_opsetid(MICROSOFT_DOMAIN, 1),
    ]


def _array_attribute(name: str, array: np.ndarray[Any, Any]) -> onnx.AttributeProto:
    """Make a list attribute without looking at each value, as onnx's own helper does (20 times slower)."""
    attribute = onnx.AttributeProto(name=name)
    if array.dtype == np.float32:
        attribute.type = onnx.AttributeProto.FLOATS
        attribute.floats.extend(array.tolist())
    elif array.dtype == np.int64:
        attribute.type = onnx.AttributeProto.INTS
        attribute.ints.extend(array.tolist())
    else:
        attribute.type = onnx.AttributeProto.STRINGS
        attribute.strings.extend(array.tolist())
    return attribute


def _tensor(array: np.ndarray[Any, Any], name: str) -> onnx.TensorProto:
    if array.dtype == object:
        flat: Any = [str(item).encode() for item in array.ravel()]
        return helper.make_tensor(name, onnx.TensorProto.STRING, array.shape, flat)
    return numpy_helper.from_array(array, name)
