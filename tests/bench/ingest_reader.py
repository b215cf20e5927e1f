"""What listens and costs next to nothing? It acknowledges what comes, counts it, and keeps the last message of each topic.

Run as `python -m bench.ingest_reader PORT PATTERN`, a process of its own. It stands for the doors that hear their receipts, and, on
the doors' topics, for the least that anybody could do with a record. It prints a line when it listens, the count so far for each line
on standard input, and what it heard when that is closed.
"""

from __future__ import annotations

import os
import select
import socket
import sys
import time

import msgspec

from bench import ingest_wire


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """How many messages came, the last of each topic, and the processor time that it took."""

    messages: int
    last: dict[str, str]
    cpu_seconds: float


def listen(line: socket.socket) -> Heard:
    """Listen until standard input is closed."""
    used, buffer, messages, last = time.process_time(), b"", 0, dict[bytes, bytes]()
    while True:
        readable, _, __ = select.select([0, line.fileno()], [], [])
        if 0 in readable:
            if not os.read(0, 1):
                break
            sys.stdout.write(f"{messages}\n")
            sys.stdout.flush()
        if line.fileno() not in readable:
            continue
        came = line.recv(262_144)
        if not came:
            raise ConnectionError("The broker closed the line of a reader.")
        buffer, end, answers = buffer + came, 0, []
        for start, body, end in ingest_wire.split(buffer):
            if buffer[start] & 0xF6 == ingest_wire.PUBLISH_QOS1:
                after = body + 2 + int.from_bytes(buffer[body : body + 2], "big")
                last[buffer[body + 2 : after]] = buffer[after + 2 : end]
                answers.append(b"\x40\x02" + buffer[after : after + 2])
        line.sendall(b"".join(answers))
        messages, buffer = messages + len(answers), buffer[end:]
    said = {topic.decode("ascii"): payload.decode("ascii") for topic, payload in last.items()}
    return Heard(messages=messages, last=said, cpu_seconds=time.process_time() - used)


def main() -> None:
    line = ingest_wire.connected(int(sys.argv[1]), "bench-reader")
    ingest_wire.subscribe(line, sys.argv[2])
    sys.stdout.write("listening\n")
    sys.stdout.flush()
    sys.stdout.write(msgspec.json.encode(listen(line)).decode() + "\n")


if __name__ == "__main__":
    main()
