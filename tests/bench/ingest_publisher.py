"""What sends a load and costs next to nothing? Packets from files, over a socket each; PUBACKs are only counted.

Run as `python -m bench.ingest_publisher PORT RATE FILE…`, a process of its own. RATE: records a second, or 0 for as many as it is let.
It prints a line when it is ready. Each line on standard input then says how many records may have been sent in all. At the end it
prints what it saw.
"""

from __future__ import annotations

import mmap
import os
import select
import sys
import time
from array import array
from pathlib import Path

import msgspec

from bench import ingest_wire

UNDER_WAY = 2000
"""So many records on a socket may lack their PUBACK."""
AT_ONCE = 65_536
"""So many bytes go out in one call."""


class Sent(msgspec.Struct, frozen=True, kw_only=True):
    """When the first record went out and the last was taken by the broker (monotonic seconds); the processor time from then to then."""

    began: float
    ended: float
    cpu_seconds: float
    records: int


class Stream:
    """One file on one socket."""

    def __init__(self, port: int, file: Path) -> None:
        with file.open("rb") as opened:
            self._bytes = memoryview(mmap.mmap(opened.fileno(), 0, access=mmap.ACCESS_READ))
        self._ends = array("Q", [0, *(end for _, __, end in ingest_wire.split(self._bytes))])
        self.count = len(self._ends) - 1
        self.socket = ingest_wire.connected(port, f"bench-{file.name}")
        self.socket.setblocking(False)
        self._at = 0
        self._answered = 0

    def may_send(self, let: int) -> int:
        """How many bytes may go out now when `let` records of this stream may have been sent."""
        return self._ends[min(self.count, let, self.acknowledged + UNDER_WAY)] - self._at

    def send(self, size: int) -> None:
        self._at += self.socket.send(self._bytes[self._at : self._at + min(size, AT_ONCE)])

    def hear(self) -> None:
        heard = len(self.socket.recv(AT_ONCE))
        if not heard:
            raise ConnectionError("The broker closed the line of a publisher.")
        self._answered += heard

    @property
    def acknowledged(self) -> int:
        """Only PUBACKs come on this line."""
        return self._answered // ingest_wire.PUBACK_BYTES


class Allowance:
    """How many records may have been sent by now: as standard input says, or as the rate says since the beginning."""

    def __init__(self, rate: float) -> None:
        self._rate, self._text, self.records = rate, b"", 0

    def hear(self) -> None:
        said = os.read(0, 4096)
        if not said:
            sys.exit("Who lets the publisher send has gone.")
        *lines, self._text = (self._text + said).split(b"\n")
        if lines:
            self.records = int(lines[-1])

    def by(self, now: float, began: float) -> int:
        return min(self.records, int((now - began) * self._rate) + 1) if self._rate else self.records

    def patience(self) -> float:
        return 0.001 if self._rate else 0.5


def send_all(streams: list[Stream], allowance: Allowance) -> Sent:
    """Send until everything is with the broker."""
    count = sum(stream.count for stream in streams)
    while not allowance.records:
        allowance.hear()
    began, used = time.monotonic(), time.process_time()
    while sum(stream.acknowledged for stream in streams) < count:
        let = -(-allowance.by(time.monotonic(), began) // len(streams))
        waiting = [stream for stream in streams if stream.may_send(let) > 0]
        sockets = {stream.socket.fileno(): stream for stream in streams}
        readable, writable, _ = select.select([0, *sockets], [stream.socket.fileno() for stream in waiting], [], allowance.patience())
        for ready in readable:
            if ready == 0:
                allowance.hear()
            else:
                sockets[ready].hear()
        for ready in writable:
            sockets[ready].send(sockets[ready].may_send(let))
    return Sent(began=began, ended=time.monotonic(), cpu_seconds=time.process_time() - used, records=count)


def main() -> None:
    streams = [Stream(int(sys.argv[1]), Path(file)) for file in sys.argv[3:]]
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sent = send_all(streams, Allowance(float(sys.argv[2])))
    sys.stdout.write(msgspec.json.encode(sent).decode() + "\n")


if __name__ == "__main__":
    main()
