"""What known data sets recommend for a run: among what would be trained, with reason, score and time."""

from __future__ import annotations

import pytest

from app.usecases import run_recommendations, runs
from app.wiring import Appliance
from engine.recommend.knowledge import read_knowledge
from store.run_records import RunRecord
from tests.app.usecases.walking import ADA

pytestmark = pytest.mark.slow


def test_a_prepared_run_is_told_what_to_try_first_and_why(box: Appliance, prepared: RunRecord) -> None:
    view = runs.choices(box, ADA, prepared.id)
    candidates = [one for family in view.families if family.selected for one in family.candidates]
    found = run_recommendations.recommendations(box, ADA, prepared.id, candidates)
    assert found is not None and found.known == len(read_knowledge().sets)
    assert len(found.first) == run_recommendations.SHOWN and len(found.nearest) == 3
    assert [one.rank for one in found.first] == [1, 2, 3]
    for one in found.first:
        assert one.id in {candidate.id for candidate in candidates} - {"baseline"}
        assert one.title and one.reason and one.seconds > 0
        assert 0 <= one.low <= one.share <= one.high <= 1
        assert one.score is not None and one.metric == "ROC AUC"


def test_only_what_would_be_trained_is_recommended(box: Appliance, prepared: RunRecord) -> None:
    assert run_recommendations.recommendations(box, ADA, prepared.id, []) is None


def test_this_machine_is_measured_once() -> None:
    assert run_recommendations.own_effort() == run_recommendations.own_effort() > 0
