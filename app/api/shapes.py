"""What the API takes and gives, as its documentation shows it. Nothing of a record leaves but what stands here."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Generic, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from app.usecases import expiry
from app.usecases.services import ServiceRow, ServiceView
from app.web.visitor import Visitor
from engine.specs.codec import to_json
from store.datasets import Dataset
from store.jobs import JobRecord
from store.models import Model, ModelVersion

T = TypeVar("T")


class Asked(BaseModel):
    """A request's body: unknown fields are refused, and so are NaN and infinity."""

    model_config = ConfigDict(extra="forbid", allow_inf_nan=False, str_max_length=5000)


class Given(BaseModel):
    """An answer, made from a record."""

    model_config = ConfigDict(from_attributes=True)


class Page(BaseModel, Generic[T]):
    """One part of a list.   total: how many there are in all."""

    items: list[T]
    total: int


class Problem(BaseModel):
    """How every refusal looks.   error: for people.   code: for programs, stable.   remedy: what to do."""

    error: str
    code: str
    request_id: str
    remedy: str | None = None


class DatasetOut(Given):
    """A table that was brought in."""

    id: str
    name: str
    state: Literal["importing", "ready", "failed"]
    source_name: str
    bytes: int
    sha256: str | None
    rows: int | None
    columns: int | None
    rejected: int | None
    created_at: datetime
    job_id: str | None
    message: str | None = None

    @classmethod
    def of(cls, record: Dataset, visitor: Visitor) -> DatasetOut:
        """Return a record as its caller sees it."""
        return cls(**_fields(cls, record, message=told(visitor, record.message)))


class RunOut(Given):
    """A run: one target of one dataset.   step: the last step that is whole.   score: on rows nobody had seen."""

    id: str
    name: str
    dataset_id: str
    dataset_name: str
    target: str
    task: str | None
    revision: int
    step: str
    metric: str | None
    score: float | None
    baseline: float | None
    created_at: datetime
    updated_at: datetime


class JobOut(Given):
    """Background work.

    share: done, 0 to 1.   error_class: who has to act when it failed.   answers_until: when the answers of a file go.
    """

    id: str
    kind: str
    subject: str
    title: str | None
    state: Literal["queued", "running", "succeeded", "failed", "cancelled", "lost"]
    attempt: int
    share: float | None
    note: str | None
    message: str | None
    remedy: str | None
    error_class: str | None
    result: Any
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    answers_until: datetime | None

    @classmethod
    def of(cls, job: JobRecord, visitor: Visitor) -> JobOut:
        """Return a job as its caller reads it."""
        sentences = {
            name: told(visitor, getattr(job, name)) for name in ("title", "note", "message", "remedy")
        }
        return cls(**_fields(cls, job, **sentences, answers_until=expiry.answers_until(visitor.box, job)))


class EventOut(Given):
    """One thing a worker reported.   seq: counts from 1 over all attempts."""

    seq: int
    attempt: int
    at: datetime
    event: dict[str, Any]


class VersionOut(Given):
    """One published model file."""

    version: int
    run_id: str
    task: str
    target: str
    metric: str
    score: float | None
    baseline: float | None
    rows: int
    bytes: int
    sha256: str
    created_at: datetime
    withdrawn_at: datetime | None


class ModelOut(Given):
    """A name that versions are published under."""

    name: str
    title: str
    description: str
    created_at: datetime
    latest: VersionOut | None = None
    services: list[str] = Field(default_factory=list)

    @classmethod
    def of(cls, model: Model, latest: ModelVersion | None, services: tuple[str, ...]) -> ModelOut:
        """Return a model with its newest version and the services that use it."""
        version = VersionOut.model_validate(latest) if latest else None
        return cls(**_fields(cls, model, latest=version, services=list(services)))


class ServiceOut(BaseModel):
    """A published name that answers.   trouble: why it does not, "" when it does.   p95_ms: of its answers."""

    name: str
    title: str
    model: str
    live_version: int | None
    state: Literal["live", "stopped"]
    trouble: str
    requests: int
    rows: int
    errors: int
    p95_ms: float | None

    @classmethod
    def of(cls, view: ServiceRow | ServiceView) -> ServiceOut:
        """Return a service with what the inference plane counted."""
        service, stats = view.service, view.stats
        return cls(
            name=service.name,
            title=service.title,
            model=view.model.name,
            live_version=service.live_version,
            state=service.state,
            trouble=view.trouble,
            requests=stats.requests,
            rows=stats.rows,
            errors=stats.errors,
            p95_ms=stats.p95_ms,
        )


class KeyOut(Given):
    """A program's key, without its secret."""

    id: str
    name: str
    scope: Literal["api", "infer"]
    service: str | None
    created_at: datetime
    last_used_at: datetime | None
    revoked_at: datetime | None


class NewKeyOut(BaseModel):
    """A key just made.   secret: shown this once; only its hash is kept."""

    key: KeyOut
    secret: str


class PersonOut(Given):
    """Who asks."""

    id: str
    name: str
    display: str
    role: Literal["admin", "member"]


class NewDataset(Asked):
    """Where a dataset comes from: an upload of yours, or a file of one of the server's folders."""

    upload_id: str | None = None
    folder: str | None = None
    path: str | None = None
    name: str | None = None


class NewName(Asked):
    """Another name."""

    name: str


class NewRun(Asked):
    """What to learn."""

    dataset_id: str
    target: str
    name: str | None = None
    time_limit_s: float = 300.0


class RunChange(Asked):
    """What to change.   revision: of the run as you saw it.   fields: of its spec; null gives a choice back."""

    revision: int
    fields: dict[str, Any]


class PlanChange(Asked):
    """Columns to switch on or off.   revision: of the run as you saw it."""

    revision: int
    use: dict[str, bool]


class Publication(Asked):
    """The model's name; a new model when there is none of that name."""

    name: str
    title: str | None = None
    description: str = ""


class ModelChange(Asked):
    """What people read about a model."""

    title: str
    description: str = ""


class NewPrediction(Asked):
    """A file of rows to answer: an upload of yours."""

    upload_id: str
    format: Literal["csv", "parquet"] = "csv"
    keep_columns: bool = True


class NewDeployment(Asked):
    """What a service is to answer with."""

    model: str
    version: int
    title: str = ""


class NewKeyIn(Asked):
    """A key to make.   service: the only one an "infer" key may ask."""

    name: str
    scope: Literal["api", "infer"] = "api"
    service: str | None = None


class Rows(Asked):
    """Rows to answer, each from column to value."""

    rows: list[dict[str, Any]] = Field(min_length=1, max_length=10_000)
    explain: bool = False


def told(visitor: Visitor, sentence: str | None) -> str | None:
    """Return a stored sentence in the caller's language; None for none."""
    return None if sentence is None else visitor.language.tell(sentence)


def plain(value: Any) -> Any:
    """Return a view of the engine's nouns as JSON values."""
    return _dated(to_json(value))


def _dated(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _dated(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_dated(item) for item in value]
    return value.isoformat() if isinstance(value, datetime) else value


def _fields(cls: type[BaseModel], record: Dataset | JobRecord | Model, **more: Any) -> dict[str, Any]:
    held = {name: getattr(record, name) for name in cls.model_fields if hasattr(record, name)}
    return {**held, **more}
