"""Does the gateway count what happened, and say in words what keeps it from working?"""

from __future__ import annotations

from datetime import timedelta

import pytest

from calltime_gateway import judging
from calltime_gateway.figures import Figures
from calltime_gateway.judging import Judged
from calltime_wire.admission import Claimed
from calltime_wire.broker_address import parse
from calltime_wire.records import Clock
from calltime_wire.refusals import Reason, Refused
from fixtures.plain_doors import BOOT, MORNING, Door

ADDRESS = parse("mqtts://broker.example.org")


def claimed(door: Door, said: str) -> Claimed:
    result = judging.read(door.topic, said.encode()).result
    assert isinstance(result, Claimed)
    return result


def value(figures: Figures, name: str, **labels: str) -> float | None:
    return figures.registry.get_sample_value(f"calltime_gateway_{name}", labels)


def test_a_batch_is_counted_by_what_became_of_its_letters() -> None:
    door, figures = Door("door"), Figures()
    boot, tap, again = (claimed(door, said) for said in (door.boot(), door.tap(), door.tap()))
    rubbish = judging.read(door.topic, b"rubbish")
    assert isinstance(rubbish.result, Refused)

    figures.kept(Judged(new=(boot, tap), known=(again,), refused=((rubbish, rubbish.result),)), received_at=MORNING, seconds=0.03)

    assert [value(figures, "accepted_total", kind=kind) for kind in ("tap", "boot", "clock")] == [1, 1, 0]
    assert value(figures, "duplicates_total") == 1
    assert value(figures, "quarantined_total", reason="malformed") == 1
    assert value(figures, "batch_records_sum") == 4
    assert (value(figures, "keep_seconds_bucket", le="0.02"), value(figures, "keep_seconds_bucket", le="0.05")) == (0, 1)


def test_every_reason_is_there_before_anything_happened() -> None:
    figures = Figures()

    assert [value(figures, "quarantined_total", reason=reason.value) for reason in Reason] == [0] * len(Reason)


def test_late_news_has_its_place_and_a_tap_without_a_time_has_none() -> None:
    door, figures = Door("door"), Figures()
    late = claimed(door, door.tap(at=MORNING))
    untimed = claimed(door, door.tap(at=MORNING, clock=Clock(boot=BOOT, up_ms=1, sync="none", error_ms=0)))
    ahead = claimed(door, door.tap(at=MORNING + timedelta(days=3)))

    figures.kept(Judged(new=(late, untimed, ahead), known=(), refused=()), received_at=MORNING + timedelta(days=2), seconds=0.25)

    assert value(figures, "lag_seconds_count") == 2
    assert value(figures, "lag_seconds_sum") == pytest.approx(2 * 86_400 + 2 * 0.25)  # the one ahead counts as no time at all
    assert value(figures, "lag_seconds_bucket", le="86400") == 1
    assert value(figures, "lag_seconds_bucket", le="345600") == 2


def test_a_gateway_is_ready_when_one_broker_and_the_database_are_there() -> None:
    figures, other = Figures(), parse("mqtt://other.example.org:1884")

    assert len(figures.trouble()) == 2
    figures.broker(ADDRESS, connected=False)
    figures.database(there=True)
    [says] = figures.trouble()
    assert says.startswith("No broker is connected (mqtts://broker.example.org:8883): no letter comes in")
    figures.broker(other, connected=True)
    assert figures.trouble() == ()
    assert value(figures, "broker_connected", broker="mqtts://broker.example.org:8883") == 0
    assert value(figures, "broker_connected", broker="mqtt://other.example.org:1884") == 1
    figures.database(there=False)
    assert "The database cannot be used" in figures.trouble()[0]


def test_no_figure_of_unreceipted_doors_is_shown_when_nobody_knows_it() -> None:
    figures = Figures()
    assert value(figures, "doors_unreceipted") is None

    figures.unreceipted(3)
    assert value(figures, "doors_unreceipted") == 3

    figures.unreceipted(None)
    assert value(figures, "doors_unreceipted") is None


def test_no_figure_names_a_door() -> None:
    door, figures = Door("door"), Figures()
    figures.kept(Judged(new=(claimed(door, door.tap()),), known=(), refused=()), received_at=MORNING, seconds=0.1)
    figures.let_go(7)
    figures.waiting(lambda: 9)

    samples = [sample for metric in figures.registry.collect() for sample in metric.samples]

    assert (value(figures, "let_go_total"), value(figures, "waiting_letters")) == (7, 9)
    assert {label for sample in samples for label in sample.labels} <= {"kind", "reason", "broker", "le", "version"}
