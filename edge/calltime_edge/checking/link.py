"""Is there a way to the broker, and does it let this door in? Asked step by step, because each step fails for another reason."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing

from calltime_edge import broker_link
from calltime_edge.bell import Bell
from calltime_edge.broker_link import Caller, NotLetIn, Version
from calltime_edge.checking.finding import Finding
from calltime_edge.settings import MqttVersion

PATIENCE_S = 10.0
KEEPALIVE_S = 60

_NEXT = {
    "unreachable": "Check that the broker runs, and that no firewall stands in between.",
    "not trusted": "",
    "no password": "",
    "refused": "Ask whoever runs the broker, and tell them this door's name.",
    "no answer": "Check that the address is a broker's, and in the settings that mqtt is auto.",
}


def link(caller: Caller, mqtt: MqttVersion) -> Iterator[Finding]:
    """Look for the name, connect, and ask for receipts. Nothing is published. Not while the door runs: the broker would drop it."""
    broker = caller.broker
    try:
        found = socket.getaddrinfo(broker.host, broker.port, type=socket.SOCK_STREAM)[0][4][0]
    except (OSError, UnicodeError) as error:
        then = f"Check the network cable or the Wi-Fi, and the name: getent hosts {broker.host}"
        yield Finding(what="network", well=False, says=f"The name {broker.host} was not found ({error}).", then=then)
        return
    yield Finding(what="network", well=True, says=f"{broker.host} is {found}.")
    versions: tuple[Version, ...] = ("5", "3.1.1") if mqtt == "auto" else (mqtt,)
    trouble: NotLetIn | None = None
    for version in versions:
        trouble = _knock(caller, version)
        if trouble is None:
            how = "encrypted, and its certificate is good" if broker.tls else "NOT encrypted"
            yield Finding(what="broker", well=True, says=f"{broker} lets this door in: MQTT {version}, {how}.")
            return
        if trouble.why != "no answer":
            break
    if trouble is not None:
        yield Finding(what="broker", well=False, says=trouble.says, then=_NEXT[trouble.why])


def _knock(caller: Caller, version: Version) -> NotLetIn | None:
    with closing(Bell()) as bell:
        came = broker_link.connect(caller, bell, version=version, keepalive=KEEPALIVE_S, within=PATIENCE_S)
        if isinstance(came, NotLetIn):
            return came
        came.drop()
        return None
