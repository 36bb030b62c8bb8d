"""The Open Inference Protocol v2 over HTTP: health, metadata, inference, the repository, and statistics.

Source: kserve/open-inference-protocol; Triton's extensions model_repository, model_configuration, statistics,
binary_tensor_data and classification.
"""

from __future__ import annotations

import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from app.inference.body import read_body, uncompress
from app.inference.gate import caller_of, check_manager, check_service
from app.inference.plane import Plane
from app.inference.refused import Refused, not_found, too_large
from app.inference.repository import Entry, LoadedVersion
from app.inference.requests import Answer, Watch, answer_request
from app.inference.statistics import model_statistics
from app.inference.strict_json import parse_json
from app.inference.tensors_in import InferRequest, read_parameters, read_request
from app.inference.tensors_out import write_response
from engine.serving.session import Stop
from engine.serving.tensors import TensorSpec

SERVER_NAME = "aimass"
PLATFORM = "onnx_onnxv1"
HEADER_LENGTH = "inference-header-content-length"
EXTENSIONS = (
    "binary_tensor_data",
    "classification",
    "model_configuration",
    "model_repository",
    "parameters",
    "statistics",
)
_CONFIG_TYPES = {"BYTES": "TYPE_STRING"}

Handler = Callable[[Request], Awaitable[Response]]


def oip_routes(plane: Plane) -> list[Route]:
    """Return the routes of the protocol."""
    routes = Oip(plane)
    both = (
        ("", ["GET"], routes.metadata),
        ("/ready", ["GET"], routes.ready),
        ("/infer", ["POST"], routes.infer),
        ("/config", ["GET"], routes.config),
        ("/stats", ["GET"], routes.stats),
    )
    table: list[tuple[str, list[str], Handler]] = [
        ("/v2/health/live", ["GET"], routes.live),
        ("/v2/health/ready", ["GET"], routes.server_ready),
        ("/v2", ["GET"], routes.server),
        ("/v2/", ["GET"], routes.server),
        ("/v2/models", ["GET"], routes.models),
        ("/v2/models/stats", ["GET"], routes.all_stats),
        ("/v2/repository/index", ["POST"], routes.index),
        ("/v2/repository/models/{model}/load", ["POST"], routes.load),
        ("/v2/repository/models/{model}/unload", ["POST"], routes.unload),
    ]
    for tail, methods, handler in both:
        table.append((f"/v2/models/{{model}}{tail}", methods, handler))
        table.append((f"/v2/models/{{model}}/versions/{{version}}{tail}", methods, handler))
    return [Route(path, handler, methods=methods) for path, methods, handler in table]


