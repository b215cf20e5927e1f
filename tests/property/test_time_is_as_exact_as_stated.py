"""Is every tap where it is said to have been, to within the error that is stated, whatever happens to the door's clock?

The real agent with the real judgement of the clock writes real records into a real outbox; the office's own retiming reads them. Only the
crystal, the time server, the power and the hand that sets the clock are played.
"""

import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeAlias

import polars as pl
from hypothesis import given
from hypothesis import strategies as some

from calltime_edge.agent import Agent
from calltime_edge.answers import Answer
from calltime_edge.outbox import Outbox
from calltime_edge.readers.sightings import Card
from calltime_server.visits.retiming import CLOCKS, SAID, retime
from calltime_wire import base64url, records
from calltime_wire.records import Record, Tap
from fixtures.doors import DOOR, enrolled
from fixtures.drifting_clocks import DriftingClock

NINETEEN_SEVENTY = datetime(1970, 1, 1, 0, 0, 20, tzinfo=UTC)
FROM_A_FILE = datetime(2026, 4, 6, 22, 0, tzinfo=UTC)
SECOND, HOUR, DAY = 1_000, 3_600_000, 86_400_000

Event: TypeAlias = Callable[["LivedThrough"], None]


class LivedThrough:
    """A door, and what truly happened at it."""

    def __init__(self, folder: Path, *, ppm: int, wall: datetime) -> None:
        self.clock = DriftingClock(ppm=ppm, wall=wall)
        self.outbox = Outbox(folder / "outbox.sqlite")
        self.truths: list[datetime] = []
        self.start()

    def start(self) -> None:
        """Start the agent, as after each power cut."""
        self.agent = Agent(
            enrolled=enrolled(home="H7"), signer=DOOR, outbox=self.outbox, clock=self.clock, feedback=self, recorded=lambda: None
        )
        self.agent.begin()

    def tap(self) -> None:
        """Somebody new comes each time, so that every tap is a record."""
        self.truths.append(self.clock.truth)
        self.agent.handle(Card(uid=f"04{len(self.truths):06X}"))

    def show(self, answer: Answer) -> None:
        """Be the carer."""

    def records(self) -> list[Record]:
        """What the door wrote, in order."""
        written = self.outbox.waiting(after=0, at_most=10_000)
        return [records.decode(base64url.decode(compact.split(".")[1])) for _, compact in written]


def wait(milliseconds: int) -> Event:
    return lambda door: door.clock.wait(milliseconds)


def hear(off_ms: int) -> Event:
    return lambda door: door.clock.hear_time_server(off_ms=off_ms)


def set_by_hand(milliseconds: int) -> Event:
    return lambda door: door.clock.be_set_by_hand(timedelta(milliseconds=milliseconds))


def power_cut(wall: datetime, battery_ahead_ms: int | None) -> Event:
    def cut(door: LivedThrough) -> None:
        ahead = None if battery_ahead_ms is None else timedelta(milliseconds=battery_ahead_ms)
        door.clock.power_cut(wall, battery_ahead=ahead)
        door.start()

    return cut


def up_to(most: int) -> some.SearchStrategy[int]:
    """From -most to most, and often at an end: there a bound that is too small shows."""
    return some.one_of(some.sampled_from([-most, most]), some.integers(-most, most))


WALLS = some.sampled_from([NINETEEN_SEVENTY, FROM_A_FILE])
HAPPENS = some.one_of(
    some.sampled_from([5 * SECOND, HOUR, 10 * HOUR, 4 * DAY]).map(wait),
    some.integers(1, 4 * DAY).map(wait),
    up_to(500).map(hear),
    up_to(500).map(hear),
    some.just(lambda door: door.clock.lose_time_server()),
    up_to(2 * DAY).map(set_by_hand),
    some.builds(power_cut, WALLS, some.one_of(some.none(), up_to(299 * SECOND))),
)
EVENTS = some.tuples(HAPPENS, some.booleans(), some.booleans())
"""What happens, whether the door looks at its clock after it, and whether somebody taps then."""


def frames(written: list[Record]) -> tuple[pl.DataFrame, pl.DataFrame]:
    """What the gateway stores and the office reads: SAID and CLOCKS."""
    said, clocks = [], []
    for record in written:
        clock = record.data.clock
        if isinstance(record, Tap):
            known = {"device": "d", "seq": record.data.seq, "time": record.at, "boot": clock.boot, "up_ms": clock.up_ms}
            arrived = {"sync": clock.sync, "error_ms": clock.error_ms, "received_at": datetime(2027, 1, 1, tzinfo=UTC)}
            said.append(known | arrived)
        elif clock.sync != "none":
            clocks.append(("d", clock.boot, record.data.seq, clock.up_ms, record.at, clock.error_ms))
    rows = [{name: row.get(name) for name in SAID.names()} for row in said]
    return pl.DataFrame(rows, schema=SAID), pl.DataFrame(clocks, schema=CLOCKS, orient="row")


@given(up_to(100), WALLS, some.lists(EVENTS, max_size=20))
def test_every_tap_that_can_be_placed_is_within_its_stated_error_of_the_truth(
    ppm: int, wall: datetime, events: list[tuple[Event, bool, bool]]
) -> None:
    with tempfile.TemporaryDirectory() as folder:
        door = LivedThrough(Path(folder), ppm=ppm, wall=wall)
        door.tap()
        for happens, looks, taps in events:
            happens(door)
            if looks:
                door.agent.look_at_clock()
            if taps:
                door.tap()
        said, clocks = frames(door.records())
        door.outbox.close()
    placed = retime(said, clocks).sort("seq")
    told_the_time = set(clocks["boot"])

    assert placed.height == len(door.truths)
    for row, truth in zip(placed.iter_rows(named=True), door.truths, strict=True):
        if row["sync"] == "none" and row["boot"] not in told_the_time:
            assert row["time"] is None  # never guessed
        else:
            assert abs(row["time"] - truth) <= timedelta(milliseconds=row["error_ms"])
        assert row["doubt"] is None  # a clock that is honest about its error never contradicts itself


def test_four_days_in_a_drawer_are_placed_to_within_36_seconds() -> None:
    with tempfile.TemporaryDirectory() as folder:
        door = LivedThrough(Path(folder), ppm=-100, wall=NINETEEN_SEVENTY)
        door.tap()
        door.clock.wait(4 * DAY)
        door.clock.hear_time_server(off_ms=300)
        door.agent.look_at_clock()
        said, clocks = frames(door.records())
        door.outbox.close()
    [row] = retime(said, clocks).iter_rows(named=True)

    # 1,000 ms, and 100 ppm of four days by a clock that counts too little of them: 345,600 s × 0.9999 ÷ 10,000 = 34,557 ms
    assert row["error_ms"] == 35_557
    assert abs(row["time"] - door.truths[0]) == timedelta(milliseconds=34_560 + 300)
