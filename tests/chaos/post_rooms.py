"""How do several gateways of one installation run in a test, and one that lives at another hour?"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from calltime_sim.services.broker import Broker
from calltime_sim.services.programs import Gateway
from calltime_wire import base64url
from chaos import gateway_with_another_clock
from fixtures.gateways import wait_for_connections

SEED = bytes(range(32, 64))
"""Of the key of `fixtures.doors.GATEWAY`, which the doors of a storm trust."""


class ScriptedGateway(Gateway):
    """The post room, started by a script of ours instead of its own."""

    script: str

    def command(self) -> Sequence[str]:
        *settings, _, run = super().command()
        return [*settings, sys.executable, self.script, run]


class GatewayWithAnotherClock(ScriptedGateway):
    """Its clock is so many seconds ahead (or behind, when negative), which it notices."""

    script = gateway_with_another_clock.__file__

    def __init__(self, folder: Path, environment: dict[str, str], *, shift: int) -> None:
        super().__init__(folder, environment | {gateway_with_another_clock.SHIFT: str(shift)})

    def answers(self) -> bool:
        """Say whether it has said so: it will not do more."""
        return "This machine's clock is" in self.log.read_text(encoding="utf-8")


def environment(folder: Path, *, broker: Broker, dsn: str, name: str = "gateway-1", mqtt: str = "auto") -> dict[str, str]:
    """The settings of one gateway; its folder gets the key that all of them share."""
    folder.mkdir(parents=True, exist_ok=True)
    key = folder / "gateway.key"
    key.write_text(base64url.encode(SEED) + "\n")
    key.chmod(0o600)
    return {"CALLTIME_BROKER": broker.url, "CALLTIME_DATABASE": dsn, "CALLTIME_GATEWAY_NAME": name, "CALLTIME_MQTT": mqtt}


@contextmanager
def at_work(running: Gateway) -> Iterator[Gateway]:
    """Start it and wait for its subscription; at the end its log must not hold a fault that nobody expected."""
    with running:
        wait_for_connections(running, 1)
        yield running
    log = running.log.read_text(encoding="utf-8")
    assert "Traceback" not in log, log


@contextmanager
def post_room(folder: Path, *, broker: Broker, dsn: str, name: str = "gateway-1", mqtt: str = "auto") -> Iterator[Gateway]:
    """A gateway at work."""
    with at_work(Gateway(folder, environment(folder, broker=broker, dsn=dsn, name=name, mqtt=mqtt))) as running:
        yield running
