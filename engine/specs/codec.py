"""Turn frozen dataclasses into JSON values and back, naming the field that is wrong."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Mapping
from typing import Any, TypeVar

from engine.errors import InvalidSpec

T = TypeVar("T")


def to_json(value: Any) -> Any:
    """Return `value` (dataclasses, mappings, tuples, plain values) as JSON values."""
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        return {f.name: to_json(getattr(value, f.name)) for f in dataclasses.fields(value)}
    if isinstance(value, Mapping):
        return {str(key): to_json(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [to_json(item) for item in value]
    return value


def from_json(kind: type[T], value: Any, where: str = "") -> T:
    """Build a `kind` (a dataclass) from JSON values.

    Raises: InvalidSpec that names the field, what was expected and what came.
    """
    return typing.cast(T, _build(kind, value, where or kind.__name__))


def _build(kind: Any, value: Any, where: str) -> Any:
    if kind is Any or kind is object:
        return value
    origin = typing.get_origin(kind)
    if origin in (typing.Union, types.UnionType):
        return _build_union(kind, value, where)
    if origin is typing.Literal:
        allowed = typing.get_args(kind)
        return value if value in allowed else _refuse(where, f"one of {allowed}", value)
    if origin is tuple:
        items = value if isinstance(value, (list, tuple)) else _refuse(where, "a list", value)
        return _build_tuple(typing.get_args(kind), items, where)
    if origin is not None and issubclass(origin, Mapping):
        entries = value if isinstance(value, Mapping) else _refuse(where, "an object", value)
        inner = typing.get_args(kind)[1]
        return {key: _build(inner, item, f"{where}.{key}") for key, item in entries.items()}
    if dataclasses.is_dataclass(kind):
        return _build_dataclass(kind, value, where)
    if kind is float and isinstance(value, int) and not isinstance(value, bool):
        return float(value)
    if isinstance(kind, type) and isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    return _refuse(where, getattr(kind, "__name__", str(kind)), value)


def _build_union(kind: Any, value: Any, where: str) -> Any:
    options = typing.get_args(kind)
    if value is None and type(None) in options:
        return None
    problem: InvalidSpec | None = None
    for option in options:
        if option is type(None):
            continue
        try:
            return _build(option, value, where)
        except InvalidSpec as error:
            problem = problem or error
    raise problem or InvalidSpec(f"`{where}` is empty.", remedy="Give it a value.")


def _build_tuple(inner: tuple[Any, ...], items: Any, where: str) -> tuple[Any, ...]:
    if len(inner) == 2 and inner[1] is Ellipsis:
        return tuple(_build(inner[0], item, f"{where}[{i}]") for i, item in enumerate(items))
    if len(inner) != len(items):
        _refuse(where, f"{len(inner)} values", items)
    return tuple(
        _build(kind, item, f"{where}[{i}]") for i, (kind, item) in enumerate(zip(inner, items, strict=True))
    )


def _build_dataclass(kind: Any, value: Any, where: str) -> Any:
    entries = value if isinstance(value, Mapping) else _refuse(where, "an object", value)
    hints = typing.get_type_hints(kind)
    fields = {f.name: f for f in dataclasses.fields(kind)}
    unknown = sorted(set(entries) - set(fields))
    if unknown:
        _refuse(where, f"only the fields {sorted(fields)}", unknown)
    missing = [
        name
        for name, f in fields.items()
        if name not in entries
        and f.default is dataclasses.MISSING
        and f.default_factory is dataclasses.MISSING
    ]
    if missing:
        _refuse(where, f"the fields {missing}", sorted(entries))
    return kind(**{name: _build(hints[name], item, f"{where}.{name}") for name, item in entries.items()})


def _refuse(where: str, expected: str, received: Any) -> Any:
    raise InvalidSpec(
        f"`{where}` cannot be read. Expected: {expected}. Received: {str(received)[:200]!r}.",
        remedy=f"Correct `{where}` in the JSON.",
    )
