"""Services as people handle them, answered by the real plane."""

from __future__ import annotations

import hashlib
import json
import secrets
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from app.usecases import services
from app.usecases.models import withdraw_version
from app.usecases.refusals import Conflict, Forbidden, NotFound, Refusal
from app.usecases.service_answers import Unavailable
from app.wiring import Appliance
from store import audit, models, users
from store.identifiers import new_id
from store.models import Model, ModelVersion
from store.table import now
from store.users import User
from tests.app.usecases.walking import ADA, BOB
from tests.engine.published import AGE, CITY, CLASSES, FEATURES
from tests.planes import RunningPlane

pytestmark = pytest.mark.slow

ROW: dict[str, Any] = {AGE: 40, FEATURES: 1, CITY: "北京"}


def add_version(box: Appliance, content: bytes, name: str = "patients") -> int:
    """Register a published file as the next version of a model, as publishing a run does."""
    with box.db.write() as tx:
        model = models.by_name(tx, name) or models.add_model(
            tx,
            Model(
                id=new_id(),
                name=name,
                title=name.title(),
                description="",
                created_by=ADA.id,
                created_at=now(),
            ),
        )
        version = models.add_version(
            tx,
            ModelVersion(
                model_id=model.id,
                run_id=new_id(),
                task="binary",
                target="target",
                metric="roc_auc",
                score=0.9,
                baseline=0.5,
                rows=100,
                bytes=len(content),
                sha256=hashlib.sha256(content).hexdigest(),
                created_by=ADA.id,
                created_at=now(),
            ),
        )
        folder = box.folder.model_version(model.id, version.version)
        folder.mkdir(parents=True)
        (folder / "model.onnx").write_bytes(content)
    return version.version


@pytest.fixture
def ready(box: Appliance, small_model: bytes, small_regressor: bytes) -> Appliance:
    """A box with one user and a model of two versions."""
    with box.db.write() as tx:
        users.add(
            tx,
            User(
                id=ADA.id,
                name=ADA.name,
                display=ADA.display,
                role="admin",
                password_hash="-",
                created_at=now(),
            ),
        )
    add_version(box, small_model)
    add_version(box, small_regressor)
    return box


@pytest.fixture
def plane(ready: Appliance) -> Iterator[RunningPlane]:
    services.mirror(ready)
    with RunningPlane(ready.folder.root) as running:
        yield running


@pytest.fixture
def served(ready: Appliance, plane: RunningPlane) -> Appliance:
    """The box, knowing where its plane listens, with version 1 deployed as "triage"."""
    box = replace(ready, serve=replace(ready.serve, inference_port=plane.port))
    services.deploy(box, ADA, name="triage", model="patients", version=1)
    plane.wait_for(lambda: answering(box, plane) == "1", "version 1")
    return box


def answering(box: Appliance, plane: RunningPlane) -> str | None:
    return plane.ask("GET", "/v2/models/triage/ready", key=box.plane_key).json.get("version")


def wish(box: Appliance, name: str = "triage") -> Any:
    return json.loads((box.folder.services / name / "service.json").read_text())


# ---- what is written for the plane


def test_deploying_lays_down_the_file_and_says_it_is_live(ready: Appliance) -> None:
    service = services.deploy(ready, ADA, name="triage", model="patients", version=1)
    assert (service.live_version, service.state, service.title) == (1, "live", "Patients")
    found = wish(ready)
    assert found["live"] == "1" and set(found["versions"]) == {"1"}
    file = ready.folder.services / "triage" / found["versions"]["1"]["file"]
    assert hashlib.sha256(file.read_bytes()).hexdigest() == found["versions"]["1"]["sha256"]
    assert file.stat().st_nlink == 2


def test_deploying_twice_changes_nothing(ready: Appliance) -> None:
    first = services.deploy(ready, ADA, name="triage", model="patients", version=1)
    assert services.deploy(ready, ADA, name="triage", model="patients", version=1) == first
    assert len(services.get_service(ready, ADA, "triage").deployments) == 1


@pytest.mark.parametrize("name", ["stats", "", "A", "a b", "../x", "a" * 64, "-a", "ü"])
def test_names_that_cannot_be_an_address_are_refused(ready: Appliance, name: str) -> None:
    with pytest.raises(Refusal):
        services.deploy(ready, ADA, name=name, model="patients", version=1)
    assert services.list_services(ready, ADA) == ()


def test_what_cannot_be_deployed(ready: Appliance, small_model: bytes) -> None:
    add_version(ready, small_model, name="other")
    services.deploy(ready, ADA, name="triage", model="patients", version=1)
    with pytest.raises(NotFound):
        services.deploy(ready, ADA, name="x", model="none", version=1)
    with pytest.raises(NotFound):
        services.deploy(ready, ADA, name="x", model="patients", version=9)
    with pytest.raises(Conflict, match="another model"):
        services.deploy(ready, ADA, name="triage", model="other", version=1)
    withdraw_version(ready, ADA, "patients", 2)
    with pytest.raises(Conflict, match="withdrawn"):
        services.deploy(ready, ADA, name="triage", model="patients", version=2)
    with pytest.raises(Conflict, match="in use"):
        withdraw_version(ready, ADA, "patients", 1)


