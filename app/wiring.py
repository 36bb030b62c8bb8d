"""Everything long-lived, built once: every use case gets it as its first argument."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.doors import Doors
from app.jobs.supervisor import Supervisor
from app.opening import open_database
from app.settings import ServeSettings, Settings
from app.version import aimass_version
from store.clock import EvenClock
from store.database import Database
from store.folder import DataFolder


def _new_plane_key() -> str:
    return f"aim_portal_{secrets.token_hex(32)}"


@dataclass(frozen=True, kw_only=True)
class Appliance:
    """The box: its data, its limits, its background work.   started_at: UTC.   clock: for ages, and what ends.

    plane_key: what this process shows the inference plane. It lives in memory alone and is drawn anew at each start:
    the data folder holds its hash (`service_files.mirror_keys`), which a living plane reads and goes on with.
    """

    folder: DataFolder
    db: Database
    settings: Settings
    serve: ServeSettings
    jobs: Supervisor
    version: str
    started_at: datetime
    clock: EvenClock
    doors: Doors = field(default_factory=Doors)
    plane_key: str = field(default_factory=_new_plane_key, repr=False)


class _Current:
    """The process's own appliance: set by the server at start, or by a test."""

    box: Appliance | None = None


def build(folder: DataFolder, settings: Settings, serve: ServeSettings) -> Appliance:
    """Open the data folder (creating or migrating its database) and join the parts; nothing is started yet.

    The caller holds the folder's lock.   Raises: what `open_database` raises.
    """
    db = open_database(folder)
    return Appliance(
        folder=folder,
        db=db,
        settings=settings,
        serve=serve,
        jobs=Supervisor(db, folder, settings),
        version=aimass_version(),
        started_at=datetime.now(UTC),
        clock=EvenClock(folder.clock),
    )


def use(box: Appliance | None) -> None:
    """Make `box` the process's own; None when it is closed."""
    _Current.box = box


def appliance() -> Appliance:
    """Return the process's own appliance.   Raises: LookupError where no server was started."""
    if _Current.box is None:
        raise LookupError(
            "No appliance is in use. Expected: `use(build(…))` before the first page or request."
        )
    return _Current.box