class Oip:
    """The protocol's answers."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    async def live(self, request: Request) -> Response:
        """Both words in both health bodies: the specification's text, its schema and the clients differ."""
        return JSONResponse({"live": True, "ready": self._is_ready})

    async def server_ready(self, request: Request) -> Response:
        if self._is_ready:
            return JSONResponse({"live": True, "ready": True, "degraded": self._plane.repository.is_degraded})
        body = {"live": True, "ready": False, "error": "Not all models are ready.", "code": "not_ready"}
        return JSONResponse(body, status_code=503, headers={"Retry-After": "1"})

    @property
    def _is_ready(self) -> bool:
        return self._plane.repository.is_ready and not self._plane.is_closing

    async def server(self, request: Request) -> Response:
        facts = {"name": SERVER_NAME, "version": self._plane.version, "extensions": list(EXTENSIONS)}
        return JSONResponse(facts)

    async def models(self, request: Request) -> Response:
        return JSONResponse({"models": [name for name, _ in self._visible(request)]})

    async def metadata(self, request: Request) -> Response:
        loaded = self._loaded(request)
        model = loaded.model
        return JSONResponse(
            {
                "name": request.path_params["model"],
                "versions": [loaded.version],
                "platform": PLATFORM,
                "inputs": [_tensor(spec) for spec in loaded.signature.inputs],
                "outputs": [_tensor(spec) for spec in loaded.signature.outputs],
                "properties": {
                    "task": model.task,
                    "target": model.target,
                    "classes": ", ".join(model.classes),
                    "missing_values": "none" if model.reads_pictures else "null, NaN or an empty text",
                },
            }
        )

    async def ready(self, request: Request) -> Response:
        name = request.path_params["model"]
        check_service(request, name)
        entry = self._plane.repository.entry(name)
        version = request.path_params.get("version")
        if version is not None and version not in entry.wish.versions:
            raise not_found("version", f"{version} of {name}")
        loaded = entry.loaded
        if loaded is None or (version is not None and loaded.version != version):
            reason = entry.reason or "It is not the live version."
            body = {
                "name": name,
                "ready": False,
                "error": f"The model is not ready. {reason}",
                "code": "not_ready",
            }
            return JSONResponse(body, status_code=503, headers={"Retry-After": "1"})
        facts = {"name": name, "ready": True, "version": loaded.version}
        return JSONResponse(facts | ({"reason": entry.reason} if entry.reason else {}))

    async def infer(self, request: Request) -> Response:
        loaded = self._loaded(request)
        name = request.path_params["model"]
        header = request.headers.get(HEADER_LENGTH)

        def work(body: bytearray, encoding: str, watch: Watch, stop: Stop) -> Answer:
            return infer(name, loaded, uncompress(body, encoding), header, watch, stop)

        return await answer_request(self._plane, request, name, loaded.version, work)

    async def config(self, request: Request) -> Response:
        loaded = self._loaded(request)
        return JSONResponse(
            {
                "name": request.path_params["model"],
                "platform": PLATFORM,
                "backend": "onnxruntime",
                "max_batch_size": 0,
                "version_policy": {"specific": {"versions": [int(loaded.version)]}},
                "input": [_configured(spec) for spec in loaded.signature.inputs],
                "output": [_configured(spec) for spec in loaded.signature.outputs],
            }
        )

    async def stats(self, request: Request) -> Response:
        loaded = self._loaded(request)
        name = request.path_params["model"]
        counters = self._plane.counters.of(name)
        return JSONResponse({"model_stats": [model_statistics(name, loaded.version, counters)]})

    async def all_stats(self, request: Request) -> Response:
        rows = [
            model_statistics(name, entry.loaded.version, self._plane.counters.of(name))
            for name, entry in self._visible(request)
            if entry.loaded is not None
        ]
        return JSONResponse({"model_stats": rows})

    async def index(self, request: Request) -> Response:
        message = await self._message(request)
        only_ready = message.get("ready", False)
        if not isinstance(only_ready, bool):
            raise Refused("`ready` is neither true nor false.", remedy="Send true or false.")
        rows = [row for name, entry in self._visible(request) for row in _index_rows(name, entry)]
        return JSONResponse([row for row in rows if not only_ready or row["state"] == "READY"])

    async def load(self, request: Request) -> Response:
        name = await self._managed(request)
        await self._plane.in_thread(lambda: self._plane.repository.load(name))
        return JSONResponse({})

    async def unload(self, request: Request) -> Response:
        name = await self._managed(request)
        await self._plane.in_thread(lambda: self._plane.repository.unload(name))
        return JSONResponse({})

    async def _managed(self, request: Request) -> str:
        """Return the model that may be loaded; what to load is the portal's to say, never the request's."""
        check_manager(request)
        name: str = request.path_params["model"]
        check_service(request, name)
        given = [
            key
            for key in read_parameters(await self._message(request), "The request")
            if key != "unload_dependents"
        ]
        if given:
            raise Refused(
                f"The parameter {given[0][:100]!r} is not supported.",
                remedy="Send no parameters: the portal says what is loaded.",
            )
        self._plane.repository.entry(name)
        return name

    async def _message(self, request: Request) -> dict[str, Any]:
        """Return a small JSON body, {} when it is empty."""
        async with read_body(request, self._plane.budget) as body:
            if len(body) > 1 << 20:
                raise too_large("The body is too large. Expected at most 1 MiB.")
            value = parse_json(body) if body.strip() else {}
        if not isinstance(value, dict):
            raise Refused(
                "The body cannot be read. Expected a JSON object, or nothing.",
                remedy="Send an object or nothing.",
            )
        return value

    def _visible(self, request: Request) -> list[tuple[str, Entry]]:
        caller = caller_of(request)
        return [
            (name, e) for name, e in sorted(self._plane.repository.entries.items()) if caller.may_ask(name)
        ]

    def _loaded(self, request: Request) -> LoadedVersion:
        name: str = request.path_params["model"]
        check_service(request, name)
        return self._plane.repository.loaded(name, request.path_params.get("version"))


def infer(
    name: str, loaded: LoadedVersion, body: bytes | bytearray, header: str | None, watch: Watch, stop: Stop
) -> Answer:
    """Answer one inference request; runs in a thread.   header: Inference-Header-Content-Length, if given."""
    asked: InferRequest = read_request(body, header, loaded.signature)
    watch.mark()
    wanted = [output.name for output in asked.outputs]
    with _hurry(asked.timeout_us, stop):
        results = loaded.model.run(asked.feeds, outputs=wanted, stop=stop)
    watch.mark()
    types = {spec.name: spec.datatype for spec in loaded.signature.outputs}
    scores = loaded.signature.outputs[-1].name
    response = write_response(
        asked,
        {output: (types[output], values) for output, values in zip(wanted, results, strict=True)},
        model=name,
        version=loaded.version,
        labels={scores: loaded.model.classes},
    )
    if response.header_length is None:
        return Answer(content=response.content, rows=asked.rows)
    return Answer(
        content=response.content,
        rows=asked.rows,
        media_type="application/octet-stream",
        headers={"Inference-Header-Content-Length": str(response.header_length)},
    )


@contextmanager
def _hurry(timeout_us: int, stop: Stop) -> Iterator[None]:
    """Stop the run when the client's own deadline has passed; 0 for none."""
    if not timeout_us:
        yield
        return
    timer = threading.Timer(min(timeout_us / 1e6, threading.TIMEOUT_MAX), stop.ask)
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()


def _tensor(spec: TensorSpec) -> dict[str, Any]:
    return {"name": spec.name, "datatype": spec.datatype, "shape": list(spec.shape)}


def _configured(spec: TensorSpec) -> dict[str, Any]:
    kind = _CONFIG_TYPES.get(spec.datatype, f"TYPE_{spec.datatype}")
    return {"name": spec.name, "data_type": kind, "dims": list(spec.shape)}


def _index_rows(name: str, entry: Entry) -> list[dict[str, str]]:
    rows = []
    for version in sorted(entry.wish.versions, key=int):
        is_loaded = entry.loaded is not None and entry.loaded.version == version
        is_live = version == entry.wish.live
        state = "READY" if is_loaded else "LOADING" if entry.is_loading and is_live else "UNAVAILABLE"
        reason = "" if is_loaded else entry.broken.get(version, entry.reason if is_live else "not live")
        rows.append({"name": name, "version": version, "state": state, "reason": reason})
    return rows
