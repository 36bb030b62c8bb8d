"""Run a command where nothing outside can be reached, and write down every packet that would have gone there.

    unshare --map-root-user --net --mount python -m tests.journeys.alone REPORT COMMAND…

Linux alone, without rights: a network namespace of its own has the loopback and one line, which ends here instead of
in a cable. Names are asked for over that line too. So whatever process, Python or native, asks for a name or for a
host that is not this machine, it leaves a packet here, and never gets an answer.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

_TUN = Path("/dev/net/tun")
_SET_INTERFACE, _IS_TUN, _WITHOUT_HEAD = 0x400454CA, 0x0001, 0x1000
_MOST_BYTES = 65_536
#: From the blocks that are set aside for examples: nobody's.
_HERE, _NAMES = "192.0.2.1", "192.0.2.53"
_HERE_6 = "2001:db8::1"
_UDP, _DNS = 17, 53


class Line:
    """A line to the outside at whose other end nobody is but us.   packets: what came along, "address port text"."""

    def __init__(self) -> None:
        self.packets: list[str] = []
        self._file = os.open(_TUN, os.O_RDWR)
        asked = struct.pack("16sH", b"outside", _IS_TUN | _WITHOUT_HEAD)
        fcntl.ioctl(self._file, _SET_INTERFACE, asked)
        for words in (
            "link set lo up",
            f"addr add {_HERE}/24 dev outside",
            f"addr add {_HERE_6}/64 dev outside nodad",
            "link set outside up",
            "route add default dev outside",
            "-6 route add default dev outside",
        ):
            subprocess.run(["ip", *words.split()], check=True)
        threading.Thread(target=self._read, daemon=True).start()

    def _read(self) -> None:
        while packet := os.read(self._file, _MOST_BYTES):
            if told := describe(packet):
                self.packets.append(told)


def describe(packet: bytes) -> str:
    """Say where an IP packet goes; "" for what the kernel itself says to its neighbours when a line goes up."""
    if packet[0] >> 4 == 4:
        head, protocol, address = (
            4 * (packet[0] & 15),
            packet[9],
            socket.inet_ntop(socket.AF_INET, packet[16:20]),
        )
    else:
        head, protocol, address = 40, packet[6], socket.inet_ntop(socket.AF_INET6, packet[24:40])
        if address.startswith("ff02::"):
            return ""
    port = int.from_bytes(packet[head + 2 : head + 4], "big")
    asked = " ".join(names(packet[head + 20 :])) if protocol == _UDP and port == _DNS else ""
    return f"{address} port {port} {asked}".strip()


def names(question: bytes) -> list[str]:
    """Return the labels of a name that is asked for; those of "example.com" are "example" and "com"."""
    found, at = [], 0
    while at < len(question) and question[at]:
        found.append(question[at + 1 : at + 1 + question[at]].decode("latin-1"))
        at += 1 + question[at]
    return found


def ask_the_line_for_names() -> None:
    """Let this namespace's names be asked of an address outside, whoever answers them on the machine."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf", delete=False) as file:
        file.write(f"nameserver {_NAMES}\noptions timeout:1 attempts:1\n")
    place = Path("/etc/resolv.conf").resolve()
    subprocess.run(["mount", "--bind", file.name, str(place)], check=True)


def main(report: str, *command: str) -> int:
    """Run the command, write the packets as a JSON list, and return the command's exit code."""
    line = Line()
    ask_the_line_for_names()
    done = subprocess.run(command, check=False)
    Path(report).write_text(json.dumps(line.packets), encoding="utf-8")
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
