"""Who calls the API; the gate has let them through."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import Depends, Query, Request

from app.api.shapes import Problem
from app.web.visitor import Visitor, visitor_of


# Not a coroutine's work, but as a plain function it would cost a change of thread on every request.
async def _caller(request: Request) -> Visitor:
    visitor = visitor_of(request)
    assert visitor.person is not None
    return visitor


#: The signed-in caller, as an argument of a route.
Caller = Annotated[Visitor, Depends(_caller)]
Limit = Annotated[int, Query(ge=1, le=500, description="how many at most")]
Offset = Annotated[int, Query(ge=0, description="how many to pass over")]
Search = Annotated[str, Query(max_length=200, description="part of a name")]

#: How refusals are documented.
REFUSALS: dict[int | str, dict[str, Any]] = {
    401: {"model": Problem, "description": "No valid key, or nobody signed in"},
    403: {"model": Problem, "description": "Known, but not allowed to do this"},
    404: {"model": Problem, "description": "No such thing"},
    409: {"model": Problem, "description": "Somebody was faster, or something stands against it"},
    422: {"model": Problem, "description": "Understood, but not possible like this"},
    429: {"model": Problem, "description": "Too often; see Retry-After"},
}
