"""Models and their versions: found by name, described, taken back unless a service answers with them."""

from __future__ import annotations

import shutil
from dataclasses import replace

import pytest

from app.language import translator
from app.usecases import models
from app.usecases.refusals import Conflict, Forbidden, NotFound, Refusal
from app.usecases.registering import Naming, register_version
from app.wiring import Appliance
from engine.specs.run import RunPaths
from store import services
from store.models import ModelVersion
from store.run_records import RunRecord
from store.services import Service
from store.table import now
from tests.app.usecases.walking import ADA, BOB

pytestmark = pytest.mark.slow


@pytest.fixture
def version(box: Appliance, prepared: RunRecord, finished: RunPaths) -> ModelVersion:
    """Version 1 of the model "tumours"."""
    folder = box.folder.run(prepared.id)
    shutil.rmtree(folder)
    shutil.copytree(finished.folder, folder)
    naming = Naming(name="tumours", title="Tumours", description="As of today.")
    return register_version(box.db, box.folder, prepared.id, naming, created_by=ADA.id)


def test_a_model_is_listed_and_told_of_without_opening_its_file(
    box: Appliance, version: ModelVersion
) -> None:
    found = models.list_models(box, BOB, search="TODAY")
    assert [(row.model.name, row.latest, row.services) for row in found.items] == [("tumours", version, ())]
    assert models.list_models(box, BOB, search="nothing").total == 0
    view = models.get_model(box, BOB, "tumours")
    assert view.shown == version and view.report is not None
    assert view.card.target == "finding" and view.about.run_name == "finding · Tumours"
    assert models.model_file(box, BOB, "tumours", 1).read_bytes()[:1] and view.about.bytes == version.bytes
    assert '<html lang="en">' in models.report_page(box, BOB, "tumours", 1, translator("en"))
    told = models.report_page(box, BOB, "tumours", 1, translator("zh_CN"))
    assert '<html lang="zh-CN">' in told and "测试行" in told and "test rows" not in told


def test_a_described_model_keeps_its_name(box: Appliance, version: ModelVersion) -> None:
    told = models.describe_model(box, ADA, "tumours", title="<i>Better</i>", description="Two\nlines")
    assert (told.name, told.title, told.description) == ("tumours", "<i>Better</i>", "Two\nlines")
    with pytest.raises(Refusal):
        models.describe_model(box, ADA, "tumours", title="", description="")


def test_a_version_in_use_stays(box: Appliance, version: ModelVersion) -> None:
    with box.db.write() as tx:
        services.add(
            tx,
            Service(
                name="ward",
                title="Ward",
                model_id=version.model_id,
                live_version=1,
                state="live",
                created_by=ADA.id,
                created_at=now(),
                updated_at=now(),
            ),
        )
    with pytest.raises(Conflict, match="in use by ward"):
        models.withdraw_version(box, ADA, "tumours", 1)
    assert models.list_models(box, BOB).items[0].services == ("ward",)


def test_only_who_published_a_version_and_administrators_withdraw_it(
    box: Appliance, version: ModelVersion
) -> None:
    eve = replace(BOB, id="eve", name="eve")
    assert not models.may_withdraw(eve, version)
    with pytest.raises(Forbidden, match="published by somebody else"):
        models.withdraw_version(box, eve, "tumours", 1)
    assert models.get_model(box, eve, "tumours").shown.withdrawn_at is None
    maker = replace(eve, id=version.created_by)
    assert models.may_withdraw(maker, version) and models.may_withdraw(ADA, version)
    assert models.withdraw_version(box, maker, "tumours", 1).withdrawn_at is not None


def test_a_withdrawn_version_is_marked_and_still_there(box: Appliance, version: ModelVersion) -> None:
    assert models.withdraw_version(box, ADA, "tumours", 1).withdrawn_at is not None
    view = models.get_model(box, BOB, "tumours")
    assert view.shown.withdrawn_at is not None and models.model_file(box, BOB, "tumours", 1).exists()


@pytest.mark.parametrize("name", ["", "nothing", "../tumours", "Tumours", "x" * 10_000])
def test_a_model_that_is_not_there_is_not_found(box: Appliance, version: ModelVersion, name: str) -> None:
    for ask in (
        models.get_model,
        lambda *a: models.model_file(*a, 1),
        lambda *a: models.withdraw_version(*a, 1),
    ):
        with pytest.raises(NotFound):
            ask(box, ADA, name)


@pytest.mark.parametrize("number", [0, 2, -1, 10**30])
def test_a_version_that_is_not_there_is_not_found(box: Appliance, version: ModelVersion, number: int) -> None:
    with pytest.raises(NotFound):
        models.get_model(box, ADA, "tumours", number)
    with pytest.raises(NotFound):
        models.model_file(box, ADA, "tumours", number)


def test_lost_files_are_said_so(box: Appliance, version: ModelVersion) -> None:
    shutil.rmtree(box.folder.model_version(version.model_id, 1))
    with pytest.raises(NotFound, match="are gone"):
        models.get_model(box, ADA, "tumours")
