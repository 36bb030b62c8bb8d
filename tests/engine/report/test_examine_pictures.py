"""The pictures behind the figures are found, shown and written beside the evaluation, in the time there is."""

from __future__ import annotations

import base64
import dataclasses
import io
import itertools
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

from engine.files import read_json
from engine.report.examine_pictures import examine_pictures
from engine.specs.codec import from_json
from engine.specs.picture_findings import PictureFindings
from tests.engine.published_pictures import COLOURS, picture_task
from tests.engine.report.made_pictures import FLIPPED, SETS, MadeRun, made_run

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def colours(tmp_path_factory: pytest.TempPathFactory) -> Iterator[MadeRun]:
    with made_run(tmp_path_factory.mktemp("colours")) as made:
        yield made


@pytest.fixture(scope="module")
def found(colours: MadeRun) -> PictureFindings:
    found = examine_pictures(colours.run, colours.model, colours.rows)
    assert found is not None
    return found


def test_flipped_labels_are_the_mistakes_and_the_suspects(found: PictureFindings) -> None:
    held = {row for row in FLIPPED if SETS[row % len(SETS)] != "train"}
    assert {one.row for one in found.suspects} == held
    assert found.suspected == len(held) and found.judged == 90
    assert {one.row for one in found.mistakes} == {r for r in held if SETS[r % len(SETS)] == "test"}
    suspect = found.suspects[0]
    assert suspect.path == f"all/{suspect.row:03d}.png"
    assert suspect.suggested == COLOURS[suspect.row % 3] != suspect.given
    assert {one.held_in for one in found.suspects} == {"valid", "test"}


def test_shown_pictures_are_small_and_have_their_answers(found: PictureFindings) -> None:
    for one in found.mistakes:
        image = Image.open(io.BytesIO(base64.b64decode(one.thumbnail)))
        assert image.format == "JPEG" and max(image.size) <= 96
        assert one.top[0] == (one.answered, one.score) and len(one.top) == 3
        assert one.answered != one.truth
        assert 1 <= len(one.heat) <= 8
    assert [one.score for one in found.mistakes] == sorted(
        (one.score for one in found.mistakes), reverse=True
    )


def test_every_class_is_looked_at_and_every_change_is_tried(found: PictureFindings) -> None:
    assert found.gaze is not None and found.robustness is not None
    assert [one.label for one in found.gaze.classes] == list(COLOURS)
    for one in found.gaze.classes:
        assert sum(map(sum, one.heat)) == pytest.approx(1.0, abs=0.01)
        assert one.example is not None and one.example.truth == one.label == one.example.answered
    assert found.robustness.rows == 60 and found.robustness.metric == "accuracy"
    assert all(None not in one.scores for one in found.robustness.strains)
    assert found.unfinished == ()


def test_look_alikes_with_different_labels_are_found(found: PictureFindings) -> None:
    assert found.contradicted == 1
    (group,) = found.contradictions
    assert [(row, label) for row, _, label, _ in group.pictures] == [(40, COLOURS[1]), (41, COLOURS[2])]
    assert all(picture for *_, picture in group.pictures)


def test_what_was_measured_tells_nothing_here(found: PictureFindings) -> None:
    assert {one.column for one in found.telling} == {
        *("width", "height", "brightness", "contrast", "saturation", "colourfulness", "sharpness")
    }
    assert found.telling[0].skill < 0.5


def test_the_findings_are_written_and_the_way_is_told(colours: MadeRun, found: PictureFindings) -> None:
    path = colours.run.paths.pictures
    assert from_json(PictureFindings, read_json(path)) == found
    assert path.stat().st_size < 200_000
    assert colours.shares == sorted(colours.shares)
    assert colours.shares[0] > 0.6 and colours.shares[-1] <= 1.0


def test_a_number_as_answer_has_mistakes_but_no_labels_to_doubt(tmp_path: Path) -> None:
    with made_run(tmp_path, task=picture_task(())) as made:
        found = examine_pictures(made.run, made.model, made.rows)
    assert found is not None
    assert (found.judged, found.suspects, found.confused, found.contradicted) == (0, (), (), 0)
    assert len(found.mistakes) == 12 and found.mistakes[0].top == ()
    assert found.robustness is not None and found.robustness.metric == "rmse"
    assert found.gaze is not None and [one.label for one in found.gaze.classes] == [""]


def test_without_time_the_worst_is_shown_and_the_rest_named(tmp_path: Path) -> None:
    ticks = itertools.count(0.0, 1_000.0)
    with made_run(tmp_path, clock=lambda: float(next(ticks))) as made:
        found = examine_pictures(made.run, made.model, made.rows)
    assert found is not None
    assert found.mistakes and found.suspects
    assert found.gaze is None and found.robustness is None
    assert set(found.unfinished) >= {"gaze", "robustness"}


def test_a_table_is_left_alone(colours: MadeRun, tmp_path: Path) -> None:
    with made_run(tmp_path) as made:
        spec = dataclasses.replace(made.run.spec, drop=("image",))
        run = dataclasses.replace(made.run, spec=spec)
        assert examine_pictures(run, made.model, made.rows) is None
        assert not run.paths.pictures.exists()
