"""The step "models" says what known data sets recommend, and nothing where nothing would be trained."""

from __future__ import annotations

import pytest

from tests.pages.conftest import OpenPage, words_on
from tests.walked import Walked

pytestmark = pytest.mark.slow


def test_recommendations_stand_with_reason_nearest_sets_score_and_time(
    walked: Walked, open_page: OpenPage
) -> None:
    page = open_page("walk", run=walked.prepared, step="models")

    assert not page.exception
    said = words_on(page)
    for words in (
        "Recommended for this data",
        "Nearest to yours: ",
        "of what the best model",
        "Expected ROC AUC: ",
        "Time of one training: ",
    ):
        assert words in said
