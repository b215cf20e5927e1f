"""Is everything that was receipted there when a standby takes over in mid-storm, and is a primary that was replaced believed no more?"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from calltime_server.store.migrations import migrate
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.standby import Standby
from calltime_sim.services.timescaledb import TimescaleDb
from chaos.post_rooms import post_room
from chaos.storm import Storm, storm
from chaos.ways import by
from fixtures.missing_parts import need
from fixtures.waiting import wait_until

WAITS_FOR_THE_STANDBY = "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pair:
    """A primary whose commits wait for its standby, and the one DSN that finds whichever takes writes."""

    primary: TimescaleDb
    standby: Standby

    @property
    def dsn(self) -> str:
        return f"{by(self.primary.dsn, self.primary.port, self.standby.port)}&load_balance_hosts=random"


@pytest.fixture
def pair() -> Iterator[Pair]:
    need(TimescaleDb)
    with (
        tempfile.TemporaryDirectory(prefix="ct-", ignore_cleanup_errors=True) as folder,
        TimescaleDb(Path(folder) / "primary", durable=False) as primary,
    ):
        migrate(primary.dsn)
        with Standby(Path(folder) / "standby", primary) as standby:
            standby.insist()
            yield Pair(primary=primary, standby=standby)


def receipts_at(server: TimescaleDb) -> int:
    return int(server.ask("SELECT count(*) FROM receipt"))


def wait_for_a_commit_that_waits(primary: TimescaleDb) -> None:
    wait_until(lambda: int(primary.ask(f"SELECT count(*) {WAITS_FOR_THE_STANDBY}")), within=40, what="a commit that waits for the standby")


def receipted_beyond(weather: Storm, marks: dict[str, int]) -> int:
    """How many taps have their receipt that were confirmed after these numbers of each door."""
    return sum(
        len([seq for seq in door.confirmed if seq > marks[door.device]])
        - len(door.outbox.waiting(after=marks[door.device], at_most=1_000_000))
        for door in weather.doors
    )


def test_a_standby_that_takes_over_in_a_storm_has_every_confirmed_tap_once(
    tmp_path: Path, pair: Pair, mosquitto: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        post_room(tmp_path / "gateway-1", broker=mosquitto, dsn=pair.dsn, name="gateway-1"),
        post_room(tmp_path / "gateway-2", broker=mosquitto, dsn=pair.dsn, name="gateway-2"),
        storm(tmp_path / "doors", pair.dsn, broker=mosquitto.url) as weather,
    ):
        weather.wait_for_stored(100)
        pair.primary.kill()
        weather.wait_for_taps(50)
        pair.standby.promote()
        weather.wait_for_stored(100)
        weather.end_well(capsys)


def test_no_receipt_is_given_before_the_standby_has_the_record_even_when_somebody_cancels_the_wait(
    tmp_path: Path, pair: Pair, mosquitto: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    with (
        post_room(tmp_path / "gateway", broker=mosquitto, dsn=pair.dsn),
        storm(tmp_path / "doors", pair.dsn, broker=mosquitto.url, per_second=50) as weather,
    ):
        weather.wait_for_stored(30)
        pair.standby.kill()
        marks = {door.device: max(door.confirmed) for door in weather.doors}
        weather.wait_for_taps(50)
        for _ in range(2):
            wait_for_a_commit_that_waits(pair.primary)
            pair.primary.ask(f"SELECT count(pg_cancel_backend(pid)) {WAITS_FOR_THE_STANDBY}")
        wait_for_a_commit_that_waits(pair.primary)
        weather.calm()

        assert receipted_beyond(weather, marks) == 0

        pair.standby.start()
        weather.end_well(capsys)


def test_a_primary_that_was_replaced_is_not_believed_when_it_comes_back(
    tmp_path: Path, pair: Pair, mosquitto: Mosquitto, capsys: pytest.CaptureFixture[str]
) -> None:
    old_first = by(pair.primary.dsn, pair.primary.port, pair.standby.port)
    with (
        post_room(tmp_path / "gateway", broker=mosquitto, dsn=old_first) as running,
        storm(tmp_path / "doors", old_first, broker=mosquitto.url, per_second=50) as weather,
    ):
        pair.primary.kill()
        pair.standby.promote()
        weather.dsn = by(pair.primary.dsn, pair.standby.port)
        weather.wait_for_stored(30)
        # The worst case: nobody fenced it off, nothing holds its commits back, and a gateway whose connection is cut finds it first.
        pair.primary.start()
        pair.primary.ask("ALTER SYSTEM RESET synchronous_standby_names")
        pair.primary.ask("SELECT pg_reload_conf()")
        stored_there = receipts_at(pair.primary)
        pair.standby.ask("SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE application_name = 'calltime-gateway'")
        wait_until(lambda: "was the primary once" in running.log.read_text(), within=20, what="the gateway to say why it waits")

        assert receipts_at(pair.primary) == stored_there

        pair.primary.kill()
        weather.end_well(capsys)
