"""Pictures are read by row, in bounded parts, with their names, measures and groups; answers keep their rows."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from engine.report.picture_rows import Asker, shown, small_pixels, unseen_answers
from engine.serving.session import Session
from engine.specs.training import SelectedModel
from tests.engine.published_pictures import COLOURS, colour_graph, encoded, picture
from tests.engine.report.made_pictures import MODEL, ROWS, SETS, MadeRun, made_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeRun]:
    with made_run(tmp_path_factory.mktemp("rows")) as made:
        yield made


def test_files_come_with_their_rows_in_file_order(colours: MadeRun) -> None:
    batches = list(colours.source.files([149, 3, 77, 3]))
    held = [pair for batch in batches for pair in batch]
    assert [row for row, _ in held] == [3, 77, 149]
    assert held[1][1] == encoded(picture((12, 20), 77 % 3, 77))


def test_names_targets_and_samples_belong_together(colours: MadeRun) -> None:
    source = colours.source
    assert source.names([5, 2]) == {2: "all/002.png", 5: "all/005.png"}
    rows = source.listed(colours.rows.query(limit=20))
    assert len(rows) == 20 and all(SETS[row % len(SETS)] == "test" for row in rows)
    y = source.target(rows)
    assert np.mean(y == rows % 3) > 0.8


def test_measures_are_of_the_asked_sets(colours: MadeRun) -> None:
    values, y = colours.source.measured(("train", "valid"), 1_000)
    assert set(values) == {
        *("width", "height", "brightness", "contrast", "saturation", "colourfulness", "sharpness")
    }
    assert len(y) == len(values["width"]) == sum(one != "test" for one in SETS) * ROWS // len(SETS)
    assert len(colours.source.measured(("test",), 7)[1]) == 7


def test_groups_that_contradict_are_told_apart_from_those_that_agree(colours: MadeRun) -> None:
    assert colours.source.contradictions(5) == (1, [[(40, COLOURS[1]), (41, COLOURS[2])]])
    assert colours.source.contradictions(0) == (1, [])


def test_pictures_of_any_sizes_keep_their_answers() -> None:
    asker = Asker(Session(colour_graph().SerializeToString()), "image")
    pictures = [picture(size, k, k) for k, size in enumerate([(9, 9), (30, 10), (9, 9)])]
    scores = asker.each(pictures)
    assert scores.argmax(axis=1).tolist() == [0, 1, 2]
    np.testing.assert_allclose(scores, asker.files([encoded(one) for one in pictures]), atol=1e-6)


def test_answers_of_validation_rows_are_those_before_more_training(colours: MadeRun, tmp_path: Path) -> None:
    models = tmp_path / "models"
    shutil.copytree(colours.run.paths.models, models)
    shutil.copytree(models / MODEL, models / "other")
    rows, y, scores = unseen_answers(
        models, [SelectedModel(candidate=f"{MODEL}-all-rows", weight=3.0), SelectedModel(candidate="other")]
    )
    alone = unseen_answers(models, [SelectedModel(candidate=MODEL)])
    assert rows.tolist() == [i for i in range(ROWS) if SETS[i % len(SETS)] == "valid"]
    np.testing.assert_array_equal(y, alone[1])
    np.testing.assert_allclose(scores, alone[2])
    np.testing.assert_allclose(scores.sum(axis=1), 1.0, atol=1e-5)


def test_large_pictures_are_made_small() -> None:
    content = encoded(np.full((600, 900, 3), 77, np.uint8))
    assert small_pixels(content, 64).shape == (150, 225, 3)
    assert small_pixels(content, 224).shape == (600, 900, 3)
    assert len(shown(content)) < 4_000
    assert shown(None) == shown(b"") == ""
