"""How does a gateway die at a step of its work? Run as a script, this is `calltime-gateway` that kills itself there, once it is armed.

It is armed by a file (CALLTIME_TEST_ARMED), which it removes as it dies: the one that is started after it lives. A step is what the
gateway asks of the database's library or of the connection to its broker. One that it does not come to any more shows as a gateway that
does not die. Beside that file it leaves the digests of all that it has acknowledged.
"""

from __future__ import annotations

import hashlib
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any, Literal

import psycopg

from calltime_gateway.broker_client import BrokerClient
from calltime_gateway.cli import main
from calltime_gateway.packets import Published

ARMED, STEP = "CALLTIME_TEST_ARMED", "CALLTIME_TEST_STEP"
ACKNOWLEDGED = "acknowledged"
LAST_WORDS = 0.3
"""Seconds in which the other threads go on after the step is reached: what they acknowledge too early is to be seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """The beginning or the end of a call of a function."""

    of: type
    function: str
    when: Literal["before", "after"]


MADE = Call(of=BrokerClient, function="acknowledge", when="after")
SENT = Call(of=BrokerClient, function="write", when="after")
STEPS: dict[str, tuple[Call, ...]] = {
    "a batch has come and nothing is written": (Call(of=psycopg.Transaction, function="__enter__", when="before"),),
    "a transaction is open": (Call(of=psycopg.Transaction, function="__enter__", when="after"),),
    "some rows are copied": (Call(of=psycopg.Copy, function="__exit__", when="after"),),
    "all is written and not committed": (Call(of=psycopg.Transaction, function="__exit__", when="before"),),
    "it is committed and no door knows": (Call(of=psycopg.Transaction, function="__exit__", when="after"),),
    "nothing is acknowledged": (Call(of=BrokerClient, function="acknowledge", when="before"),),
    "acknowledgements are made and not sent": (MADE,),
    "receipts and acknowledgements are sent": (MADE, SENT),
}
"""Calls that must come in this order, once it is armed; it dies of the last."""


def die_at(step: tuple[Call, ...], armed: Path) -> None:
    """Let each of these calls be noted, and the last one be the end of us."""
    left, acknowledged = list(step), _acknowledged()

    def note(call: Call) -> None:
        if not armed.exists() or left[0] != call:
            return
        del left[0]
        if not left:
            armed.unlink()
            time.sleep(LAST_WORDS)
            armed.with_name(ACKNOWLEDGED).write_text("\n".join(list(acknowledged)))
            os.kill(os.getpid(), signal.SIGKILL)

    for call in step:
        _watch(call, note)


def _acknowledged() -> list[str]:
    """Keep the digests of the messages that are acknowledged from now on."""
    read, acknowledge = BrokerClient.read, BrokerClient.acknowledge
    under_way: dict[int, str] = {}
    digests: list[str] = []

    def reading(client: BrokerClient) -> Iterator[Published]:
        for message in read(client):
            under_way[message.mid] = hashlib.sha256(message.payload).hexdigest()
            yield message

    def acknowledging(client: BrokerClient, mids: Sequence[int]) -> None:
        digests.extend(under_way[mid] for mid in mids)
        acknowledge(client, mids)

    setattr(BrokerClient, "read", reading)  # noqa: B010 - mypy does not let a method be assigned to
    setattr(BrokerClient, "acknowledge", acknowledging)  # noqa: B010
    return digests


def _watch(call: Call, note: Callable[[Call], None]) -> None:
    real: Callable[..., Any] = getattr(call.of, call.function)

    @wraps(real)
    def watched(*arguments: Any, **named: Any) -> Any:
        if call.when == "before":
            note(call)
        answer = real(*arguments, **named)
        if call.when == "after":
            note(call)
        return answer

    setattr(call.of, call.function, watched)


if __name__ == "__main__":
    die_at(STEPS[os.environ[STEP]], Path(os.environ[ARMED]))
    main()
