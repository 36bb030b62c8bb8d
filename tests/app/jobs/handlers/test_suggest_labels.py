"""A real worker asks a published model about every picture of a set, and what it said orders and labels them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from app.settings import ServeSettings
from app.usecases.labels import change_labels
from app.usecases.pictures import Wanted, pictures
from app.usecases.suggestions import ask_suggestions, suggested_labels, suggestions_at
from app.wiring import Appliance, build
from engine.specs.picture_findings import LabelSuspect
from engine.specs.pictures import LabelEdit
from store.folder import DataFolder
from tests.app.jobs.handlers.conftest import ADA, ended
from tests.engine.published_pictures import batch
from tests.runs import SETTINGS
from tests.suggested import publish_for, put_colours

pytestmark = pytest.mark.slow
TRUTH = batch(24).column("label").to_pylist()


@pytest.fixture
def box(tmp_path: Path) -> Iterator[Appliance]:
    folder = DataFolder(tmp_path / "data")
    folder.create()
    made = build(folder, SETTINGS, ServeSettings())
    yield made
    made.jobs.close()
    made.db.close()


def test_a_model_is_asked_and_another_one_asked_anew(box: Appliance, picture_model_bytes: bytes) -> None:
    colours = put_colours(box, ADA)
    suspect = LabelSuspect(
        row=7, path="", held_in="test", given=TRUTH[7], suggested=_other(TRUTH[7]), given_score=0.1, score=0.8
    )
    first = publish_for(box, ADA, colours, picture_model_bytes, suspects=(suspect,))
    change_labels(box, ADA, colours, LabelEdit(action="label", rows=(4, 5), label=_other(TRUTH[4])))

    done = ended(box, ask_suggestions(box, ADA, colours, model="colours", version=1))

    assert done.state == "succeeded", done
    assert done.result == {"pictures": 24, "answered": 24, "doubted_after_training": 1}
    told = suggested_labels(box, ADA, colours)
    assert told.by is not None and (told.by.sha256, told.by.dataset_id) == (first.sha256, colours)
    said = suggestions_at(box, ADA, colours, range(24))
    assert [said[row][0] for row in range(24) if row != 7] == [*TRUTH[:7], *TRUTH[8:]]
    assert said[7] == (_other(TRUTH[7]), pytest.approx(0.8))
    doubted = pictures(box, ADA, colours, Wanted(order="doubted"), limit=60).items
    wrong = {row for row in (4, 5) if TRUTH[row] != _other(TRUTH[4])}
    assert [one.row for one in doubted[:1]] == [7] and {
        one.row for one in doubted[1 : 1 + len(wrong)]
    } == wrong
    assert told.doubted == 1 + len(wrong)

    uncertain = pictures(box, ADA, colours, Wanted(order="uncertain"), limit=60).items
    assert sorted(one.row for one in uncertain) == list(range(24))
    assert [one.row for one in uncertain] != list(range(24))

    later = publish_for(box, ADA, colours, picture_model_bytes)
    assert later.version == 2
    assert ended(box, ask_suggestions(box, ADA, colours, model="colours", version=2)).state == "succeeded"
    told = suggested_labels(box, ADA, colours)
    assert told.by is not None and told.by.version == 2 and told.doubted == len(wrong)
    files = [path.name for path in box.folder.dataset(colours).iterdir()]
    assert files.count("suggestions.parquet") == 1 and not [name for name in files if "tmp" in name]


def test_a_model_whose_file_is_gone_is_told(box: Appliance, picture_model_bytes: bytes) -> None:
    colours = put_colours(box, ADA, count=3)
    version = publish_for(box, ADA, colours, picture_model_bytes)
    (box.folder.model_version(version.model_id, 1) / "model.onnx").unlink()

    done = ended(box, ask_suggestions(box, ADA, colours, model="colours", version=1))

    assert done.state == "failed" and "not there any more" in str(done.message)
    assert suggested_labels(box, ADA, colours).by is None


def _other(label: str) -> str:
    return "green" if label != "green" else "blue"
