"""What a model takes the pictures of a set for, kept in one file beside their labels; which answers are least sure, and
which labels they contradict."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet

from engine.errors import InvalidSpec
from engine.files import temporary_beside
from engine.modalities.image.labelling import Labels
from engine.specs.codec import from_json, to_json
from engine.specs.pictures import LabelEdit, SuggestedBy

#: Classes that are kept of each picture, the likeliest first.
KEPT = 3
#: A label is contradicted by an answer at least so probable: half-sure ones are the model's own doubt.
SURE = 0.8
NO_CLASS = -1
_BY, _CLASSES, _SUSPECTS = b"aimass_by", b"aimass_classes", b"aimass_suspects"
_CODE, _SCORE = "class_{}", "score_{}"


@dataclass(frozen=True)
class Suggestions:
    """The answers of one model about all pictures of a set, by row.

    classes: the model's own, by code.   codes: (rows, kept) int32, what it says first, then the likeliest others;
    NO_CLASS where there is none.   scores: (rows, kept) float32, their probabilities.
    suspects: rows whose label was doubted after training, the most doubtful first. Theirs are the answers of before
    the model learned from them: [suggested, given].
    """

    classes: tuple[str, ...]
    codes: npt.NDArray[np.int32]
    scores: npt.NDArray[np.float32]
    suspects: tuple[int, ...] = ()

    def of(self, rows: Sequence[int]) -> dict[int, tuple[str, float]]:
        """Return row → (suggested class, its probability) for those of `rows` that have one."""
        known = [row for row in rows if 0 <= row < len(self.codes) and self.codes[row, 0] != NO_CLASS]
        return {row: (self.classes[self.codes[row, 0]], float(self.scores[row, 0])) for row in known}

    def margins(self) -> npt.NDArray[np.float64]:
        """Return how much likelier the suggested class is than the next (rows,), inf where nothing is suggested."""
        between = self.scores[:, 0].astype(np.float64) - self.scores[:, 1]
        return np.where(self.codes[:, 0] == NO_CLASS, np.inf, between)

    def doubted(self, labels: Labels) -> tuple[int, ...]:
        """Return the rows whose label of now is probably wrong, the most doubtful first.

        First those that were doubted after training and still have that label, then those that the model surely takes
        for another class than the one they have. A label that the model has never heard of is none it can doubt.
        """
        own = self._codes_of(labels)
        suspects = [row for row in self.suspects if own[row] != NO_CLASS and own[row] == self.codes[row, 1]]
        held = np.where(self.codes == own[:, None], self.scores, 0.0).sum(axis=1)
        sure = self.scores[:, 0].astype(np.float64)
        is_doubted = (self.codes[:, 0] != NO_CLASS) & (own != NO_CLASS) & (self.codes[:, 0] != own)
        is_doubted &= (sure >= SURE) & ~labels.excluded
        is_doubted[list(self.suspects)] = False
        rows = np.flatnonzero(is_doubted)
        rows = rows[np.argsort(-(sure - held)[rows], kind="stable")]
        return (*(row for row in suspects if not labels.excluded[row]), *rows.tolist())

    def renamed(self, edits: Sequence[LabelEdit]) -> Suggestions:
        """Return the same with the names that people gave the classes since; merged ones have one name."""
        names = list(self.classes)
        for edit in edits:
            if edit.action == "rename":
                names = [edit.label if name == edit.old else name for name in names]
        return replace(self, classes=tuple(names))

    def _codes_of(self, labels: Labels) -> npt.NDArray[np.int32]:
        """Return the label of each picture as the model's code (rows,), NO_CLASS for what it does not know.

        Where two of its classes were merged, a label has the code of the one that is suggested, if it is one of them.
        """
        first = {name: code for code, name in reversed(list(enumerate(self.classes)))}
        table = np.array([first.get(name, NO_CLASS) for name in labels.classes] + [NO_CLASS], np.int32)
        own: npt.NDArray[np.int32] = table[labels.codes]
        alike = np.array([first[name] for name in self.classes] + [NO_CLASS], np.int32)
        is_same = (own != NO_CLASS) & (alike[self.codes[:, 0]] == own)
        return np.where(is_same, self.codes[:, 0], own)


def order_keys(suggestions: Suggestions, labels: Labels, order: str) -> npt.NDArray[np.float64]:
    """Return what pictures are sorted by (rows,), lowest first.   order: "uncertain" or "doubted"."""
    if order == "uncertain":
        return suggestions.margins()
    doubted = list(suggestions.doubted(labels))
    keys = np.full(len(labels.codes), np.inf)
    keys[doubted] = np.arange(len(doubted))
    return keys


def write_suggestions(path: Path, made: Suggestions, by: SuggestedBy) -> None:
    """Write the one file of a set's suggestions, whole or not at all; an older one is replaced.   Raises: OSError."""
    columns: dict[str, Any] = {}
    for place in range(made.codes.shape[1]):
        columns[_CODE.format(place)] = made.codes[:, place]
        columns[_SCORE.format(place)] = made.scores[:, place]
    table = pa.table(columns).replace_schema_metadata(
        {_BY: _text(to_json(by)), _CLASSES: _text(made.classes), _SUSPECTS: _text(made.suspects)}
    )
    temporary = temporary_beside(path)
    try:
        pyarrow.parquet.write_table(table, temporary)
        temporary.chmod(0o600)
        temporary.replace(path)
    finally:
        temporary.unlink(missing_ok=True)


def read_suggestions(path: Path) -> tuple[SuggestedBy, Suggestions] | None:
    """Return who made the suggestions, and these; None where there are none, or none that this build wrote."""
    try:
        with pyarrow.parquet.ParquetFile(path) as file:
            table, told = file.read(), file.schema_arrow.metadata or {}
        by = from_json(SuggestedBy, json.loads(told[_BY]))
        return by, Suggestions(
            classes=tuple(json.loads(told[_CLASSES])),
            codes=_stacked(table, _CODE).astype(np.int32),
            scores=_stacked(table, _SCORE).astype(np.float32),
            suspects=tuple(json.loads(told[_SUSPECTS])),
        )
    except (FileNotFoundError, KeyError, ValueError, InvalidSpec, pa.ArrowException):
        return None


def doubts_of(
    made: Suggestions, suspects: Sequence[tuple[int, str, float, str, float]], rows: int
) -> Suggestions:
    """Return the suggestions with the doubts of after training laid over them.

    suspects: (row, given label, its probability, suggested label, its probability), the most doubtful first; those that
        the model or the set knows nothing of are passed over.
    """
    at = {name: code for code, name in enumerate(made.classes)}
    known = [one for one in suspects if 0 <= one[0] < rows and one[1] in at and one[3] in at]
    codes, scores = made.codes.copy(), made.scores.copy()
    for row, given, given_score, suggested, score in known:
        codes[row], scores[row] = NO_CLASS, 0.0
        codes[row, :2] = at[suggested], at[given]
        scores[row, :2] = score, given_score
    return replace(made, codes=codes, scores=scores, suspects=tuple(dict.fromkeys(one[0] for one in known)))


def _stacked(table: pa.Table, name: str) -> npt.NDArray[Any]:
    places = range(table.num_columns // 2)
    return np.stack([table.column(name.format(place)).to_numpy() for place in places], axis=1)


def _text(value: Mapping[str, Any] | Sequence[Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
