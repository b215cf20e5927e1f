"""What does a door say of this machine's clock?"""

import subprocess
import sys
import time
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from calltime_edge import kernel_clock
from calltime_edge.clock import RELEASED, Reading, SystemClock
from calltime_edge.kernel_clock import Looked

MORNING = datetime(2026, 4, 7, 8, 0, tzinfo=UTC)
HALF_A_YEAR = 180 * 86_400  # seconds
COMMON_CRYSTAL = 20  # ppm


def read(now: datetime = MORNING, *, error_ms: int | None = None, took_ms: int = 1, batteries: tuple[datetime, ...] = ()) -> Reading:
    """Read a machine whose kernel says this."""
    looked = Looked(now=now, up_ms=20_000, took_ms=took_ms, error_ms=error_ms)
    return SystemClock(look=lambda: looked, batteries=lambda: batteries).read()


def test_the_time_is_utc_and_now() -> None:
    before = datetime.now(UTC)
    reading = SystemClock().read()

    assert reading.now.utcoffset() == timedelta(0)
    assert before <= reading.now <= datetime.now(UTC)


def test_the_power_up_is_the_same_for_every_process_until_the_machine_restarts() -> None:
    program = "from calltime_edge.clock import SystemClock; print(SystemClock().read().boot)"
    elsewhere = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip()
    ours = SystemClock().read().boot

    assert ours == elsewhere == str(uuid.UUID(ours))


def test_the_uptime_counts_milliseconds_since_then() -> None:
    clock = SystemClock()
    first, began = clock.read().up_ms, time.clock_gettime_ns(time.CLOCK_BOOTTIME)
    second, ended = clock.read().up_ms, time.clock_gettime_ns(time.CLOCK_BOOTTIME)

    assert first <= began // 1_000_000 <= second <= ended // 1_000_000


def test_this_machine_can_be_asked_whatever_its_clock_is_worth() -> None:
    reading = SystemClock().read()

    assert reading.sync in {"none", "rtc", "ntp"}
    assert reading.error_ms == 86_400_000 if reading.sync == "none" else 1_000 < reading.error_ms < 400_000


def test_what_the_kernel_cannot_know_is_added_to_what_it_says() -> None:
    # timesyncd says 0 right after an answer; the way of that answer and corrections without a jump may hide a second.
    reading = read(error_ms=0)

    assert (reading.sync, reading.error_ms) == ("ntp", 1_001)


def test_an_error_that_grows_after_the_time_server_was_lost_is_told() -> None:
    # The kernel adds 500 ppm: after an hour 3,600 s × 500 ppm = 1.8 s
    assert read(error_ms=1_800).error_ms == 1_000 + 1_800 + 1


def test_a_machine_that_stood_still_between_two_looks_says_so() -> None:
    assert read(error_ms=5, took_ms=700).error_ms == 1_000 + 5 + 700


def test_a_clock_that_nothing_disciplines_is_said_to_be_a_day_wrong() -> None:
    reading = read(error_ms=None)

    assert (reading.sync, reading.error_ms) == ("none", 86_400_000)


@pytest.mark.parametrize("now", [datetime(1970, 1, 1, 0, 1, tzinfo=UTC), RELEASED - timedelta(seconds=1)])
def test_a_clock_before_this_software_was_made_knows_nothing_whatever_the_kernel_says(now: datetime) -> None:
    assert read(now, error_ms=3, batteries=(now,)).sync == "none"


def test_a_clock_that_was_set_from_a_battery_backed_one_is_as_wrong_as_that_may_be_and_they_are_apart() -> None:
    battery = MORNING - timedelta(seconds=8)  # the wall clock ran a day without it, 100 ppm too fast

    reading = read(batteries=(battery,))

    assert (reading.sync, reading.error_ms) == ("rtc", 300_000 + 8_000 + 1_000 + 1)
    assert HALF_A_YEAR * 1_000 * COMMON_CRYSTAL // 1_000_000 > 300_000  # where the five minutes come from


def test_a_clock_far_from_the_battery_backed_one_was_not_set_from_it() -> None:
    # The wall clock of yesterday evening, from the file of fake-hwclock or timesyncd
    assert read(MORNING - timedelta(hours=12), batteries=(MORNING,)).sync == "none"


def test_a_battery_that_died_is_no_clock() -> None:
    assert read(batteries=(datetime(2000, 1, 1, tzinfo=UTC),)).sync == "none"


def test_of_two_battery_backed_clocks_the_one_counts_from_which_the_clock_was_set() -> None:
    reading = read(batteries=(datetime(2000, 1, 1, tzinfo=UTC), MORNING - timedelta(minutes=9), MORNING))

    assert (reading.sync, reading.error_ms) == ("rtc", 301_001)


def test_a_battery_backed_clock_is_not_asked_where_a_time_server_is_heard() -> None:
    assert read(error_ms=12, batteries=(MORNING - timedelta(minutes=3),)).sync == "ntp"


def test_battery_backed_clocks_are_read_in_seconds_and_one_that_lost_its_power_is_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, holds in (("rtc0", "1775548800\n"), ("rtc1", "")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "since_epoch").write_text(holds)
    monkeypatch.setattr(kernel_clock, "_RTCS", tmp_path)

    assert list(kernel_clock.batteries()) == [datetime(2026, 4, 7, 8, 0, tzinfo=UTC)]
