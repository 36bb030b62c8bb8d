"""Every setting that comes from the environment; each has a row in the README."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from urllib.parse import urlsplit

from engine.errors import BadCommand

GIB = 1 << 30


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Limits of this machine that the work must keep to.

    threads: processor threads one run may use (AIMASS_THREADS).
    memory_gib: memory that reading and sorting data may use, in GiB; more goes to disk (AIMASS_MEMORY_GIB).
    request_rate: requests a second that one key may send to services (AIMASS_REQUEST_RATE).
    request_burst: requests that one key may send at once (AIMASS_REQUEST_BURST).
    answer_seconds: longest that a service may work on one request (AIMASS_ANSWER_SECONDS).
    weights: folder of imported weights of networks; "" for the data folder's own (AIMASS_WEIGHTS).
    """

    threads: int
    memory_gib: float
    request_rate: float = 100.0
    request_burst: int = 200
    answer_seconds: float = 30.0
    weights: str = ""

    @property
    def memory_bytes(self) -> int:
        return int(self.memory_gib * GIB)


@dataclass(frozen=True, kw_only=True)
class ServeSettings:
    """How the server is reached, and what it takes.

    host, port, inference_port: where the portal and the inference plane listen (options of `aimass serve`).
    public_url: the address people type when it is not this machine's own, "" for none (AIMASS_PUBLIC_URL).
    allowed_hosts: more names this server answers to (AIMASS_ALLOWED_HOSTS).
    trusted_proxies: addresses whose X-Forwarded-For and -Proto are believed (AIMASS_TRUSTED_PROXIES).
    max_upload_gib: largest file the portal takes, in GiB (AIMASS_MAX_UPLOAD_GIB).
    data_roots: folders of this machine that people may take files from, read only (AIMASS_DATA_ROOTS).
    keep_answers_days: answers of files, after their job has ended (AIMASS_KEEP_ANSWERS_DAYS).
    keep_jobs_days: jobs that ended and that no dataset or run needs (AIMASS_KEEP_JOBS_DAYS).
    keep_audit_days: the log of who did what (AIMASS_KEEP_AUDIT_DAYS).
    """

    host: str = field(default="127.0.0.1", metadata={"option": "--host"})
    port: int = field(default=8501, metadata={"option": "--port"})
    inference_port: int = field(default=8502, metadata={"option": "--inference-port"})
    public_url: str = ""
    allowed_hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    max_upload_gib: float = 200.0
    data_roots: tuple[str, ...] = ()
    keep_answers_days: float = 30.0
    keep_jobs_days: float = 180.0
    keep_audit_days: float = 730.0

    @property
    def max_upload_bytes(self) -> int:
        return int(self.max_upload_gib * GIB)

    @property
    def is_https(self) -> bool:
        """People reach the portal by https: cookies are marked for it, and browsers are told to insist on it."""
        return self.public_url.startswith("https:")

    @property
    def address(self) -> str:
        """The portal's address for people, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        host = {"0.0.0.0": "localhost", "::": "localhost"}.get(self.host, self.host)
        return f"http://{f'[{host}]' if ':' in host else host}:{self.port}"


def environment_names() -> tuple[str, ...]:
    """Return the environment variable of every setting."""
    own = [item.name for item in fields(Settings)]
    served = [item.name for item in fields(ServeSettings) if "option" not in item.metadata]
    return tuple(f"AIMASS_{name.upper()}" for name in [*own, *served])


def read_settings(environment: Mapping[str, str]) -> Settings:
    """Read the settings, with defaults from the machine.   Raises: BadCommand naming the variable."""
    threads = _number(environment, "AIMASS_THREADS", len(os.sched_getaffinity(0)), low=1, high=1024)
    memory = _number(environment, "AIMASS_MEMORY_GIB", 1.0, low=0.25, high=4096)
    return Settings(
        threads=int(threads),
        memory_gib=memory,
        request_rate=_number(environment, "AIMASS_REQUEST_RATE", 100.0, low=0.01, high=1e6),
        request_burst=int(_number(environment, "AIMASS_REQUEST_BURST", 200, low=1, high=1e6)),
        answer_seconds=_number(environment, "AIMASS_ANSWER_SECONDS", 30.0, low=0.1, high=3600),
        weights=_folder(environment, "AIMASS_WEIGHTS"),
    )


def read_serve_settings(
    environment: Mapping[str, str], *, host: str, port: int, inference_port: int
) -> ServeSettings:
    """Join the options of `aimass serve` with its settings.   Raises: BadCommand naming the variable."""
    return ServeSettings(
        host=host,
        port=port,
        inference_port=inference_port,
        public_url=_address(environment, "AIMASS_PUBLIC_URL"),
        allowed_hosts=_names(environment, "AIMASS_ALLOWED_HOSTS"),
        trusted_proxies=_names(environment, "AIMASS_TRUSTED_PROXIES"),
        max_upload_gib=_number(environment, "AIMASS_MAX_UPLOAD_GIB", 200.0, low=0.001, high=65536),
        data_roots=_folders(environment, "AIMASS_DATA_ROOTS"),
        keep_answers_days=_days(environment, "AIMASS_KEEP_ANSWERS_DAYS", 30.0),
        keep_jobs_days=_days(environment, "AIMASS_KEEP_JOBS_DAYS", 180.0),
        keep_audit_days=_days(environment, "AIMASS_KEEP_AUDIT_DAYS", 730.0),
    )


def _number(environment: Mapping[str, str], name: str, default: float, *, low: float, high: float) -> float:
    text = environment.get(name, "").strip()
    if not text:
        return default
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise BadCommand(
            f"The setting {name} cannot be used. Expected: a number in [{low:g}, {high:g}]. Received: {text!r}.",
            remedy=f"Correct or unset {name}.",
        )
    return value


def _days(environment: Mapping[str, str], name: str, default: float) -> float:
    return _number(environment, name, default, low=1 / 24, high=36_500)


def _names(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(part.strip().lower() for part in environment.get(name, "").split(",") if part.strip())


def _folder(environment: Mapping[str, str], name: str) -> str:
    """Return a folder that need not be there yet, with its whole path; "" where none is named."""
    text = environment.get(name, "").strip()
    return os.path.abspath(text) if text else ""


def _folders(environment: Mapping[str, str], name: str) -> tuple[str, ...]:
    folders = tuple(part.strip() for part in environment.get(name, "").split(os.pathsep) if part.strip())
    wrong = next(
        (folder for folder in folders if not os.path.isabs(folder) or not os.path.isdir(folder)), None
    )
    if wrong is not None:
        raise BadCommand(
            f"The setting {name} cannot be used. Expected: folders with their whole path, separated by colons. "
            f"Received: {wrong!r}.",
            remedy=f"Correct or unset {name}.",
        )
    return folders


def _address(environment: Mapping[str, str], name: str) -> str:
    text = environment.get(name, "").strip()
    try:
        parts = urlsplit(text)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and not parts.path.strip("/")
    except ValueError:
        usable = False
    if text and not usable:
        raise BadCommand(
            f"The setting {name} cannot be used. Expected: an address such as https://ai.example.com. "
            f"Received: {text!r}.",
            remedy=f"Correct or unset {name}.",
        )
    return text
