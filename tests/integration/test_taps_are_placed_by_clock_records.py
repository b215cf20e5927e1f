"""Does a visit come out right whose door did not know the time, or was wrong about it? From the real agent to the line that is paid."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import psycopg
import pytest

from calltime_edge.readers.sightings import Tag
from calltime_gateway import flow, judging
from calltime_gateway.store import Store
from calltime_server.payment.settling import Settlement
from calltime_server.store.connection import connect
from calltime_server.store.enrolment import Place, add_door
from calltime_server.store.span import settle_day
from calltime_wire import topics
from fixtures.doors import DOOR, MORNING, DoorAtWork
from fixtures.office import example_terms

HOME = Tag(via="nfc", ref="tag-of-h7")
HOUR = timedelta(hours=1)


@pytest.fixture
def pocket(tmp_path: Path) -> Iterator[DoorAtWork]:
    """The device of a carer who is due at nine o'clock in London."""
    door = DoorAtWork(tmp_path, carer="C12")
    yield door
    door.outbox.close()


def settled(dsn: str, door: DoorAtWork) -> Settlement:
    """Bring everything that the door wrote to the office in the evening, and settle the day."""
    evening = datetime(2026, 4, 7, 20, 0, tzinfo=UTC)
    with connect(dsn) as connection:
        place = Place(carer="C12", home=None)
        assert add_door(connection, device=DOOR.device, alg="EdDSA", public_key=DOOR.public_key, place=place, now=MORNING)
    with psycopg.connect(dsn) as connection:
        connection.execute("INSERT INTO tag VALUES ('tag-of-h7', 'H7', %s)", (MORNING,))
        connection.execute("INSERT INTO planned_visit VALUES ('v', 'H7', 'p', 'z', 'care', %s, 30, 1)", (MORNING,))
    written = [compact.encode() for _, compact in door.outbox.waiting(after=0, at_most=100)]
    readings = [judging.read(topics.records(DOOR.device), payload) for payload in written]
    with closing(Store(dsn)) as store:
        flow.keep(readings, store=store, received_at=evening)
    with connect(dsn) as connection:
        return settle_day(connection, day=date(2026, 4, 7), provider=None, terms=example_terms())


def explanation(settlement: Settlement) -> str:
    [line] = settlement.lines["explanation"]
    return str(line)


def test_a_start_in_1970_is_placed_and_the_line_says_how_exactly(database: str, pocket: DoorAtWork) -> None:
    pocket.clock.now, pocket.clock.sync = datetime(1970, 1, 1, 0, 1, tzinfo=UTC), "none"
    pocket.agent.begin()
    pocket.sees(HOME)
    pocket.clock.wait(minutes=10)
    pocket.clock.now, pocket.clock.sync = MORNING + timedelta(minutes=10), "ntp"
    pocket.agent.look_at_clock()
    pocket.clock.wait(minutes=20)
    pocket.sees(HOME)

    settlement = settled(database, pocket)

    assert settlement.lines.select("outcome", "contact_seconds", "started").rows() == [("pay", 1800, MORNING)]
    # 20 ms of the clock, and 100 ppm of ten minutes = 60 ms
    assert explanation(settlement).endswith(
        " The start: clock record 3 of its door places it at 09:00:00 on 7 April 2026 ± 1 s: "
        "the door did not know the time when it was tapped."
    )
    assert settlement.problems.is_empty()


def test_a_battery_that_was_an_hour_wrong_pays_the_visit_that_was_made_and_is_told(database: str, pocket: DoorAtWork) -> None:
    pocket.clock.now, pocket.clock.sync, pocket.clock.error_ms = MORNING + HOUR, "rtc", 301_000
    pocket.agent.begin()
    pocket.sees(HOME)
    pocket.clock.wait(minutes=10)
    pocket.clock.now, pocket.clock.sync, pocket.clock.error_ms = MORNING + timedelta(minutes=10), "ntp", 1_000
    pocket.agent.look_at_clock()
    pocket.clock.wait(minutes=20)
    pocket.sees(HOME)

    settlement = settled(database, pocket)

    assert settlement.lines.select("outcome", "contact_seconds", "started").rows() == [("pay", 1800, MORNING)]
    assert "± 2 s: the door's own clock said 10:00:00 on 7 April 2026 ± 301 s." in explanation(settlement)
    assert settlement.problems.select("kind", "seq").rows() == [("clock_contradicts", 2)]
    assert "The start tap counts as of 09:00:00 on 7 April 2026 ± 2 s, but the door also said 10:00:00" in settlement.problems["says"][0]


def test_a_power_up_that_never_learnt_the_time_places_nothing_though_it_had_a_boot_record(database: str, pocket: DoorAtWork) -> None:
    pocket.clock.sync = "none"  # and the clock stands at the very minute of the visit
    pocket.agent.begin()
    pocket.sees(HOME)
    pocket.clock.wait(minutes=30)
    pocket.sees(HOME)

    settlement = settled(database, pocket)

    assert settlement.lines["outcome"].to_list() == ["refuse"]
    assert settlement.problems["kind"].to_list() == ["no_time", "no_time"]
