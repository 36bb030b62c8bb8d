"""A run's folder as the portal sees it: how it is made of a dataset, and what its files say, read cheaply."""

from __future__ import annotations

import errno
import os
import shutil
import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from engine.files import publish_folder, read_json, write_json
from engine.specs.codec import from_json, to_json
from engine.specs.features import FeaturePlan
from engine.specs.profile import Profile
from engine.specs.run import RunPaths, RunSpec
from engine.specs.schema import Schema
from engine.specs.split import Leak, SplitSpec, SplitSummary
from engine.specs.training import Candidate, Selection, TaskSpec
from store.runs import SPEC_NAME

T = TypeVar("T")

#: Folder of a run that holds the user's own file, under the name it came with.
SOURCE = "source"
#: Parsed files that are kept: a page asks for the same few again and again, and parsing a wide profile takes a while.
_KEPT = 128
#: Why a hard link cannot be made where a copy can: another disk, a file system without links, too many links.
_NO_LINK = frozenset({errno.EXDEV, errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS})


class RunFiles:
    """What a run's folder says; None or () for what is not there yet. Light: no library that trains or serves."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.paths = RunPaths(folder)

    @property
    def spec(self) -> RunSpec:
        """What was asked for, its data named from the folder.   Raises: OSError, InvalidSpec."""
        found = self.read(RunSpec, self.folder / SPEC_NAME)
        if found is None:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self.folder / SPEC_NAME))
        return found

    @property
    def schema(self) -> Schema | None:
        return self.read(Schema, self.paths.schema)

    @property
    def profile(self) -> Profile | None:
        return self.read(Profile, self.paths.profile)

    @property
    def task(self) -> TaskSpec | None:
        """The question asked of the data, once step 2 has seen it, with the metric that a person chose."""
        task, metric = self.read(TaskSpec, self.paths.task), self.spec.decided_by
        return task if task is None or metric is None else replace(task, metric=metric)

    @property
    def plan(self) -> FeaturePlan | None:
        """The plan as step 3 left it, leaking columns included."""
        return self.read(FeaturePlan, self.paths.plan)

    @property
    def leaks(self) -> tuple[Leak, ...]:
        found = _cached(self.paths.leaks, lambda value: tuple(from_json(Leak, one) for one in value))
        return found or ()

    @property
    def split(self) -> SplitSpec | None:
        return self.read(SplitSpec, self.paths.split_spec)

    @property
    def divided(self) -> SplitSummary | None:
        return self.read(SplitSummary, self.paths.split_summary)

    @property
    def candidates(self) -> tuple[Candidate, ...] | None:
        return _cached(
            self.paths.candidates,
            lambda value: tuple(from_json(Candidate, one) for one in value["candidates"]),
        )

    @property
    def selection(self) -> Selection | None:
        return self.read(Selection, self.paths.selection)

    def read(self, kind: type[T], path: Path, key: str = "") -> T | None:
        """Return what a step wrote, of the whole file or of `key` in it; None while it is not there."""
        return _cached(
            path, lambda value: from_json(kind, value[key] if key else value), f"{kind.__name__} {key}"
        )

    def read_many(self, kind: type[T], path: Path, key: str) -> tuple[T, ...]:
        """Return the list that stands at `key` in a file that a step wrote; () while it is not there."""
        found = _cached(
            path, lambda value: tuple(from_json(kind, one) for one in value[key]), f"{kind.__name__}s {key}"
        )
        return found or ()


def make_run_folder(target: Path, spec: RunSpec, *, source: Path, dataset: Path) -> None:
    """Publish a new run folder: the spec, the user's file and the imported table, linked where that is possible.

    spec: names its data as "source/<file>".   source: the user's file.   dataset: folder of the imported table.
    The links are the run's own names for the same bytes: nobody writes to these files once they are there, and they
    outlive the dataset.   Raises: OSError.
    """

    def fill(folder: Path) -> None:
        place = folder / spec.data
        place.parent.mkdir()
        link_or_copy(source, place)
        table = RunPaths(folder).dataset
        table.mkdir()
        for file in sorted(dataset.iterdir()):
            if file.is_file() and not file.name.startswith("."):
                link_or_copy(file, table / file.name)
        write_json(folder / SPEC_NAME, to_json(spec))
        folder.chmod(0o700)

    publish_folder(target, fill)


def link_or_copy(source: Path, target: Path) -> None:
    """Give a file a second name; where that is not possible, copy it with its times.   Raises: OSError."""
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_LINK:
            raise
        shutil.copy2(source, target, follow_symlinks=False)


class _Parsed:
    """Parsed files by path and kind, good while time, size and inode are the same; the longest unused go first."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._held: OrderedDict[tuple[str, str], tuple[tuple[int, int, int], Any]] = OrderedDict()

    def get(self, path: Path, parse: Callable[[Any], Any], kind: str) -> Any:
        try:
            stat = path.stat()
        except (FileNotFoundError, NotADirectoryError):
            return None
        mark = (stat.st_mtime_ns, stat.st_size, stat.st_ino)
        key = (str(path), kind)
        with self._lock:
            held = self._held.get(key)
            if held is not None and held[0] == mark:
                self._held.move_to_end(key)
                return held[1]
        try:
            value = parse(read_json(path))
        except FileNotFoundError:
            return None
        with self._lock:
            self._held[key] = (mark, value)
            while len(self._held) > _KEPT:
                self._held.popitem(last=False)
        return value


_parsed = _Parsed()


def _cached(path: Path, parse: Callable[[Any], T], kind: str = "") -> T | None:
    found: T | None = _parsed.get(path, parse, kind)
    return found
