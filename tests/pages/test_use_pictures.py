"""A service of pictures: each picture that is given is answered beside it, with the places the answer rests on."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.usecases import services
from app.usecases.person import Person
from app.usecases.picture_questions import ask_picture
from app.usecases.refusals import NotFound, Refusal
from app.usecases.service_answers import Unavailable
from app.wiring import Appliance, use
from engine.modalities.image import decode
from store import models
from store.identifiers import new_id
from store.models import Model, ModelVersion
from store.table import now
from tests.engine.published_pictures import COLOURS, encoded, picture
from tests.pages.conftest import OpenPage, words_on
from tests.planes import RunningPlane

pytestmark = pytest.mark.slow

GREEN = encoded(picture((30, 44), 1, 7))


@pytest.fixture
def colours(box: Appliance, ada: Person, picture_model_bytes: bytes) -> str:
    """A service that names the strongest colour of a picture."""
    model = Model(
        id=new_id(), name="colours", title="Colours", description="", created_by=ada.id, created_at=now()
    )
    version = ModelVersion(
        model_id=model.id, run_id=new_id(), task="multiclass", target="label", metric="accuracy", score=1.0,
        baseline=0.3, rows=60, bytes=len(picture_model_bytes),
        sha256=hashlib.sha256(picture_model_bytes).hexdigest(), created_by=ada.id, created_at=now(),
    )  # fmt: skip
    with box.db.write() as tx:
        models.add_model(tx, model)
        models.add_version(tx, version)
    folder = box.folder.model_version(model.id, 1)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(picture_model_bytes)
    return services.deploy(box, ada, name="colours", model="colours", version=1).name


@pytest.fixture
def answering(box: Appliance, colours: str) -> Iterator[Appliance]:
    """The box beside the real plane, which answers for the service."""
    services.mirror(box)
    with RunningPlane(box.folder.root) as running:
        beside = replace(box, serve=replace(box.serve, inference_port=running.port))
        use(beside)
        address = f"/v2/models/{colours}/ready"
        running.wait_for(
            lambda: running.ask("GET", address, key=box.plane_key).json.get("version") == "1", "ready"
        )
        yield beside


def test_the_page_takes_pictures_and_no_rows(colours: str, open_page: OpenPage) -> None:
    page = open_page("use", service=colours)

    assert not page.exception
    assert not page.number_input and not page.text_input
    assert [one.label for one in page.get("file_uploader")] == ["Pictures"]
    assert [tab.label for tab in page.tabs[:3]] == ["Pictures", "A zip", "From a program"]
    assert "the answer stands here" in words_on(page)


def test_a_picture_is_answered_with_the_places_it_rests_on(answering: Appliance, open_page: OpenPage) -> None:
    page = open_page("use", service="colours")
    page.get("file_uploader")[0].set_value([("leaf.png", GREEN, "image/png")]).run()

    assert not page.exception and not page.error
    assert "## green" in words_on(page)
    assert {chart.proto.alt for chart in page.get("echarts_chart")} == {"How likely each answer is"}
    (image,) = page.get("image")
    assert "leaf" in str(image.proto)
    address = image.proto.imgs[0].url
    drawing = base64.b64decode(address.removeprefix("data:image/svg+xml;base64,")).decode()
    assert drawing.count("<rect") > 20
    (jpeg,) = re.findall(r"data:image/jpeg;base64,([^\"]+)", drawing)
    assert decode(base64.b64decode(jpeg)).shape == (30, 44, 3)

    page.toggle(key="heat-colours").set_value(False).run()
    assert not page.error
    assert "## green" in words_on(page)


def test_a_file_that_is_no_picture_is_told_and_the_others_are_answered(
    answering: Appliance, open_page: OpenPage
) -> None:
    page = open_page("use", service="colours")
    given = [("a.png", GREEN, "image/png"), ("b.png", b"<svg/>", "image/png"), ("c.jpg", GREEN, "image/jpeg")]
    page.get("file_uploader")[0].set_value(given).run()

    assert "not a picture" in page.error[0].value
    assert len(page.error) == 1
    assert words_on(page).count("## green") == 2


def test_a_picture_is_asked_about_by_its_bytes_alone(answering: Appliance, ada: Person) -> None:
    plain = ask_picture(answering, ada, "colours", GREEN)
    assert (plain.label, plain.prediction, plain.version, plain.heat) == (COLOURS[1], None, "1", ())
    assert plain.top[0][0] == COLOURS[1]
    assert (plain.preview.width, plain.preview.height) == (44, 30)
    heat = ask_picture(answering, ada, "colours", GREEN, explain=True).heat
    assert (len(heat), len(heat[0])) == (8, 12)
    with pytest.raises(Refusal, match="cannot be read"):
        ask_picture(answering, ada, "colours", GREEN[:40])
    with pytest.raises(NotFound):
        ask_picture(answering, ada, "nobody", GREEN)


def test_rows_with_pictures_are_asked_like_any(answering: Appliance, ada: Person) -> None:
    rows = [{"image": base64.b64encode(GREEN).decode()}]
    answer = services.ask(answering, ada, "colours", rows, explain=True)
    assert (answer.rows[0].label, answer.rows[0].explanation) == (COLOURS[1], ())


def test_without_a_plane_that_is_said(box: Appliance, ada: Person, colours: str) -> None:
    with pytest.raises(Unavailable):
        ask_picture(box, ada, colours, GREEN)


@pytest.mark.parametrize("language", ["curl", "python"])
def test_what_is_pasted_is_answered(answering: Appliance, ada: Person, language: str) -> None:
    view = services.get_service(answering, ada, "colours")
    key = services.create_key(answering, ada, "colours", title="test").secret
    services.mirror_keys(answering)
    text = services.snippets(view, key)[language]
    if language == "curl" and shutil.which("curl") is None:
        pytest.skip("no curl here")
    program = ["bash", "-c", text] if language == "curl" else [sys.executable, "-c", text]
    for _attempt in range(20):  # the plane learns of a new key within a moment
        done = subprocess.run(program, capture_output=True, text=True, check=True, timeout=30)
        if "rows" in done.stdout:
            break
    assert json.loads(done.stdout)["rows"][0]["label"] in COLOURS
