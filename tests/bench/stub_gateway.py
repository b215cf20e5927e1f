"""What answers a backlog when no gateway is measured? Run as `python -m bench.stub_gateway PORT COUNT`, a process of its own.

It checks no signature and stores nothing. It answers every fifty records, and what is left over when no more come, with a signed receipt.
When so many records have come and the door says that none waits, it prints what it saw and ends.
"""

import sys
import time
from pathlib import Path

import msgspec

from calltime_sim.services.mosquitto import Mosquitto
from fixtures.scripted_gateway import ScriptedGateway

ANSWERS_EVERY = 50
QUIET_SECONDS = 0.1


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """From the first record to the last status, and how many records came, repeated ones included."""

    seconds: float
    arrived: int
    distinct: int


def answer(port: int, count: int) -> Seen:
    """Answer until everything is receipted."""
    broker = Mosquitto(Path())  # only its address: another process runs it
    broker.port = port
    with ScriptedGateway(broker, answers_every=ANSWERS_EVERY) as gateway:
        sys.stdout.write("listening\n")
        sys.stdout.flush()
        gateway.wait_for(1, within=60)
        began = time.monotonic()
        while not (len(gateway.digests) >= count and gateway.statuses and gateway.statuses[-1].waiting == 0):
            arrived = len(gateway.arrived)
            time.sleep(QUIET_SECONDS)
            if len(gateway.arrived) == arrived:
                gateway.send(gateway.receipt(gateway.through()))
        return Seen(seconds=time.monotonic() - began, arrived=len(gateway.arrived), distinct=len(gateway.digests))


if __name__ == "__main__":
    sys.stdout.write(msgspec.json.encode(answer(int(sys.argv[1]), int(sys.argv[2]))).decode() + "\n")
