"""A run folder has one place for each result, and a run is named by its data."""

from __future__ import annotations

from pathlib import Path

import pytest

from engine.specs.run import RunPaths, RunSpec


def test_every_result_has_its_own_place_inside_the_run_folder(tmp_path: Path) -> None:
    paths = RunPaths(tmp_path)
    names = [name for name, value in vars(RunPaths).items() if isinstance(value, property)]
    places = [getattr(paths, name) for name in names]
    assert len(set(places)) == len(places) > 10
    assert all(place.is_relative_to(tmp_path) and place != tmp_path for place in places)


@pytest.mark.parametrize(
    ("attribute", "place"),
    [("model", "model.onnx"), ("report", "report.json"), ("report_page", "report.html")],
)
def test_what_a_person_looks_for_lies_on_top(tmp_path: Path, attribute: str, place: str) -> None:
    assert getattr(RunPaths(tmp_path), attribute) == tmp_path / place


def test_a_run_is_named_by_its_file_without_folders() -> None:
    assert RunSpec(data="some/where/adult.csv", target="income").data_name == "adult.csv"
