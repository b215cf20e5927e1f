"""How often does a door that has nothing to do wake its radio? Counted on the wire, at a pace ten times and more as fast as in service."""

import time
from collections.abc import Callable, Iterator
from itertools import cycle, pairwise
from pathlib import Path

from calltime_edge.announcing import Pace
from calltime_edge.outbox import Outbox
from calltime_sim.services.mosquitto import Mosquitto
from calltime_wire.status import ReaderState, Status
from fixtures.guarded_brokers import StrictMosquitto
from fixtures.missing_parts import need
from fixtures.publishers import fill, make_publisher, publishing
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until
from fixtures.wires import PINGREQ, Wire

QUICK = Pace(quiet=0.5, heartbeat=2)
ON_AIR = 0.1
"""Seconds after a packet in which another one costs no wake-up."""


def watch(wire: Wire, *, seconds: float, meanwhile: Callable[[], object] = lambda: None) -> list[float]:
    """The moments at which the radio woke in so many seconds from now on."""
    began = time.monotonic()

    def over() -> bool:
        meanwhile()
        return time.monotonic() - began > seconds

    wait_until(over, within=seconds + 5, what="time to pass")
    return wire.wakeups(since=began + ON_AIR, apart=ON_AIR)


def test_an_idle_door_speaks_at_each_heartbeat_and_mqtt_never_pings(outbox: Outbox, mosquitto: Mosquitto) -> None:
    with Wire(mosquitto) as wire, ScriptedGateway(mosquitto) as gateway, publishing(make_publisher(outbox, wire.url, pace=QUICK)):
        wait_until(lambda: gateway.statuses, within=10, what="the first status")
        woke = watch(wire, seconds=7)

        assert len(woke) == 3
        assert len(gateway.statuses) == len(woke) + 1
    assert not [said for _, said in wire.passed if said == PINGREQ]


def test_a_reader_that_comes_and_goes_wakes_the_radio_no_more_than_once_in_the_quiet(outbox: Outbox, mosquitto: Mosquitto) -> None:
    states: Iterator[ReaderState] = cycle(("gone", "ready"))  # another one at each look, however far apart they are

    def flickering(online: bool) -> Status:
        return Status(online=online, software="test", waiting=0, clock="ntp", readers={"R": next(states)})

    with Wire(mosquitto) as wire, ScriptedGateway(mosquitto) as gateway:
        publisher = make_publisher(outbox, wire.url, pace=QUICK, status=flickering)
        with publishing(publisher):
            wait_until(lambda: gateway.statuses, within=10, what="the first status")
            # Rung the whole time, as by taps that were not understood: nothing new to send is no reason to wake.
            woke = watch(wire, seconds=4, meanwhile=publisher.nudge)

    assert len(woke) >= 2
    assert all(later - earlier >= QUICK.quiet - ON_AIR for earlier, later in pairwise(woke))


def test_a_tap_goes_out_at_once_and_takes_the_status_along(outbox: Outbox, mosquitto: Mosquitto) -> None:
    pace = Pace(quiet=1, heartbeat=60)
    with Wire(mosquitto) as wire, ScriptedGateway(mosquitto, answers_every=1) as gateway:
        publisher = make_publisher(outbox, wire.url, pace=pace)
        with publishing(publisher):
            wait_until(lambda: gateway.statuses, within=10, what="the first status")
            assert watch(wire, seconds=1.5) == []
            began = time.monotonic()
            fill(outbox, 1)
            publisher.nudge()
            wait_until(lambda: len(gateway.statuses) == 2, within=5, what="the status")
            assert time.monotonic() - began < pace.quiet
            assert watch(wire, seconds=1.5) == []

    assert gateway.arrived == [1]
    assert gateway.statuses[1].waiting == 0


def test_a_broker_that_insists_on_hearing_more_often_hears_more_often(outbox: Outbox, tmp_path: Path) -> None:
    need(Mosquitto)
    with (
        StrictMosquitto(tmp_path / "mosquitto", "max_keepalive 10") as broker,
        Wire(broker) as wire,
        publishing(make_publisher(outbox, wire.url)) as publisher,
    ):
        wait_until(lambda: publisher.version, within=10, what="the connection")
        began = time.monotonic() + ON_AIR
        wait_until(lambda: wire.wakeups(since=began, apart=ON_AIR), within=10, what="a status half a keepalive later")

        assert publisher.version == "5"
