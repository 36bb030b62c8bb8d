"""Pictures: decode and import them, measure them, find those that look alike."""

from engine.modalities.image.decoding import decode
from engine.modalities.image.encoding import encode_png, thumbnail
from engine.modalities.image.importing import import_images
from engine.modalities.image.look import pictures, thumbnails

__all__ = ["decode", "encode_png", "import_images", "pictures", "thumbnail", "thumbnails"]