def test_rolling_back_walks_through_what_was_deployed(ready: Appliance, small_model: bytes) -> None:
    add_version(ready, small_model)
    for version in (1, 2, 3):
        services.deploy(ready, ADA, name="triage", model="patients", version=version)
    assert set(wish(ready)["versions"]) == {"2", "3"}
    assert services.get_service(ready, ADA, "triage").can_roll_back
    assert [services.roll_back(ready, ADA, "triage").live_version for _ in range(2)] == [2, 1]
    assert wish(ready)["live"] == "1"
    assert not services.get_service(ready, ADA, "triage").can_roll_back
    with pytest.raises(Conflict, match="no version to go back to"):
        services.roll_back(ready, ADA, "triage")
    services.deploy(ready, ADA, name="triage", model="patients", version=3)
    assert services.roll_back(ready, ADA, "triage").live_version == 1
    actions = [one.action for one in services.get_service(ready, ADA, "triage").deployments]
    assert actions == ["deploy"] * 3 + ["roll_back"] * 2 + ["deploy", "roll_back"]


def test_a_withdrawn_version_is_passed_over_when_going_back(ready: Appliance, small_model: bytes) -> None:
    add_version(ready, small_model)
    for version in (1, 2, 3):
        services.deploy(ready, ADA, name="triage", model="patients", version=version)
    withdraw_version(ready, ADA, "patients", 2)
    assert services.roll_back(ready, ADA, "triage").live_version == 1


def test_stopping_starting_and_deleting(ready: Appliance) -> None:
    services.deploy(ready, ADA, name="triage", model="patients", version=1)
    key = services.create_key(ready, ADA, "triage", title="script")
    assert services.stop_service(ready, ADA, "triage").state == "stopped"
    assert services.stop_service(ready, ADA, "triage").state == "stopped"
    assert wish(ready)["live"] is None
    assert services.start_service(ready, ADA, "triage").live_version == 1
    services.delete_service(ready, ADA, "triage")
    assert not (ready.folder.services / "triage").exists()
    assert users.key(ready.db, key.record.id).revoked_at is not None  # type: ignore[union-attr]
    with pytest.raises(NotFound):
        services.get_service(ready, ADA, "triage")
    assert models.by_name(ready.db, "patients") is not None
    assert {"service.deploy", "service.stop", "service.start", "service.delete"} <= {
        entry.action for entry in audit.recent(ready.db)
    }


def test_a_version_deployed_at_the_same_moment_is_not_lost_by_stopping(
    ready: Appliance, monkeypatch: pytest.MonkeyPatch
) -> None:
    services.deploy(ready, ADA, name="triage", model="patients", version=1)
    find, found = services._find, []

    def find_then_deploy(box: Appliance, name: str) -> Any:
        found.append(find(box, name))
        if len(found) == 1:
            services.deploy(ready, BOB, name="triage", model="patients", version=2)
        return found[-1] if len(found) == 1 else find(box, name)

    monkeypatch.setattr(services, "_find", find_then_deploy)
    stopped = services.stop_service(ready, ADA, "triage")
    assert (stopped.state, stopped.live_version) == ("stopped", 2)


def test_only_its_maker_and_administrators_delete_a_service(ready: Appliance) -> None:
    services.deploy(ready, ADA, name="triage", model="patients", version=1)
    with pytest.raises(Forbidden):
        services.delete_service(ready, BOB, "triage")
    services.deploy(ready, BOB, name="ward", model="patients", version=1)
    services.delete_service(ready, BOB, "ward")
    assert [row.service.name for row in services.list_services(ready, ADA)] == ["triage"]


def test_keys_are_mirrored_as_hashes_and_end_with_their_user(ready: Appliance) -> None:
    services.deploy(ready, ADA, name="triage", model="patients", version=1)
    made = services.create_key(ready, ADA, "triage", title="script")
    file = ready.folder.services / "keys.json"

    def mirrored() -> list[str]:
        return [key["sha256"] for key in json.loads(file.read_text())["keys"]]

    assert mirrored() == [hashlib.sha256(made.secret.encode()).hexdigest()]
    assert made.secret not in file.read_text() and file.stat().st_mode & 0o077 == 0
    with ready.db.write() as tx:
        users.update(tx, ADA.id, disabled_at=now())
    services.mirror(ready)
    assert mirrored() == []
    with ready.db.write() as tx:
        users.update(tx, ADA.id, disabled_at=None)
    services.revoke_key(ready, ADA, "triage", made.record.id)
    assert mirrored() == []
    with pytest.raises(NotFound):
        services.revoke_key(ready, ADA, "other", made.record.id)


def test_the_folder_can_be_made_again_from_the_records(ready: Appliance) -> None:
    services.deploy(ready, ADA, name="triage", model="patients", version=1)
    before = wish(ready)
    shutil.rmtree(ready.folder.services / "triage")
    (ready.folder.services / "left-over" / "versions").mkdir(parents=True)
    services.mirror(ready)
    assert wish(ready) == before
    assert not (ready.folder.services / "left-over").exists()


