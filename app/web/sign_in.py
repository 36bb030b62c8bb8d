"""Signing in and out, the first administrator, a new password, the language: plain forms, no script needed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from app.language import LANGUAGES
from app.usecases import accounts
from app.usecases.refusals import NotFound, Refusal, http_status
from app.web.answers import extra_headers
from app.web.cookies import clear_session, set_language, set_session
from app.web.forms import read_form, safe_target
from app.web.pages import render
from app.web.sockets import LiveSockets
from app.web.visitor import Visitor, visitor_of
from engine.errors import AimassError
from engine.words import words


def sign_in_routes(sockets: LiveSockets) -> list[Route]:
    """Return the routes of our own pages.   sockets: closed when their session ends."""
    pages = _Pages(sockets)
    both = ["GET", "POST"]
    return [
        Route("/login", pages.login, methods=both),
        Route("/logout", pages.logout, methods=both),
        Route("/setup/{token}", pages.setup, methods=both),
        Route("/password", pages.password, methods=both),
        Route("/password/{token}", pages.new_password, methods=both),
        Route("/lang/{code}", pages.language, methods=["GET"]),
    ]


class _Pages:
    def __init__(self, sockets: LiveSockets) -> None:
        self._sockets = sockets

    async def login(self, request: Request) -> Response:
        """Show the form, or open a session and go to where the visitor wanted."""
        visitor = visitor_of(request)
        target = safe_target(request.query_params.get("next"))
        if request.method != "POST":
            if visitor.who is not None:
                return RedirectResponse(target, 303)
            return _page(request, "sign_in.html", {"name": ""})
        form = await read_form(request)
        name = form.get("name", "")
        try:
            token = await run_in_threadpool(
                lambda: accounts.sign_in(
                    visitor.box,
                    name,
                    form.get("password", ""),
                    address=visitor.address,
                    agent=visitor.agent,
                )
            )
        except AimassError as error:
            return _page(request, "sign_in.html", {"name": name[:100]}, error)
        return await self._signed_in(visitor, token, target)

    async def logout(self, request: Request) -> Response:
        """Ask, by a form that sends itself when a page of ours led here; then end the session and its sockets."""
        visitor = visitor_of(request)
        if request.method != "POST":
            return _page(request, "sign_out.html", {})
        await run_in_threadpool(accounts.sign_out, visitor.box, visitor.token)
        await self._sockets.close(visitor.token)
        answer = RedirectResponse("/login", 303)
        clear_session(answer, visitor.box.serve)
        return answer

    async def setup(self, request: Request) -> Response:
        """Make the first administrator, once, for whoever has the link that the server printed."""
        visitor = visitor_of(request)
        token = request.path_params["token"]
        if not await run_in_threadpool(accounts.setup_token_is_good, visitor.box, token):
            raise NotFound(
                words("This setup link is not valid, or was used already."),
                remedy=words(
                    "Sign in, or start the server again for a new link if nobody has an account yet."
                ),
            )
        if request.method != "POST":
            return _page(request, "setup.html", {"name": "", "display": ""})
        form = await read_form(request)
        name, display = form.get("name", ""), form.get("display", "")
        kept = {"name": name[:100], "display": display[:100]}
        if form.get("password") != form.get("again"):
            return _page(request, "setup.html", kept, _differ())
        try:
            session = await run_in_threadpool(
                _first_admin, visitor, token, name, form.get("password", ""), display
            )
        except AimassError as error:
            return _page(request, "setup.html", kept, error)
        return await self._signed_in(visitor, session, "/")

    async def password(self, request: Request) -> Response:
        """Change the password of who is signed in; every other session of theirs ends."""
        visitor = visitor_of(request)
        if request.method != "POST":
            return _page(request, "password.html", {"done": False})
        form = await read_form(request)
        if form.get("password") != form.get("again"):
            return _page(request, "password.html", {"done": False}, _differ())
        try:
            await run_in_threadpool(
                lambda: accounts.change_password(
                    visitor.box,
                    visitor.person,
                    form.get("old", ""),
                    form.get("password", ""),
                    token=visitor.token,
                )
            )
        except AimassError as error:
            return _page(request, "password.html", {"done": False}, error)
        return _page(request, "password.html", {"done": True})

    async def new_password(self, request: Request) -> Response:
        """Set the password of a new account, or a forgotten one, by the link that an administrator handed over."""
        visitor = visitor_of(request)
        token = request.path_params["token"]
        who = await run_in_threadpool(accounts.person_of_link, visitor.box, token)
        if who is None:
            raise NotFound(
                words("This link is not valid, or was used already."),
                remedy=words("Ask an administrator for a new one."),
            )
        if request.method != "POST":
            return _page(request, "new_password.html", {"name": who.name})
        form = await read_form(request)
        if form.get("password") != form.get("again"):
            return _page(request, "new_password.html", {"name": who.name}, _differ())
        try:
            session = await run_in_threadpool(_new_password, visitor, token, form.get("password", ""))
        except AimassError as error:
            return _page(request, "new_password.html", {"name": who.name}, error)
        return await self._signed_in(visitor, session, "/")

    async def language(self, request: Request) -> Response:
        """Remember the language and go back. A preference, so a link may set it; nothing else changes by GET."""
        code = request.path_params["code"]
        answer = RedirectResponse(safe_target(request.query_params.get("next")), 303)
        if code in LANGUAGES:
            set_language(answer, code, visitor_of(request).box.serve)
        return answer

    async def _signed_in(self, visitor: Visitor, token: str, target: str) -> Response:
        answer = RedirectResponse(target, 303)
        set_session(answer, token, visitor.box.serve)
        if visitor.token:  # someone else, or the same person again, was signed in here: that session ends
            await run_in_threadpool(accounts.sign_out, visitor.box, visitor.token)
            await self._sockets.close(visitor.token)
        return answer


def _first_admin(visitor: Visitor, token: str, name: str, password: str, display: str) -> str:
    accounts.create_first_admin(visitor.box, token, name, password, display)
    return accounts.sign_in(visitor.box, name, password, address=visitor.address, agent=visitor.agent)


def _new_password(visitor: Visitor, token: str, password: str) -> str:
    who = accounts.set_password(visitor.box, token, password)
    return accounts.sign_in(visitor.box, who.name, password, address=visitor.address, agent=visitor.agent)


def _page(
    request: Request, template: str, values: Mapping[str, Any], error: AimassError | None = None
) -> Response:
    """Return a form; with an error, its sentence above the fields and its status."""
    visitor = visitor_of(request)
    target = safe_target(request.query_params.get("next"))
    tell = visitor.language.tell
    here = request.url.path + (f"?next={quote(target, safe='')}" if target != "/" else "")
    shown = {
        "error": (tell(error.message), tell(error.remedy)) if error else None,
        "target": target,
        "here": here,
        "who": visitor.who,
    }
    page = render(visitor, template, {**values, **shown}, status=http_status(error) if error else 200)
    if error is not None:
        page.headers.update(extra_headers(error))
    return page


def _differ() -> Refusal:
    return Refusal(words("The two passwords are not the same."), remedy=words("Type the new password twice."))
