"""Does a day come out the same, to the byte, whatever fails in the middle of it?

The whole of Calltime, as the programs that it is, plays the published rota: once in peace on the embedded default (PostgreSQL from a wheel,
the embedded broker), and once on Mosquitto and TimescaleDB while the gateway is killed, the database stopped and the broker restarted.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from calltime_sim import rota
from calltime_sim.day import Touch, live
from calltime_sim.demo import DAY, SEED
from calltime_sim.house import House
from calltime_sim.office import Counts
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.postgres import Postgres
from calltime_sim.town import Played, Town

RECEIPTS_WITHIN = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Lived:
    """What a day left behind."""

    played: Played
    counts: Counts
    actuals: bytes
    second_settlement: str


def live_the_day(house: House, folder: Path, disturb: Callable[[int, House], None] = lambda *_: None) -> Lived:
    """Plan, enrol, play, settle; settle once more."""
    calls = rota.read_rota(rota.SOLUTION, day=DAY)
    touches = live(calls, seed=SEED)
    house.office.import_rota(DAY)

    def before_touch(number: int, _touch: Touch, _played: Played) -> None:
        disturb(number, house)

    codes = house.office.codes(list(calls))
    with Town(codes=codes, server=house.server.url, folder=folder / "doors", begins=touches[0].at, seed=SEED) as town:
        played = town.play(touches, house.office.addresses(), before_touch=before_touch)
        town.wait_for_receipts(within=RECEIPTS_WITHIN)
    actuals = folder / "actuals.csv"
    settle = ("settle", "--day", DAY.isoformat(), "--actuals", str(actuals))
    house.office.ask(*settle)
    return Lived(played=played, counts=house.office.counts(), actuals=actuals.read_bytes(), second_settlement=house.office.ask(*settle))


@pytest.fixture(scope="module")
def day_in_peace(tmp_path_factory: pytest.TempPathFactory) -> Lived:
    """The day on the embedded default, with nothing in its way."""
    folder = tmp_path_factory.mktemp("peace")
    with House(folder, embedded_broker=True) as house:
        return live_the_day(house, folder)


def test_every_confirmed_tap_is_in_the_record_and_every_carer_visit_has_a_line(day_in_peace: Lived) -> None:
    outcomes = Counter(row["outcome"] for row in csv.DictReader(day_in_peace.actuals.decode().splitlines()))

    assert day_in_peace.counts.taps == day_in_peace.played.confirmed
    assert day_in_peace.counts.quarantined == 0
    assert set(outcomes) == {"pay", "park", "refuse"}
    assert outcomes.total() == 508


def test_settling_the_same_day_again_writes_nothing(day_in_peace: Lived) -> None:
    assert "nothing new" in day_in_peace.second_settlement


def test_the_actuals_are_the_same_when_gateway_database_and_broker_fail_in_mid_day(
    day_in_peace: Lived, tmp_path: Path, mosquitto: Mosquitto, timescaledb_server: Postgres, timescaledb_database: str
) -> None:
    failures: dict[int, Callable[[House], None]] = {
        150: lambda house: house.gateway.kill(),
        230: lambda house: house.gateway.start(),
        350: lambda house: house.database.stop(),
        450: lambda house: house.database.start(),
        550: lambda house: house.broker.stop(),
        640: lambda house: house.broker.start(),
        # The worst of it: the gateway dies in mid-stream while the database is away.
        750: lambda house: house.database.stop(),
        760: lambda house: house.gateway.kill(),
        850: lambda house: house.database.start(),
        860: lambda house: house.gateway.start(),
    }

    def disturb(number: int, house: House) -> None:
        if number in failures:
            failures[number](house)

    with House(tmp_path, database=timescaledb_server, dsn=timescaledb_database, broker=mosquitto) as house:
        disturbed = live_the_day(house, tmp_path, disturb)

    assert disturbed.counts.taps == disturbed.played.confirmed
    assert disturbed.actuals == day_in_peace.actuals
