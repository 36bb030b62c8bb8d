"""A large file into the portal: memory of the control process, a kill half-way, and whether every byte is there.

.venv/bin/python scripts/bench/upload.py [--gib 2]

Bars: the control process grows by less than 50 MiB; after kill -9 half-way the upload goes on; SHA-256 is the same.
The file is made while it is sent, so that nothing but the server's own copy is on the disk.
"""

from __future__ import annotations

import argparse
import base64
import contextlib
import hashlib
import http.client
import os
import shutil
import signal
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from tests.served import Client, Served

MIB = 1 << 20
BAR_MIB = 50.0
#: As the portal's own uploader sends: one request may carry so much, in writes of so much.
REQUEST_BYTES = 64 * MIB
WRITE_BYTES = MIB
EVERY_S = 0.02
#: A start is over by then: what is loaded late is no upload's growth.
SETTLE_S = 5.0


class Growth(threading.Thread):
    """Watches a process's memory while a `with` block runs.   mib: how far it rose above its beginning."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._process = psutil.Process(pid)
        self._base = self._process.memory_info().rss
        self._peak = self._base
        self._is_over = threading.Event()

    @property
    def mib(self) -> float:
        return (self._peak - self._base) / MIB

    def run(self) -> None:
        with contextlib.suppress(psutil.NoSuchProcess):
            while not self._is_over.wait(EVERY_S):
                self._peak = max(self._peak, self._process.memory_info().rss)

    def __enter__(self) -> Growth:
        self.start()
        return self

    def __exit__(self, *failure: object) -> None:
        self._is_over.set()
        self.join()


class Content:
    """A file that nobody can compress, known by its position alone."""

    def __init__(self, size: int) -> None:
        self.size = size
        self._seed = os.urandom(WRITE_BYTES - 8)

    def pieces(self, start: int, stop: int) -> Iterator[bytes]:
        """Return the bytes from `start` to `stop`, a MiB at most at a time."""
        while start < stop:
            number, inside = divmod(start, WRITE_BYTES)
            piece = number.to_bytes(8, "big") + self._seed
            piece = piece[inside : min(WRITE_BYTES, inside + stop - start)]
            start += len(piece)
            yield piece

    def sha256(self) -> str:
        digest = hashlib.sha256()
        for piece in self.pieces(0, self.size):
            digest.update(piece)
        return digest.hexdigest()


def main() -> int:
    """Print what was measured and return 0 when the bars are met."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--gib", type=float, default=2.0)
    options = parser.parse_args()
    root = Path(tempfile.mkdtemp(prefix="aimass-bench-"))
    try:
        return _measure(root, Content(int(options.gib * 1024) * MIB))
    finally:
        shutil.rmtree(root, ignore_errors=True)


def _measure(root: Path, content: Content) -> int:
    plain_s = _written_plainly(root / "plain", content)
    served = Served(root / "data").start()
    try:
        assert served.process is not None
        client = served.set_up()
        place = _announce(client, content.size)
        time.sleep(SETTLE_S)
        with Growth(served.process.pid) as first:
            began = time.perf_counter()
            sent = _send(client, place, content, 0, kill_at=content.size // 2, victim=served.process.pid)
            seconds = time.perf_counter() - began
        served.process.wait()
        client.close()
        served.start()
        kept = _offset(client, place)
        assert kept is not None and content.size // 4 < kept <= sent, f"{kept} of {sent} bytes were kept"
        time.sleep(SETTLE_S)
        with Growth(served.process.pid) as second:
            began = time.perf_counter()
            _send(client, place, content, kept)
            seconds += time.perf_counter() - began
        whole = served.folder / "uploads" / place.rpartition("/")[2]
        is_same = _sha256(whole) == content.sha256()
    finally:
        served.__exit__()
    rate = content.size / MIB / seconds
    print(
        f"killed at {sent / MIB:.0f} MiB, {kept / MIB:.0f} MiB were kept, and the upload went on from there"
    )
    print(
        f"growth of control: {first.mib:.1f} MiB until the kill, {second.mib:.1f} MiB after it; bar {BAR_MIB:g} MiB"
    )
    print(
        f"{rate:.0f} MiB/s; {rate / (content.size / MIB / plain_s):.2f}× writing and flushing the same bytes plainly"
    )
    print(f"SHA-256 {'is the same' if is_same else 'DIFFERS'}")
    return 0 if is_same and max(first.mib, second.mib) < BAR_MIB else 1


def _announce(client: Client, size: int) -> str:
    name = base64.b64encode(b"large.bin").decode()
    headers = {"Tus-Resumable": "1.0.0", "Upload-Length": str(size), "Upload-Metadata": f"filename {name}"}
    answer = client.ask("POST", "/uploads", headers=headers)
    assert answer.status == 201, answer.text
    return answer.headers["location"]


def _offset(client: Client, place: str) -> int | None:
    answer = client.ask("HEAD", place, headers={"Tus-Resumable": "1.0.0"})
    return int(answer.headers["upload-offset"]) if answer.status == 200 else None


def _send(
    client: Client, place: str, content: Content, offset: int, *, kill_at: int = 0, victim: int = 0
) -> int:
    """Send from `offset` on, request by request; kill the server when so much is sent. Return how much was sent."""
    at = offset

    def counted(start: int, stop: int) -> Iterator[bytes]:
        nonlocal at
        for piece in content.pieces(start, stop):
            if kill_at and at >= kill_at:
                os.kill(victim, signal.SIGKILL)
            yield piece
            at += len(piece)

    line = http.client.HTTPConnection("127.0.0.1", client.port, timeout=120, blocksize=WRITE_BYTES)
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    with contextlib.closing(line), contextlib.suppress(OSError if kill_at else ()):
        while at < content.size:
            stop = min(content.size, at + REQUEST_BYTES)
            headers = {
                "Tus-Resumable": "1.0.0", "Upload-Offset": str(at), "Content-Length": str(stop - at), "Cookie": cookie,
                "Content-Type": "application/offset+octet-stream", "Origin": f"http://127.0.0.1:{client.port}",
            }  # fmt: skip
            line.request("PATCH", place, body=counted(at, stop), headers=headers)
            answer = line.getresponse()
            answer.read()
            assert answer.status == 204, answer.status
    return at


def _written_plainly(path: Path, content: Content) -> float:
    """Return the seconds it takes to write and flush the same bytes without a server."""
    began = time.perf_counter()
    with path.open("wb", buffering=0) as file:
        for piece in content.pieces(0, content.size):
            file.write(piece)
        os.fsync(file.fileno())
    seconds = time.perf_counter() - began
    path.unlink()
    return seconds


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


if __name__ == "__main__":
    raise SystemExit(main())
