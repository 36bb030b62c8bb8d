"""The friendly way to ask: `POST /v1/services/NAME/predict` with rows as objects or as CSV, or with pictures."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import Route

from app.inference.body import uncompress
from app.inference.gate import caller_of, check_manager, check_service
from app.inference.pictures import (
    WISHES,
    Wishes,
    best_first,
    is_sent_bare,
    previews,
    read_pictures,
    read_wishes,
    wishes_of_query,
)
from app.inference.plane import Plane
from app.inference.refused import Refused, not_found
from app.inference.repository import Entry, LoadedVersion
from app.inference.requests import Answer, Watch, answer_request
from app.inference.statistics import prometheus_text
from app.inference.strict_json import parse_json
from engine.serving.answers_csv import answers_csv
from engine.serving.explain import explain
from engine.serving.explain_picture import explain_picture
from engine.serving.model import Prediction, ServedModel
from engine.serving.session import Array, Stop
from engine.serving.table_rows import csv_feeds, json_feeds
from engine.specs.codec import to_json
from engine.words import words

#: Each explanation computes up to a few thousand rows.
MOST_EXPLAINED = 10


def service_routes(plane: Plane) -> list[Route]:
    """Return the routes beside the protocol: services, predictions, metrics."""
    routes = Services(plane)
    return [
        Route("/v1/services", routes.services, methods=["GET"]),
        Route("/v1/services/{service}", routes.service, methods=["GET"]),
        Route("/v1/services/{service}/predict", routes.predict, methods=["POST"]),
        Route("/metrics", routes.metrics, methods=["GET"]),
    ]


class Services:
    """The answers of the friendly API."""

    def __init__(self, plane: Plane) -> None:
        self._plane = plane

    async def services(self, request: Request) -> Response:
        caller = caller_of(request)
        entries = sorted(self._plane.repository.entries.items())
        return JSONResponse({"services": [_summary(name, e) for name, e in entries if caller.may_ask(name)]})

    async def service(self, request: Request) -> Response:
        name, entry = self._entry(request)
        loaded = _answering(name, entry)
        model = loaded.model
        facts = {
            "task": model.task,
            "target": model.target,
            "classes": list(model.classes),
            "inputs": to_json(loaded.fields),
            "example": {"rows": [{field.name: field.example for field in loaded.fields}]},
            "predict": f"/v1/services/{name}/predict",
        }
        return JSONResponse(_summary(name, entry) | facts)

    async def predict(self, request: Request) -> Response:
        name, entry = self._entry(request)
        loaded = _answering(name, entry)
        content_type = request.headers.get("content-type", "")
        is_csv = content_type.lower().split(";")[0].strip() == "text/csv"
        takes_files = loaded.model.reads_pictures

        def work(body: bytearray, encoding: str, watch: Watch, stop: Stop) -> Answer:
            plain = uncompress(body, encoding)
            if is_csv:
                return predict_csv(loaded, plain, watch, stop)
            self._plane.has_garbage |= takes_files
            if takes_files and is_sent_bare(content_type):
                wishes = wishes_of_query(request.query_params)
                feeds = read_pictures(plain, content_type, loaded.model)
            else:
                feeds, wishes = read_message(loaded.model, plain)
            return predict_feeds(name, loaded, feeds, wishes, watch, stop)

        return await answer_request(self._plane, request, name, loaded.version, work, takes_files=takes_files)

    async def metrics(self, request: Request) -> Response:
        check_manager(request)
        names = sorted(self._plane.repository.entries)
        books = ((name, self._plane.counters.of(name)) for name in names)
        text = prometheus_text(books, in_work=self._plane.runner.in_work)
        return PlainTextResponse(text, media_type="text/plain; version=0.0.4")

    def _entry(self, request: Request) -> tuple[str, Entry]:
        name: str = request.path_params["service"]
        check_service(request, name)
        if name not in self._plane.repository.entries:
            raise not_found("service", name)
        return name, self._plane.repository.entry(name)


def read_message(model: ServedModel, body: bytes | bytearray) -> tuple[dict[str, Array], Wishes]:
    """Return the feeds and wishes of {"rows": […], "explain": false}.   Raises: Refused, BadData."""
    message = parse_json(body)
    if not isinstance(message, dict) or "rows" not in message:
        raise _bad(words("The request has no `rows`."), words("Send {example}.", example='{"rows": [{…}]}'))
    known = ("rows", *(WISHES if model.reads_pictures else ("explain",)))
    unknown = next((key for key in message if key not in known), None)
    if unknown is not None:
        raise _bad(
            words(
                "The request has an unknown key {name!r}. Expected `rows` and `explain`.", name=unknown[:100]
            ),
            words("Leave out {name!r}; columns belong into the rows.", name=unknown[:100]),
        )
    wishes = read_wishes(message)
    return json_feeds(message["rows"], model), wishes


def predict_feeds(
    name: str, loaded: LoadedVersion, feeds: dict[str, Array], wishes: Wishes, watch: Watch, stop: Stop
) -> Answer:
    """Answer rows that are feeds already; runs in a thread.   Raises: Refused, BadData."""
    count = len(next(iter(feeds.values())))
    if wishes.explain and count > MOST_EXPLAINED:
        raise _bad(
            words(
                "Expected at most {most} rows to explain. Received {count:,}.",
                most=MOST_EXPLAINED,
                count=count,
            ),
            words("Ask for explanations of fewer rows at once."),
        )
    watch.mark()
    prediction = loaded.model.answer_feeds(feeds, stop)
    rows = answer_rows(loaded, prediction)
    if wishes.preview:
        for row, preview in zip(rows, previews(feeds, loaded.model, stop), strict=True):
            row["preview"] = preview
    reply: dict[str, Any] = {"service": name, "version": loaded.version, "rows": rows}
    if loaded.model.level is not None:
        reply["level"] = loaded.model.level
    if wishes.explain:
        reply["explanations"] = [_reasons(loaded, feeds, prediction, row, stop) for row in range(count)]
    watch.mark()
    content = json.dumps(reply, ensure_ascii=False, allow_nan=False, separators=(",", ":")).encode()
    return Answer(content=content, rows=count)


def predict_csv(loaded: LoadedVersion, body: bytes | bytearray, watch: Watch, stop: Stop) -> Answer:
    """Answer the rows of a CSV with the CSV that batch prediction writes; runs in a thread."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _bad(words("The CSV is not UTF-8."), words("Save it in UTF-8.")) from error
    feeds = csv_feeds(text, loaded.model)
    watch.mark()
    prediction = loaded.model.answer_feeds(feeds, stop)
    watch.mark()
    content = answers_csv(loaded.model, prediction)
    return Answer(content=content, rows=len(prediction.scores), media_type="text/csv; charset=utf-8")


