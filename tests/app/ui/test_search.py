"""A search as people see it in a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from engine.search.findings import find
from engine.specs.codec import to_json
from engine.specs.search import SearchSpec
from tests.app.ui.conftest import Draw
from tests.engine.search.made_search import OPENED, SHAPES, made_family, made_loss, made_study

pytestmark = pytest.mark.slow

SCRIPT = """
from pathlib import Path
from app.ui.search import show_search
from engine.files import read_json
from engine.specs.codec import from_json
from engine.specs.search import SearchFindings
show_search(from_json(SearchFindings, read_json(Path({path!r}))), key="s")
"""


def _searched(folder: Path, trials: int) -> Path:
    """Search a family that exists under its own name, so that it has a title."""
    families = [made_family("lightgbm"), made_family("mlp")]
    assert set(SHAPES) >= {member.view for member in families}
    study = made_study(folder, SearchSpec(sampler="random", pruner="none"), families)
    for _ in range(trials):
        trial = study.ask()
        params = trial.candidate.params
        study.tell(trial, made_loss(trial.candidate) + 0.1 * (params["kind"] == "c"))
    OPENED.pop().close()
    path = folder / "findings.json"
    path.write_text(json.dumps(to_json(find(study))), encoding="utf-8")
    return path


def test_a_search_is_drawn_with_all_that_was_found(draw: Draw, tmp_path: Path) -> None:
    page = draw(SCRIPT.format(path=str(_searched(tmp_path, 60))))

    assert not page.exception
    assert page.markdown[0].value.replace("\\", "").startswith("60 trials: 60 trained to the end")
    charts = [chart.proto.alt for chart in page.get("echarts_chart")]
    assert charts[0] == "Search history"
    assert charts.count("What mattered: Kind of model") == 1
    assert len([alt for alt in charts if alt.startswith("Trials across their parameters")]) == 2
    assert len(charts) == len(set(charts)) == 6


def test_a_search_that_has_just_begun_says_what_is_missing(draw: Draw, tmp_path: Path) -> None:
    page = draw(SCRIPT.format(path=str(_searched(tmp_path, 1))))

    assert not page.exception
    assert not page.get("echarts_chart")
    assert any("below 12 complete trials" in caption.value for caption in page.caption)


def test_a_search_speaks_the_readers_language(draw: Draw, tmp_path: Path) -> None:
    page = draw(SCRIPT.format(path=str(_searched(tmp_path, 30))), language="zh-CN")

    assert not page.exception
    assert "次试验" in page.markdown[0].value
    assert not any(chart.proto.alt.isascii() for chart in page.get("echarts_chart"))
