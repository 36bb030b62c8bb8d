"""A control process that can be killed: `python -m tests.app.jobs.control FOLDER [--die-after-start]`."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

from app.jobs import process
from app.jobs.kinds import KINDS
from app.jobs.supervisor import Supervisor
from store.database import Database
from store.folder import DataFolder, FolderClaim
from tests.app.jobs.work import STUB_KINDS
from tests.runs import SETTINGS


def main() -> None:
    """Own the folder and look every 50 ms until killed."""
    folder = DataFolder(Path(sys.argv[1]))
    if "--die-after-start" in sys.argv:
        begin = process.start

        def begin_and_die(*given: object, **named: object) -> int:
            begin(*given, **named)  # type: ignore[arg-type]
            os.kill(os.getpid(), signal.SIGKILL)
            return 0

        process.start = begin_and_die  # type: ignore[assignment]
    with FolderClaim(folder), Database.open(folder) as db:
        supervisor = Supervisor(db, folder, SETTINGS, kinds=(*KINDS, *STUB_KINDS))
        supervisor.adopt()
        while True:
            supervisor.tick()
            time.sleep(0.05)


if __name__ == "__main__":
    main()
