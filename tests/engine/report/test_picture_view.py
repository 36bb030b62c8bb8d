"""What is shown of the pictures is bounded, ready to read, and honest about what time left undone."""

from __future__ import annotations

from dataclasses import replace

from engine.report.page import render_report
from engine.report.picture_view import MOST_SUSPECTS, PictureView, picture_view
from engine.specs.evaluation import Evaluation, MetricScore
from engine.specs.picture_findings import (
    ClassGaze,
    ConfusedPair,
    Contradiction,
    Gaze,
    LabelSuspect,
    PictureFindings,
    Robustness,
    ShownPicture,
    StrainScore,
)
from engine.specs.report import Report

HEAT = ((0.0, 0.2), (0.1, 0.0))
HOSTILE = "<script>alert(1)</script>\"'>"
SHOWN = ShownPicture(
    row=7,
    path=HOSTILE,
    truth="cat",
    answered=HOSTILE,
    score=0.931,
    top=((HOSTILE, 0.931), ("cat", 0.069)),
    thumbnail="/9j/AA==",
    heat=HEAT,
)


def suspect(row: int) -> LabelSuspect:
    return LabelSuspect(
        row=row,
        path=f"{row}.png",
        held_in="test",
        given="cat",
        suggested="dog",
        given_score=0.01,
        score=0.97,
        thumbnail="/9j/AA==",
    )


FOUND = PictureFindings(
    image="image",
    rows=120,
    mistakes=(SHOWN,),
    confused=(
        ConfusedPair(
            actual="cat", answered="dog", rows=9, back=2, of=40, either=0.14, expected=3.0, pictures=(SHOWN,)
        ),
    ),
    judged=400,
    suspected=30,
    suspects=tuple(suspect(i) for i in range(30)),
    robustness=Robustness(
        metric="accuracy",
        title="Accuracy",
        rows=120,
        clean=0.9,
        strains=(
            StrainScore(
                kind="dark", title="darker", help="70, 50 and 30 % of the light.", scores=(0.89, 0.6, None)
            ),
        ),
    ),
    gaze=Gaze(
        pictures=3,
        border_share=0.3,
        border_area=0.44,
        classes=(ClassGaze(label="cat", pictures=3, heat=HEAT, example=SHOWN),),
    ),
    contradicted=1,
    contradictions=(Contradiction(pictures=((1, "a.png", "cat", "/9j/AA=="), (2, "b.png", "dog", ""))),),
    unfinished=("robustness",),
)


def viewed(found: PictureFindings = FOUND) -> PictureView:
    view = picture_view(Report(title="t", created_at="", pictures=found))
    assert view is not None
    return view


def test_a_report_of_a_table_has_no_pictures() -> None:
    bare = Report(title="t", created_at="")
    assert picture_view(bare) is None
    page = render_report(bare)
    assert "<img" not in page and ".tiles" not in page


def test_tiles_hold_their_pictures_and_say_how_sure() -> None:
    (tile,) = viewed().mistakes
    assert tile.picture == "data:image/jpeg;base64,/9j/AA=="
    assert tile.heat.startswith("data:image/png;base64,")
    assert (tile.given, tile.said, tile.sure) == ("cat", HOSTILE, "93.1 %")
    (pair,) = viewed().pairs
    assert (pair.title, pair.note) == ("cat → dog", "9 of 40 pictures; the other way round 2.")


def test_suspects_are_bounded_and_counted() -> None:
    view = viewed()
    assert len(view.suspects) == MOST_SUSPECTS
    assert "Of 400 pictures" in view.suspects_note and "30 have a label" in view.suspects_note
    assert "none has a label" in viewed(replace(FOUND, suspects=(), suspected=0)).suspects_note
    assert viewed(replace(FOUND, suspects=(), suspected=0, judged=0)).suspects_note == ""


def test_a_model_that_is_often_wrong_is_not_believed() -> None:
    def noted(right: float) -> str:
        score = MetricScore(name="accuracy", title="Accuracy", help="", greater_is_better=True, value=right)
        evaluation = Evaluation(task="multiclass", metric="accuracy", rows=120, scores=(score,))
        view = picture_view(Report(title="t", created_at="", evaluation=evaluation, pictures=FOUND))
        assert view is not None
        return view.suspects_note

    assert "It is right about 50.0 % of the test pictures only" in noted(0.5)
    assert "only" not in noted(0.7)


def test_figures_that_fell_are_marked_and_missing_ones_named() -> None:
    view = viewed()
    assert view.strains[0].cells == (("89.0 %", False), ("60.0 %", True), ("–", False))
    assert (view.clean, view.strains_rows, view.strains_title) == ("90.0 %", 120, "Accuracy")
    assert view.notes == ("There was no time to try every change on the pictures.",)
    strains = (StrainScore(kind="dark", title="darker", help="", scores=(10.5, 12.0, None)),)
    errors = Robustness(metric="rmse", title="RMSE", rows=120, clean=10.0, strains=strains)
    assert viewed(replace(FOUND, robustness=errors)).strains[0].cells[:2] == (("10.5", False), ("12", True))


def test_the_page_shows_them_and_asks_for_nothing() -> None:
    page = render_report(Report(title="t", created_at="", pictures=FOUND))
    assert page.count('src="data:image/jpeg;base64,/9j/AA=="') >= 6
    assert "<script" not in page
    assert 'src="http' not in page and "url(" not in page
    for heading in ("Worst mistakes", "Labels that may be wrong", "Where the model looks", "cat → dog"):
        assert heading in page
    assert "6 more are in report.json." in page


def test_a_page_without_findings_in_any_part_is_whole() -> None:
    page = render_report(Report(title="t", created_at="", pictures=PictureFindings(image="image", rows=0)))
    assert "What the pictures say" in page
    assert "Worst mistakes" not in page and "<img" not in page
