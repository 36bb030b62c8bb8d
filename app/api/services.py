"""Services over the API: put a version to work, go back, stop, give out keys, ask."""

from __future__ import annotations

from typing import Any

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.shapes import KeyOut, NewDeployment, NewKeyOut, NewName, Rows, ServiceOut, plain
from app.usecases import service_answers, services

router = APIRouter(prefix="/services", tags=["services"])


@router.get("")
def list_services(caller: Caller) -> list[ServiceOut]:
    """List the services, with what they answered so far."""
    return [ServiceOut.of(row) for row in services.list_services(caller.box, caller.person)]


@router.put("/{name}")
def deploy(caller: Caller, name: str, asked: NewDeployment) -> ServiceOut:
    """Let a service answer with a version of a model; a new service when there is none of that name."""
    services.deploy(
        caller.box, caller.person, name=name, model=asked.model, version=asked.version, title=asked.title
    )
    return ServiceOut.of(services.get_service(caller.box, caller.person, name))


@router.get("/{name}")
def get_service(caller: Caller, name: str) -> Any:
    """Look at one service: what it answers with, what it reads, and its past."""
    view = services.get_service(caller.box, caller.person, name)
    return {
        "service": ServiceOut.of(view),
        "address": view.address,
        "inputs": plain(view.inputs),
        "deployments": plain(view.deployments),
        "keys": [KeyOut.model_validate(key) for key in view.keys],
    }


@router.delete("/{name}", status_code=204)
def delete_service(caller: Caller, name: str) -> None:
    """Delete a service; its model stays."""
    services.delete_service(caller.box, caller.person, name)


@router.post("/{name}/roll-back")
def roll_back(caller: Caller, name: str) -> ServiceOut:
    """Go back to the version before."""
    services.roll_back(caller.box, caller.person, name)
    return ServiceOut.of(services.get_service(caller.box, caller.person, name))


@router.post("/{name}/stop")
def stop_service(caller: Caller, name: str) -> ServiceOut:
    """Stop answering; nothing is forgotten."""
    services.stop_service(caller.box, caller.person, name)
    return ServiceOut.of(services.get_service(caller.box, caller.person, name))


@router.post("/{name}/start")
def start_service(caller: Caller, name: str) -> ServiceOut:
    """Answer again."""
    services.start_service(caller.box, caller.person, name)
    return ServiceOut.of(services.get_service(caller.box, caller.person, name))


@router.post("/{name}/keys", status_code=201)
def create_key(caller: Caller, name: str, asked: NewName) -> NewKeyOut:
    """Make a key that may ask this service and nothing else; its secret is shown this once. No key makes keys."""
    made = services.create_key(caller.box, caller.person, name, title=asked.name)
    return NewKeyOut(key=KeyOut.model_validate(made.record), secret=made.secret)


@router.delete("/{name}/keys/{key_id}", status_code=204)
def revoke_key(caller: Caller, name: str, key_id: str) -> None:
    """End a key of this service for good. No key ends keys."""
    services.revoke_key(caller.box, caller.person, name, key_id)


@router.post("/{name}/ask")
def ask(caller: Caller, name: str, asked: Rows) -> Any:
    """Ask a service from here, for trying out; programs ask the inference plane itself, with a key of the service."""
    return plain(service_answers.ask(caller.box, caller.person, name, asked.rows, explain=asked.explain))
