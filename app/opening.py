"""Open a data folder's database for work, and say in words why it cannot be opened."""

from __future__ import annotations

from engine.errors import AimassError, NoSpace, WorkFailed
from engine.words import words
from store.database import Database, DatabaseDamaged, DatabaseFull, NewerData
from store.folder import DataFolder

#: EX_CONFIG of sysexits: starting again will not help.
_UNUSABLE = 78


class UnusableData(AimassError):
    """The data folder's database is newer than this build, or lost something; it was not touched."""

    exit_code = _UNUSABLE


def open_database(folder: DataFolder) -> Database:
    """Open, make or migrate the database.   Raises: UnusableData, NoSpace, WorkFailed."""
    try:
        return Database.open(folder)
    except NewerData as error:
        raise UnusableData(
            words(
                "The data in {folder!r} is newer than this build: data format {found}, this build knows {known}.",
                folder=str(folder.root),
                found=error.found,
                known=error.known,
            ),
            remedy=words("Install the build that wrote it, or a newer one."),
        ) from error
    except DatabaseDamaged as error:
        raise UnusableData(
            words(
                "The database in {folder!r} is damaged and was not touched. {why}",
                folder=str(folder.root),
                why=str(error),
            ),
            remedy=words(
                "Restore a backup into a new folder with `aimass restore`; to go on with what is left, "
                "keep a copy of the folder and remove {counter!r} from it.",
                counter=folder.commits.name,
            ),
        ) from error
    except DatabaseFull as error:
        raise NoSpace(
            words("There is no room in {folder!r}: the database cannot be opened.", folder=str(folder.root)),
            remedy=words("Make room on the disk, then start again."),
        ) from error
    except OSError as error:
        raise WorkFailed(
            words(
                "The database in {folder!r} cannot be opened: {why}.",
                folder=str(folder.root),
                why=error.strerror or str(error),
            ),
            remedy=words("Look after the disk and the folder's permissions, then start again."),
        ) from error
