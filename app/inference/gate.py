"""What every request passes: a request id, its key and quota, and errors that are always JSON and tell nothing else."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Mapping
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.inference.keys import NOBODY, Caller, secret_of
from app.inference.plane import Plane
from app.inference.refused import Refused, refused_as
from engine.words import words_to_json

#: Everything else needs a key (SECURITY E11).
PUBLIC_PATHS = frozenset({"/v2/health/live", "/v2/health/ready"})
LOG = logging.getLogger("aimass.inference")


class Gate:
    """ASGI middleware around all routes."""

    def __init__(self, app: ASGIApp, plane: Plane) -> None:
        self._app = app
        self._plane = plane

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope["state"] = {"request_id": request_id}

        async def send_marked(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers["X-Request-Id"] = request_id
                headers["X-Content-Type-Options"] = "nosniff"
                headers["Cache-Control"] = "no-store"
            await send(message)

        try:
            scope["state"]["caller"] = self._admit(scope)
        except Refused as refused:
            await error_response(refused, request_id)(scope, receive, send_marked)
            return
        await self._app(scope, receive, send_marked)

    def _admit(self, scope: Scope) -> Caller:
        """Return who asks.   Raises: Refused: 401 without a right key, 429 when asked too often."""
        if scope["path"] in PUBLIC_PATHS:
            return NOBODY
        plane, address = self._plane, (scope.get("client") or ("",))[0]
        secret = secret_of(Headers(scope=scope))
        if not secret:
            raise _unauthorised("This needs a key.")
        caller = plane.keys.find(secret)
        if caller is None:
            plane.wrong_keys.check(address)
            # A portal that has just started shows a new key: its hash is there before it asks, but may not be read yet.
            plane.keys.refresh()
            caller = plane.keys.find(secret)
        if caller is None:
            plane.wrong_keys.add(address)
            raise _unauthorised("The key is wrong or was revoked.")
        if caller.scope != "internal":
            plane.buckets.take(caller.id)
        return caller


def _unauthorised(message: str) -> Refused:
    return Refused(
        message,
        status=401,
        code="not_signed_in",
        remedy="Send a service's key as `Authorization: Bearer KEY`.",
        headers={"WWW-Authenticate": "Bearer"},
    )


def caller_of(request: Request) -> Caller:
    """Return who sent the request, as the gate found out."""
    caller: Caller = request.state.caller
    return caller


def check_service(request: Request, service: str) -> Caller:
    """Return the caller, who may ask `service`.   Raises: Refused (403 scope)."""
    caller = caller_of(request)
    if not caller.may_ask(service):
        raise Refused(
            "This key is for another service.",
            status=403,
            code="scope",
            remedy="Use a key of this service.",
        )
    return caller


def check_manager(request: Request) -> Caller:
    """Return the caller, who may load and unload.   Raises: Refused (403 scope)."""
    caller = caller_of(request)
    if not caller.may_manage:
        raise Refused(
            "This key may ask for answers only.", status=403, code="scope", remedy="Use a key of scope api."
        )
    return caller


def error_response(refused: Refused, request_id: str, *, for_portal: bool = False) -> Response:
    """Return the answer to a request that got none.   for_portal: with the sentences so that it can translate them."""
    body: dict[str, Any] = {"error": f"{refused.message}", "code": refused.code, "request_id": request_id}
    if refused.remedy:
        body["remedy"] = str(refused.remedy)
    if for_portal:
        body["words"] = {"error": words_to_json(refused.message), "remedy": words_to_json(refused.remedy)}
    # A client that left has no status code of its own in the standard.
    status = 400 if refused.status == 499 else refused.status
    return JSONResponse(body, status_code=status, headers=refused.headers)


async def on_refused(request: Request, error: Exception) -> Response:
    """Answer any error that we raise ourselves."""
    for_portal = caller_of(request).scope == "internal"
    return error_response(refused_as(error), request.state.request_id, for_portal=for_portal)


async def on_http_error(request: Request, error: Exception) -> Response:
    """Answer what the router finds: no such path, another method."""
    status = error.status_code if isinstance(error, HTTPException) else 404
    headers: Mapping[str, str] = (error.headers if isinstance(error, HTTPException) else None) or {}
    words = {404: ("There is no such path.", "not_found"), 405: ("Method Not Allowed", "method_not_allowed")}
    message, code = words.get(status, ("The request cannot be answered.", "bad_request"))
    refused = Refused(message, status=status, code=code, remedy="See the API's description.", headers=headers)
    return error_response(refused, request.state.request_id)


async def on_fault(request: Request, error: Exception) -> Response:
    """Answer a fault of ours: nothing about it but where to find it in the log."""
    request_id = request.state.request_id
    LOG.error("request %s failed", request_id, exc_info=error)
    body = {"error": "internal error", "code": "internal", "request_id": request_id}
    return JSONResponse(body, status_code=500)
