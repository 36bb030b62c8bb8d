"""A picture is asked about by its bytes alone; whatever is wrong comes back as a sentence."""

from __future__ import annotations

import base64

import pytest

from app.usecases import services
from app.usecases.picture_questions import ask_picture
from app.usecases.refusals import NotFound, Refusal
from app.usecases.service_answers import Unavailable
from app.wiring import Appliance, use
from tests.app.usecases.walking import ADA
from tests.colours import GREEN, SERVICE, answered, deploy_colours
from tests.engine.published_pictures import COLOURS

pytestmark = pytest.mark.slow


def test_a_picture_is_answered_previewed_and_explained(box: Appliance, picture_model_bytes: bytes) -> None:
    deploy_colours(box, ADA, picture_model_bytes)
    with answered(box) as beside:
        plain = ask_picture(beside, ADA, SERVICE, GREEN)
        heat = ask_picture(beside, ADA, SERVICE, GREEN, explain=True).heat
        with pytest.raises(Refusal, match="cannot be read"):
            ask_picture(beside, ADA, SERVICE, GREEN[:40])
        with pytest.raises(NotFound):
            ask_picture(beside, ADA, "nobody", GREEN)
        row = {"image": base64.b64encode(GREEN).decode()}
        (as_row,) = services.ask(beside, ADA, SERVICE, [row], explain=True).rows
    use(None)
    assert (plain.label, plain.prediction, plain.version, plain.heat) == (COLOURS[1], None, "1", ())
    assert plain.top[0][0] == COLOURS[1]
    assert sum(share for _label, share in plain.top) == pytest.approx(1.0)
    assert (plain.preview.width, plain.preview.height) == (44, 30)
    assert (len(heat), len(heat[0])) == (8, 12)
    assert (as_row.label, as_row.explanation) == (COLOURS[1], ())


def test_without_a_plane_that_is_said(box: Appliance, picture_model_bytes: bytes) -> None:
    deploy_colours(box, ADA, picture_model_bytes)
    with pytest.raises(Unavailable):
        ask_picture(box, ADA, SERVICE, GREEN)
