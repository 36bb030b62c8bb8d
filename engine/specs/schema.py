"""What the columns of a table are: the contract between the imported file, the features and the model."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from engine.errors import InvalidSpec

Physical = Literal["int64", "double", "string", "image"]
Semantic = Literal["number", "category", "boolean", "datetime", "text", "identifier", "constant", "image"]
#: What a model's input takes: numbers, words, or pictures.
InputType = Literal["float", "string", "image"]
Task = Literal["binary", "multiclass", "regression"]

#: Outer blanks, cut from every cell by import and model alike: Unicode's White_Space, and two that no one sees
#: (zero-width space, byte-order mark).
BLANKS = "\t\n\v\f\r \u0085\u00a0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a" + (
    "\u2028\u2029\u202f\u205f\u3000\u200b\ufeff"
)


@dataclass(frozen=True, kw_only=True)
class NumberText:
    """How numbers hide in a text column ("23.4 kmpl"): most frequent unit, share of values that hold one."""

    unit: str
    share: float


@dataclass(frozen=True, kw_only=True)
class Column:
    """One column as imported; also one input of the published model.

    name: trimmed and unique.  source_name: as the file writes it.
    physical: how Parquet stores it. Dates, booleans and categories are stored as cleaned strings, just as the model's
        input receives them, so training and serving read one and the same form. An image is stored as the bytes of
        an upright 8-bit RGB or grey JPEG or PNG file (BLOB).
    trim: some values carry outer `BLANKS` in the file; cleaned strings have none.
    missing_tokens: strings that mean "missing" in this column, after trimming; the empty string always does.
    decimal, thousands: how the file writes numbers, e.g. "," and ".".
    datetime_format: strptime pattern, for semantic "datetime".
    measured_from: the image column that the import measured it from; whoever asks the model does not have it.
    """

    name: str
    source_name: str
    physical: Physical
    semantic: Semantic
    trim: bool = False
    missing_tokens: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    datetime_format: str | None = None
    number_text: NumberText | None = None
    measured_from: str | None = None

    @property
    def input_type(self) -> InputType:
        """What the model's input takes: numbers are float, images image, everything else is string."""
        if self.physical == "image":
            return "image"
        return "string" if self.physical == "string" else "float"


@dataclass(frozen=True, kw_only=True)
class Schema:
    """The columns of a table in file order."""

    columns: tuple[Column, ...]
    version: int = 1

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(column.name for column in self.columns)

    @property
    def by_name(self) -> Mapping[str, Column]:
        return {column.name: column for column in self.columns}

    @property
    def image(self) -> Column | None:
        """The column of pictures; None in a plain table."""
        return next((column for column in self.columns if column.input_type == "image"), None)

    def column(self, name: str) -> Column:
        """Return the column called `name`.   Raises: InvalidSpec when there is none."""
        if name not in self.by_name:
            raise InvalidSpec(
                f"There is no column {name!r}. Expected one of {list(self.names)[:20]}.",
                remedy="Use a name from the schema.",
            )
        return self.by_name[name]

    def without(self, *names: str) -> Schema:
        """Return this schema without the columns called `names`."""
        return Schema(columns=tuple(c for c in self.columns if c.name not in names), version=self.version)
