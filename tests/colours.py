"""A service that names the strongest colour of a picture, and the real plane that answers for it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from app.usecases import services
from app.usecases.person import Person
from app.wiring import Appliance, use
from store import models
from store.identifiers import new_id
from store.models import Model, ModelVersion
from store.table import now
from tests.engine.published_pictures import encoded, picture
from tests.planes import RunningPlane

SERVICE = "colours"
GREEN = encoded(picture((30, 44), 1, 7))


def deploy_colours(box: Appliance, who: Person, content: bytes) -> str:
    """Register the model file `content`, and return the name of a service that answers with it."""
    model = Model(
        id=new_id(), name=SERVICE, title="Colours", description="", created_by=who.id, created_at=now()
    )
    version = ModelVersion(
        model_id=model.id, run_id=new_id(), task="multiclass", target="label", metric="accuracy", score=1.0,
        baseline=0.3, rows=60, bytes=len(content), sha256=hashlib.sha256(content).hexdigest(),
        created_by=who.id, created_at=now(),
    )  # fmt: skip
    with box.db.write() as tx:
        models.add_model(tx, model)
        models.add_version(tx, version)
    folder = box.folder.model_version(model.id, 1)
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(content)
    return services.deploy(box, who, name=SERVICE, model=SERVICE, version=1).name


@contextmanager
def answered(box: Appliance) -> Iterator[Appliance]:
    """Give the box, in use, beside the real plane, which answers for its service."""
    services.mirror(box)
    with RunningPlane(box.folder.root) as running:
        beside = replace(box, serve=replace(box.serve, inference_port=running.port))
        use(beside)
        address = f"/v2/models/{SERVICE}/ready"
        running.wait_for(
            lambda: running.ask("GET", address, key=box.plane_key).json.get("version") == "1", "ready"
        )
        yield beside
