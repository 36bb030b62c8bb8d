"""Every picture of a set gets the answer that the published file itself gives."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from engine.errors import BadData, BadModel
from engine.modalities.table import ImportLimits
from engine.serving.model import ServedModel
from engine.serving.suggest import suggest
from tests.engine.published_pictures import COLOURS, batch, publish_pictures
from tests.suggested import write_colours

LIMITS = ImportLimits(threads=2)


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return publish_pictures(tmp_path_factory.mktemp("model") / "model.onnx").path


def test_pictures_are_answered_in_their_order(model: Path, tmp_path: Path) -> None:
    data, shares = write_colours(tmp_path, 150), []

    found = suggest(model, data, limits=LIMITS, progress=shares.append)

    asked = ServedModel.open(model).predict(batch(150))
    assert found.classes == COLOURS and found.codes.shape == (150, 3)
    assert [found.classes[code] for code in found.codes[:, 0]] == list(asked.labels)  # type: ignore[arg-type]
    np.testing.assert_allclose(found.scores, -np.sort(-asked.scores, axis=1), atol=1e-6)
    assert shares == sorted(shares) and shares[-1] == 1.0


def test_a_picture_that_cannot_be_read_has_no_suggestion(model: Path, tmp_path: Path) -> None:
    rows = batch(5).to_pydict()
    rows["image"][3] = rows["image"][3][:40]
    pq.write_table(pa.table(rows), tmp_path / "data.parquet")

    found = suggest(model, tmp_path / "data.parquet", limits=LIMITS, progress=lambda share: None)

    assert (found.codes[:, 0] == -1).tolist() == [False, False, False, True, False]


def test_a_set_and_a_model_that_do_not_fit_are_told(model: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"photo": [b"x"]}), tmp_path / "other.parquet")
    with pytest.raises(BadData, match="image"):
        suggest(model, tmp_path / "other.parquet", limits=LIMITS, progress=lambda share: None)

    number = publish_pictures(tmp_path / "number.onnx", classes=()).path
    with pytest.raises(BadModel, match="class of a picture"):
        suggest(number, write_colours(tmp_path / "set", 3), limits=LIMITS, progress=lambda share: None)
