"""Tables: import them, describe them, read their rows."""

from engine.modalities.table.database import open_database
from engine.modalities.table.importing import import_table
from engine.modalities.table.limits import ImportLimits
from engine.modalities.table.profile import profile_table
from engine.modalities.table.rows import read_rows

__all__ = ["ImportLimits", "import_table", "open_database", "profile_table", "read_rows"]
