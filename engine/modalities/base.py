"""What the rest of the product knows of a kind of data."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from engine.modalities.table.limits import ImportLimits
from engine.specs.dataset import ImportSummary


class ImportData(Protocol):
    """Read `source` into `folder`: data.parquet, schema.json, rejects.csv and import.json, in bounded memory."""

    def __call__(
        self, source: Path, folder: Path, *, limits: ImportLimits, progress: Callable[[float], None]
    ) -> ImportSummary:
        """folder: exists, private to this call.   progress: called with shares 0 … 1.   Raises: AimassError."""
        ...


@dataclass(frozen=True, kw_only=True)
class Modality:
    """One kind of data.

    name: as other code calls it.   title: for people.
    reads: tells at a glance, and without raising, whether a file or folder is of this kind.
    opens_archives: `import_data` takes a ZIP archive as it is; the only file of any other archive is unpacked first.
    """

    name: str
    title: str
    reads: Callable[[Path], bool]
    import_data: ImportData
    opens_archives: bool = False
