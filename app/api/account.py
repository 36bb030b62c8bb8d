"""The caller's own account over the API: who they are, and their keys."""

from __future__ import annotations

from fastapi import APIRouter

from app.api.caller import Caller
from app.api.shapes import KeyOut, NewKeyIn, NewKeyOut, PersonOut
from app.usecases import accounts

router = APIRouter(prefix="/account", tags=["account"])


@router.get("")
def get_account(caller: Caller) -> PersonOut:
    """Say who asks."""
    return PersonOut.model_validate(caller.person)


@router.get("/keys")
def list_keys(caller: Caller) -> list[KeyOut]:
    """List the caller's keys."""
    return [KeyOut.model_validate(key) for key in accounts.list_api_keys(caller.box, caller.person)]


@router.post("/keys", status_code=201)
def create_key(caller: Caller, asked: NewKeyIn) -> NewKeyOut:
    """Make a key; its secret is shown this once. Only somebody who is signed in may; no key makes keys."""
    made = accounts.create_api_key(
        caller.box, caller.person, name=asked.name, scope=asked.scope, service=asked.service
    )
    return NewKeyOut(key=KeyOut.model_validate(made.record), secret=made.secret)


@router.delete("/keys/{key_id}", status_code=204)
def revoke_key(caller: Caller, key_id: str) -> None:
    """End a key for good. Only somebody who is signed in may; no key ends keys."""
    accounts.revoke_api_key(caller.box, caller.person, key_id)
