"""Ask a service as its page does: over loopback, with the portal's own key, errors told as anywhere else."""

from __future__ import annotations

import http.client
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app.usecases.person import Person
from app.usecases.refusals import NotFound, Refusal, TooLarge, TooManyAttempts
from app.wiring import Appliance
from engine.words import words, words_from_json
from store import services

_LIVE_SECONDS = 1.0
#: Longer than the plane's own deadline, so that its answer is heard.
_MORE_SECONDS = 5.0


class Unavailable(Refusal):
    """The inference plane, or this service of it, does not answer now."""

    status = 503
    code = "unavailable"


@dataclass(frozen=True, kw_only=True)
class Reason:
    """What one column added to an answer.   contribution: signed, in the unit of the answer."""

    column: str
    value: float | str | None
    contribution: float


@dataclass(frozen=True, kw_only=True)
class AnswerRow:
    """The answer to one row.   label, probabilities: of a classifier.   prediction: of a regression.

    lower, upper: the prediction's bounds, where its model answers them.
    explanation: largest contribution first; () where none was asked for.
    """

    label: str | None
    probabilities: Mapping[str, float]
    prediction: float | None
    lower: float | None = None
    upper: float | None = None
    explanation: tuple[Reason, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a service answered.   version: of its model.   level: the share of rows that bounds promise to hold."""

    service: str
    version: str
    rows: tuple[AnswerRow, ...]
    level: float | None = None


def ask(
    box: Appliance, who: Person, name: str, rows: Sequence[Mapping[str, Any]], *, explain: bool = False
) -> Answer:
    """Return a service's answers to `rows`: column → number, text, True, False or None for a missing value.

    Raises: NotFound; Refusal that names row and column when a row does not fit; TooLarge; Unavailable.
    """
    if services.get(box.db, name) is None:
        raise no_service()
    body = _body(rows, explain=explain)
    reply = send(box, f"/v1/services/{name}/predict", body, "application/json")
    reasons = reply.get("explanations") or [{"contributions": []}] * len(reply["rows"])
    return Answer(
        service=name,
        version=str(reply["version"]),
        level=reply.get("level"),
        rows=tuple(_row(row, why) for row, why in zip(reply["rows"], reasons, strict=True)),
    )


def _body(rows: Sequence[Mapping[str, Any]], *, explain: bool) -> bytes:
    try:
        text = json.dumps({"rows": list(rows), "explain": explain}, allow_nan=False, ensure_ascii=False)
        return text.encode()
    except (TypeError, ValueError) as error:  # a date, NaN, half of a surrogate pair
        raise Refusal(
            words(
                "The rows hold a value that cannot be sent. Expected: numbers, texts, true, false or nothing."
            ),
            remedy=words("Correct the values; leave a missing one empty."),
        ) from error


def is_answering(box: Appliance) -> bool:
    """Tell whether the inference plane lives. Blocks for at most a second."""
    connection = http.client.HTTPConnection(*_address(box), timeout=_LIVE_SECONDS)
    try:
        connection.request("GET", "/v2/health/live")
        return connection.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def no_service() -> NotFound:
    """Return the refusal for a name that no service has."""
    return NotFound(words("There is no such service."), remedy=words("Choose one from the list of services."))


def _row(row: Mapping[str, Any], why: Mapping[str, Any]) -> AnswerRow:
    return AnswerRow(
        label=row.get("label"),
        probabilities=row.get("probabilities", {}),
        prediction=row.get("prediction"),
        lower=row.get("lower"),
        upper=row.get("upper"),
        explanation=tuple(
            Reason(column=part["column"], value=part["value"], contribution=part["amount"])
            for part in why.get("contributions", ())
        ),
    )


def _address(box: Appliance) -> tuple[str, int]:
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(box.serve.host, box.serve.host)
    return host, box.serve.inference_port


def send(box: Appliance, path: str, body: bytes, content_type: str) -> dict[str, Any]:
    """Return what the plane answers to the portal itself.   Raises: NotFound, Refusal, TooLarge, Unavailable."""
    timeout = box.settings.answer_seconds + _MORE_SECONDS
    connection = http.client.HTTPConnection(*_address(box), timeout=timeout)
    headers = {"Authorization": f"Bearer {box.plane_key}", "Content-Type": content_type}
    try:
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        status, content = response.status, json.loads(response.read())
    except (OSError, http.client.HTTPException, ValueError) as error:
        raise Unavailable(
            words("The inference plane does not answer."),
            remedy=words("Try again in a few seconds; the system page shows whether it runs."),
        ) from error
    finally:
        connection.close()
    if status == http.HTTPStatus.OK:
        reply: dict[str, Any] = content
        return reply
    raise _refusal(status, content, response.headers.get("retry-after", ""))


def _refusal(status: int, content: Mapping[str, Any], retry_after: str) -> Refusal:
    told = content.get("words", {})
    message = words_from_json(told.get("error", content.get("error", "")))
    remedy = words_from_json(told.get("remedy", content.get("remedy", "Try again.")))
    if status == http.HTTPStatus.TOO_MANY_REQUESTS:
        return TooManyAttempts(message, remedy=remedy, retry_after_s=int(retry_after or 1))
    kinds = {404: NotFound, 413: TooLarge, 422: Refusal, 400: Refusal}
    return kinds.get(status, Unavailable)(message, remedy=remedy)
