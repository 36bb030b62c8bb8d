"""Pictures: decode and import them, measure them, find those that look alike.

What decodes stands here; what imports and reads datasets is named by its module, for a plane that answers holds neither
Arrow nor DuckDB.
"""

from engine.modalities.image.decoding import decode
from engine.modalities.image.encoding import encode_png, thumbnail

__all__ = ["decode", "encode_png", "thumbnail"]
