"""Are a door that lives twice and a door that skips numbers found and shown, by two gateways in the middle of a storm?"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.programs import ask_server, program
from calltime_wire import receipts
from calltime_wire.ed25519 import Ed25519Verifier
from chaos.post_rooms import post_room
from chaos.storm import Door, Storm, storm
from fixtures import plain_doors
from fixtures.doors import GATEWAY
from fixtures.lines import Line, line_of
from fixtures.post_room import rows
from fixtures.waiting import wait_until


@contextmanager
def two_gateways_in_a_storm(folder: Path, broker: Mosquitto, dsn: str) -> Iterator[Storm]:
    """Other doors tap all the while."""
    with ExitStack() as stack:
        for name in ("gateway-1", "gateway-2"):
            stack.enter_context(post_room(folder / name, broker=broker, dsn=dsn, name=name))
        yield stack.enter_context(storm(folder / "doors", dsn, broker=broker.url))


def test_of_a_door_that_lives_twice_one_chain_is_stored_and_the_other_is_kept_in_quarantine_as_a_fork(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dsn = timescaledb_database
    with two_gateways_in_a_storm(tmp_path, mosquitto, dsn) as weather, ExitStack() as stack:
        original, copy = cloned(tmp_path, broker=mosquitto)
        plain_doors.enrol(dsn, original.plain)
        for door in (original, copy):
            stack.enter_context(closing(door))
            door.open()

        def set_aside() -> set[str]:
            return {bytes(payload).decode() for payload, device in rows(dsn, "SELECT payload, device FROM quarantine")}

        def stored() -> list[str]:
            return [jws for jws, device in rows(dsn, "SELECT jws, device FROM every_tap") if device == original.device]

        said = {*original.confirmed.values(), *copy.confirmed.values()}
        wait_until(lambda: said <= {*stored(), *set_aside()}, within=30, what="every record of both to be stored or set aside")
        weather.wait_for_taps(50)
        weather.end_well(capsys)

    assert len(stored()) == len(set(stored())) == 10
    assert "fork" in {reason for (reason,) in rows(dsn, "SELECT reason FROM quarantine")}
    assert {device for (device,) in rows(dsn, "SELECT device FROM quarantine")} == {original.device}
    shown = ask_server(["quarantine"], {"CALLTIME_DATABASE": dsn})
    assert "fork" in shown
    assert original.device in shown


def cloned(folder: Path, *, broker: Mosquitto) -> tuple[Door, Door]:
    """A door that tapped five times, was copied, and tapped five times more; and its copy, which did so too."""
    with closing(Door("cloned", folder / "original", broker=broker.url)) as before:
        for _ in range(5):
            before.tap()
    shutil.copytree(folder / "original", folder / "copy")
    original, copy = (Door("cloned", folder / name, broker=broker.url) for name in ("original", "copy"))
    original.confirmed.update(before.confirmed)
    for door in (original, copy):
        for _ in range(5):
            door.tap()
    return original, copy


def test_of_a_door_that_skips_numbers_what_came_is_stored_and_the_gap_stays_open_until_it_is_filled(
    tmp_path: Path, mosquitto: Mosquitto, timescaledb_database: str, capsys: pytest.CaptureFixture[str]
) -> None:
    dsn = timescaledb_database
    skipping = plain_doors.Door("skipping")
    plain_doors.enrol(dsn, skipping)
    said = skipping.taps(20)
    with two_gateways_in_a_storm(tmp_path, mosquitto, dsn) as weather, line_of(skipping, mosquitto) as line:
        line.say(*said[12:], *said[:9])
        wait_until(lambda: stored_of(dsn, skipping) == 17, within=30, what="what came to be stored")
        line.say(said[8])  # it asks how far it is
        wait_until(lambda: (9, ((13, 20),)) in told(line), within=30, what="a receipt that leaves out the gap")
        assert skipping.device in gaps_shown(dsn)

        line.say(*said[9:12])
        assert line.wait_for_receipt(GATEWAY.public_key, through=20).also == ()
        assert skipping.device not in gaps_shown(dsn)
        weather.wait_for_taps(50)
        weather.end_well(capsys)


def gaps_shown(dsn: str) -> str:
    """What a person is told of the doors that wait for a receipt."""
    environment = {**os.environ, "CALLTIME_DATABASE": dsn}
    return subprocess.run([program("calltime-gateway"), "gaps"], env=environment, capture_output=True, text=True, check=True).stdout


def stored_of(dsn: str, door: plain_doors.Door) -> int:
    return [device for (device,) in rows(dsn, "SELECT device FROM receipt")].count(door.device)


def told(line: Line) -> list[tuple[int, tuple[tuple[int, int], ...]]]:
    """How far each receipt went, and what it named beyond a gap."""
    gateway = Ed25519Verifier(GATEWAY.public_key)
    heard = [receipts.decode(one, device=line.door.device, gateway=gateway) for one in tuple(line.heard)]
    return [(receipt.through, receipt.also) for receipt in heard]