def test_the_view_has_a_field_per_column_and_the_address(ready: Appliance) -> None:
    services.deploy(ready, ADA, name="triage", model="patients", version=1)
    view = services.get_service(ready, ADA, "triage")
    assert [(field.name, field.kind) for field in view.inputs] == [
        (AGE, "number"),
        (FEATURES, "number"),
        (CITY, "category"),
    ]
    assert view.address == "http://127.0.0.1:8502/v1/services/triage/predict"
    assert (view.stats.requests, view.stats.p50_ms, view.trouble, view.target) == (0, None, "", "target")


# ---- asked through the plane


def test_asking_gives_answers_and_reasons(served: Appliance, plane: RunningPlane) -> None:
    answer = services.ask(served, ADA, "triage", [ROW, {**ROW, AGE: None}], explain=True)
    assert (answer.service, answer.version, len(answer.rows)) == ("triage", "1", 2)
    for row in answer.rows:
        assert row.label in CLASSES and abs(sum(row.probabilities.values()) - 1) < 1e-6
        assert {part.column for part in row.explanation} == set(ROW)
        sizes = [abs(part.contribution) for part in row.explanation]
        assert sizes == sorted(sizes, reverse=True)
    services.deploy(served, ADA, name="triage", model="patients", version=2)
    plane.wait_for(lambda: answering(served, plane) == "2", "version 2")
    assert services.ask(served, ADA, "triage", [ROW]).rows[0].prediction is not None


def test_a_portal_that_starts_anew_asks_the_living_plane_at_once_with_a_new_key(served: Appliance) -> None:
    for _ in range(5):
        again = replace(served, plane_key=f"another {secrets.token_hex(32)}")
        services.mirror_keys(again)
        assert services.ask(again, ADA, "triage", [ROW]).version == "1"
    with pytest.raises(Unavailable):
        services.ask(served, ADA, "triage", [ROW])


def test_what_does_not_fit_is_told_with_row_and_column(served: Appliance, plane: RunningPlane) -> None:
    with pytest.raises(Refusal, match="Row 2, column 'age in years'") as caught:
        services.ask(served, ADA, "triage", [ROW, {**ROW, AGE: "old"}])
    assert caught.value.message.template.startswith("Row {row:,}")  # type: ignore[attr-defined]
    with pytest.raises(NotFound):
        services.ask(served, ADA, "none", [ROW])
    services.stop_service(served, ADA, "triage")
    plane.wait_for(lambda: answering(served, plane) is None, "stopped")
    with pytest.raises(Unavailable, match="stopped"):
        services.ask(served, ADA, "triage", [ROW])
    plane.stop()
    assert not services.is_answering(served)
    with pytest.raises(Unavailable, match="inference plane does not answer"):
        services.ask(served, ADA, "triage", [ROW])


def test_figures_and_trouble_come_from_the_plane(served: Appliance, plane: RunningPlane) -> None:
    key = services.create_key(served, ADA, "triage")
    plane.wait_for(lambda: plane.ask("GET", "/v2", key=key.secret).status == 200, "the key")
    path = "/v1/services/triage/predict"
    assert plane.ask("POST", path, {"rows": [ROW] * 3}, key=key.secret).status == 200
    assert plane.ask("POST", path, {"rows": []}, key=key.secret).status == 422
    (served.folder.services / "triage" / "versions" / "2").mkdir()
    (served.folder.services / "triage" / "versions" / "2" / "model.onnx").write_bytes(b"rotten")
    services.deploy(served, ADA, name="triage", model="patients", version=2)
    plane.wait_for(lambda: services.get_service(served, ADA, "triage").trouble != "", "trouble")
    view = services.get_service(served, ADA, "triage")
    assert "SHA-256" in view.trouble and answering(served, plane) == "1"
    plane.stop()
    row = services.list_services(served, ADA)[0]
    assert (row.stats.requests, row.stats.rows, row.stats.errors) == (2, 3, 1)
    assert row.stats.reasons == {"bad_rows": 1} and (row.stats.p50_ms or 0) > 0
    services.mirror(served)
    assert users.key(served.db, key.record.id).last_used_at is not None  # type: ignore[union-attr]


@pytest.mark.parametrize("language", ["curl", "python", "javascript"])
def test_pasted_snippets_work(served: Appliance, plane: RunningPlane, tmp_path: Path, language: str) -> None:
    program = {"curl": "sh", "python": sys.executable, "javascript": "node"}[language]
    if shutil.which(program) is None or (language == "curl" and shutil.which("curl") is None):
        pytest.skip(f"no {program} here")
    key = services.create_key(served, ADA, "triage").secret
    plane.wait_for(lambda: plane.ask("GET", "/v2", key=key).status == 200, "the key")
    text = services.snippets(services.get_service(served, ADA, "triage"), key)[language]
    file = tmp_path / ("snippet.mjs" if language == "javascript" else "snippet")
    file.write_text(text, encoding="utf-8")
    done = subprocess.run([program, str(file)], capture_output=True, text=True, timeout=60, check=False)
    assert "probabilities" in done.stdout and any(name in done.stdout for name in CLASSES), done
