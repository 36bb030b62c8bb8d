"""Sets of pictures that tests look at: scikit-learn's handwritten digits, as an import would leave them."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet
from PIL import Image
from sklearn.datasets import load_digits

from app.usecases.person import Person
from app.wiring import Appliance
from engine.files import write_json
from engine.modalities.image.describe import describe_pictures
from engine.modalities.table import ImportLimits, profile_table
from engine.specs.codec import to_json
from engine.specs.dataset import ImportSummary
from engine.specs.schema import Column, Schema
from store import datasets
from store.datasets import Dataset
from store.identifiers import new_id

MEASURED = ("width", "height", "brightness", "contrast", "saturation", "colourfulness", "sharpness")
#: Rows 3 and 7 are one group of look-alikes, rows 4, 5 and 6 another.
TWINS = {3: "a", 7: "a", 4: "b", 5: "b", 6: "b"}
SCHEMA = Schema(
    columns=(
        Column(name="image", source_name="image", physical="image", semantic="image"),
        Column(name="label", source_name="label", physical="string", semantic="category"),
        Column(name="path", source_name="path", physical="string", semantic="identifier"),
        *(
            Column(
                name=name, source_name=name, physical="int64" if name in ("width", "height") else "double",
                semantic="number", measured_from="image",
            )
            for name in MEASURED
        ),
        Column(
            name="look_alikes", source_name="look_alikes", physical="string", semantic="category",
            measured_from="image",
        ),
    )
)  # fmt: skip


def png(pixels: np.ndarray) -> bytes:
    """Return a grey picture (height, width) of 0 … 255 as a PNG file."""
    kept = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8), "L").save(kept, "PNG")
    return kept.getvalue()


def digits(count: int, *, scale: int = 4) -> list[tuple[str, bytes]]:
    """Return (label, PNG file) of the first handwritten digits, each pixel `scale` times as large."""
    held = load_digits()
    return [
        (str(label), png(np.kron(pixels * 15.9375, np.ones((scale, scale)))))
        for pixels, label in zip(held.images[:count], held.target[:count], strict=True)
    ]


def write_zip(path: Path, count: int, *, broken: int = 0, scale: int = 4) -> Path:
    """Write a ZIP file of class folders.   broken: files among them that are no pictures."""
    with zipfile.ZipFile(path, "w") as archive:
        for number, (label, content) in enumerate(digits(count, scale=scale)):
            archive.writestr(f"digits/{label}/{number:04d}.png", content)
        for number in range(broken):
            archive.writestr(f"digits/0/broken{number}.png", b"\x89PNG\r\n\x1a\n and then nothing")
    return path


def write_dataset(folder: Path, count: int = 30, *, labelled: bool = True) -> Schema:
    """Write the folder of a dataset of digits as its import would; two files of the source were no pictures."""
    made = digits(count)
    schema = SCHEMA if labelled else SCHEMA.without("label")
    bright = [float(np.asarray(Image.open(io.BytesIO(content))).mean()) / 255 for _, content in made]
    columns = {
        "image": [content for _, content in made],
        "label": [label for label, _ in made],
        "path": [f"{label}/{number:04d}.png" for number, (label, _) in enumerate(made)],
        **dict.fromkeys(("width", "height"), [32] * count),
        "brightness": bright,
        **{name: [float(n % 7) for n in range(count)] for name in MEASURED[3:]},
        "look_alikes": [TWINS.get(number) for number in range(count)],
    }
    place = folder / "dataset"
    place.mkdir(parents=True)
    table = pa.table({name: columns[name] for name in schema.names})
    pyarrow.parquet.write_table(table, place / "data.parquet", row_group_size=8)
    write_json(place / "schema.json", to_json(schema))
    summary = ImportSummary(
        format="zip", bytes=4096, rows_read=count + 2, rows_imported=count, rows_rejected=2
    )
    write_json(place / "import.json", to_json(summary))
    (place / "rejects.csv").write_text(
        'line,reason,text\n31,"The picture cannot be read.",0/broken0.png\n'
        '32,"The file is no picture.",<b>notes</b>.txt\n',
        encoding="utf-8",
    )
    describe_pictures(place / "data.parquet", schema, folder)
    return schema


def put_pictures(
    box: Appliance, who: Person, *, name: str = "Digits", count: int = 30, labelled: bool = True
) -> str:
    """Put a ready dataset of digits into a box and return its id."""
    record = Dataset(
        id=new_id(), name=name, state="ready", source_name="digits.zip", bytes=4096, created_by=who.id,
        created_at=datetime.now(UTC), rows=count, columns=len(SCHEMA.columns), rejected=2,
    )  # fmt: skip
    folder = box.folder.dataset(record.id)
    schema = write_dataset(folder, count, labelled=labelled)
    (folder / "source").mkdir()
    write_zip(folder / "source" / "digits.zip", 3)
    profile = profile_table(folder / "dataset" / "data.parquet", schema, target=None, limits=ImportLimits())
    write_json(folder / "profile.json", to_json(profile))
    with box.db.write() as tx:
        datasets.add(tx, record)
    return record.id