def answer_rows(loaded: LoadedVersion, prediction: Prediction) -> list[dict[str, Any]]:
    """Return one object per row: label and probabilities, or the prediction and its bounds; what is not finite is null.

    Of a picture the likeliest classes stand before the others, best first.
    """
    found = prediction.numbers.astype(np.float64)
    numbers: list[list[float | None]] = found.tolist()
    if not np.isfinite(found).all():
        numbers = [[x if x is not None and np.isfinite(x) else None for x in row] for row in numbers]
    if prediction.labels is None:
        return [dict(zip(("prediction", "lower", "upper"), row, strict=False)) for row in numbers]
    classes, is_picture = loaded.model.classes, loaded.model.reads_pictures
    rows: list[dict[str, Any]] = []
    for label, row in zip(map(str, prediction.labels), numbers, strict=True):
        probabilities = dict(zip(classes, row, strict=True))
        top = {"top": best_first(probabilities)} if is_picture else {}
        rows.append({"label": label, **top, "probabilities": probabilities})
    return rows


def _reasons(
    loaded: LoadedVersion, feeds: dict[str, Array], prediction: Prediction, row: int, stop: Stop
) -> dict[str, Any]:
    if loaded.model.reads_pictures:
        seen: dict[str, Any] = to_json(explain_picture(loaded.model, feeds, prediction, row, stop))
        return {key: value for key, value in seen.items() if key != "contributions"}
    reasons: dict[str, Any] = to_json(explain(loaded.model, feeds, prediction, row, stop))
    return {key: value for key, value in reasons.items() if key != "heat"}


def _answering(name: str, entry: Entry) -> LoadedVersion:
    if entry.loaded is not None:
        return entry.loaded
    code = "stopped" if entry.wish.live is None or entry.is_unloaded else "not_ready"
    raise Refused(
        words("The service {name!r} does not answer now. {reason}", name=name, reason=entry.reason),
        status=503,
        code=code,
        remedy=words("Start the service, or deploy another version, on its page."),
        headers={"Retry-After": "5"},
    )


def _summary(name: str, entry: Entry) -> dict[str, Any]:
    loaded = entry.loaded
    return {
        "service": name,
        "title": entry.wish.title,
        "state": "stopped" if not entry.is_wanted else "live" if loaded is not None else "broken",
        "version": None if loaded is None else loaded.version,
        "live_version": entry.wish.live,
        "problem": entry.reason if entry.is_wanted else "",
    }


def _bad(message: str, remedy: str) -> Refused:
    return Refused(message, status=422, code="bad_rows", remedy=remedy)
