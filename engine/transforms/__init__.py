"""The catalogue of transforms: one column operation each, with one fit and two compilers."""

from __future__ import annotations

import difflib

from engine.errors import InvalidSpec
from engine.transforms import (
    clip,
    code_prefix,
    date_parts,
    elapsed,
    frequency,
    impute,
    index,
    log,
    missing_flag,
    number_from_text,
    one_hot,
    parse_date,
    resize,
    standardise,
    target_encode,
    text_counts,
    text_shape,
    whole_as_text,
)
from engine.transforms.base import Transform

CATALOGUE: tuple[Transform, ...] = (
    impute.TRANSFORM,
    missing_flag.TRANSFORM,
    log.TRANSFORM,
    clip.TRANSFORM,
    standardise.TRANSFORM,
    whole_as_text.TRANSFORM,
    one_hot.TRANSFORM,
    index.TRANSFORM,
    target_encode.TRANSFORM,
    frequency.TRANSFORM,
    number_from_text.TRANSFORM,
    code_prefix.TRANSFORM,
    parse_date.TRANSFORM,
    date_parts.TRANSFORM,
    elapsed.TRANSFORM,
    text_counts.TRANSFORM,
    text_shape.TRANSFORM,
)

#: Those that no SQL can do: the nodes that serve them also make what models learn from.
GRAPH_CATALOGUE: tuple[Transform, ...] = (resize.TRANSFORM,)

_BY_NAME = {transform.name: transform for transform in (*CATALOGUE, *GRAPH_CATALOGUE)}


def transform(name: str) -> Transform:
    """Return the transform called `name`.

    Raises: InvalidSpec that suggests the nearest name.
    """
    if name in _BY_NAME:
        return _BY_NAME[name]
    near = difflib.get_close_matches(name, _BY_NAME, n=1, cutoff=0.5)
    raise InvalidSpec(
        f"There is no transform {name!r}. Expected one of {sorted(_BY_NAME)}.",
        remedy=f"Use {near[0]!r}." if near else "Use a name from the list.",
    )
