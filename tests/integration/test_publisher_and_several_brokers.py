"""Does a door that knows several brokers use whichever serves, and leave one by which nothing is answered?"""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from calltime_edge import calling
from calltime_edge.checking import link
from calltime_edge.outbox import Outbox
from calltime_edge.publisher import Patience, Publisher
from calltime_sim.services.mosquitto import Mosquitto
from calltime_sim.services.service import free_port
from fixtures.doors import DOOR, enrolled
from fixtures.guarded_brokers import AskingMosquitto
from fixtures.missing_parts import need
from fixtures.publishers import HASTY, PATIENT, fill, make_publisher, publishing, status_of, wait_until_receipted
from fixtures.scripted_gateway import ScriptedGateway
from fixtures.waiting import wait_until

SECRET = "correct horse"
SOON_ELSEWHERE = Patience(receipt=0.2, reconnect=0.05, longest=10)


@pytest.fixture
def two(tmp_path: Path) -> Iterator[tuple[Mosquitto, Mosquitto]]:
    """Two brokers that share nothing."""
    need(Mosquitto)
    with Mosquitto(tmp_path / "one") as one, Mosquitto(tmp_path / "two") as other:
        yield one, other


def urls(*brokers: Mosquitto) -> str:
    return ", ".join(broker.url for broker in brokers)


def used(publisher: Publisher) -> list[str]:
    return [address for address, state in publisher.brokers.items() if state == "in use"]


def test_brokers_that_are_away_cost_nothing_but_a_call(outbox: Outbox, mosquitto: Mosquitto) -> None:
    away = {f"mqtt://127.0.0.1:{free_port()}" for _ in range(3)}
    fill(outbox, 3)
    with (
        ScriptedGateway(mosquitto, answers_every=1),
        publishing(make_publisher(outbox, ", ".join([*away, mosquitto.url]), patience=PATIENT)) as publisher,
    ):
        wait_until_receipted(outbox)

        assert used(publisher) == [mosquitto.url]
        assert {publisher.brokers[each] for each in away} <= {"unreachable", "not called yet"}


def test_when_its_broker_is_lost_a_door_goes_on_by_the_other_and_stays_there(outbox: Outbox, two: tuple[Mosquitto, Mosquitto]) -> None:
    with (
        ScriptedGateway(two[0], answers_every=1),
        ScriptedGateway(two[1], answers_every=1),
        publishing(make_publisher(outbox, urls(*two))) as publisher,
    ):
        wait_until(lambda: used(publisher), within=10, what="the first connection")
        first, other = two if used(publisher) == [two[0].url] else two[::-1]
        first.kill()
        fill(outbox, 3)
        publisher.nudge()
        wait_until_receipted(outbox)
        first.start()
        fill(outbox, 3)
        publisher.nudge()
        wait_until_receipted(outbox)

        assert publisher.brokers == {other.url: "in use", first.url: "lost"}


def test_a_broker_that_answers_while_no_receipt_comes_by_it_is_left_with_a_goodbye(
    outbox: Outbox, two: tuple[Mosquitto, Mosquitto], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO, "calltime_edge")
    cut_off, reached = two
    with (
        ScriptedGateway(cut_off) as silent,
        ScriptedGateway(reached, answers_every=1),
        publishing(make_publisher(outbox, urls(*two), patience=SOON_ELSEWHERE)) as publisher,
    ):
        wait_until(lambda: used(publisher), within=10, what="the first connection")
        if used(publisher) == [reached.url]:  # where it begins is left to chance
            reached.kill()
            wait_until(lambda: used(publisher) == [cut_off.url], within=10, what="the other connection")
            reached.start()
        fill(outbox, 3)
        publisher.nudge()
        wait_until(lambda: used(publisher) == [reached.url], within=10, what="the door to leave the silent broker")

        assert publisher.brokers[cut_off.url] == "no receipt"
        assert silent.arrived[:6] == [1, 2, 3, 1, 2, 3]
        wait_until(lambda: silent.statuses[-1].online is False, within=5, what="the goodbye")
    assert "no receipt came by this broker, again" in caplog.text


def test_while_all_are_cut_off_the_next_one_gets_it_once_and_a_door_sends_as_seldom_as_with_one_broker(
    outbox: Outbox, two: tuple[Mosquitto, Mosquitto]
) -> None:
    fill(outbox, 3)
    with ScriptedGateway(two[0]) as one, ScriptedGateway(two[1]) as another:
        began = time.monotonic()
        with publishing(make_publisher(outbox, urls(*two), patience=SOON_ELSEWHERE)):
            wait_until(lambda: min(len(one.arrived), len(another.arrived)) == 6, within=20, what="two visits to each")
            took = time.monotonic() - began
            first, second = sorted((one, another), key=lambda gateway: -len(gateway.arrived))

            assert first.arrived == [1, 2, 3] * 3  # sent, sent again, and once more when its turn came again
            assert second.arrived == [1, 2, 3] * 2
    assert took > SOON_ELSEWHERE.receipt * sum(1.5**again for again in range(4))


def test_a_single_broker_is_never_left(outbox: Outbox, mosquitto: Mosquitto) -> None:
    fill(outbox, 2)
    with ScriptedGateway(mosquitto) as silent, publishing(make_publisher(outbox, mosquitto.url, patience=HASTY)) as publisher:
        silent.wait_for(10)

        assert used(publisher) == [mosquitto.url]
    assert silent.statuses[:-1] == [status for status in silent.statuses[:-1] if status.online]


def test_a_door_lets_itself_in_with_the_password_of_its_enrolment_and_says_that_it_is_read_on_the_way(
    outbox: Outbox, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    need(Mosquitto)
    caplog.set_level(logging.DEBUG)
    fill(outbox, 3)
    with AskingMosquitto(tmp_path / "mosquitto", username=DOOR.device, password=SECRET) as broker, ScriptedGateway(broker, answers_every=1):
        whose = replace(enrolled(broker=broker.asking_url), password=SECRET)
        publisher = Publisher(enrolled=whose, outbox=outbox, status=status_of(outbox), patience=PATIENT)
        with publishing(publisher):
            wait_until_receipted(outbox)
        [found] = [finding for finding in link.link(calling.callers(whose)[0], "auto") if finding.what == "broker"]

    assert found.well
    assert "the password goes to" in caplog.text
    assert SECRET not in caplog.text + repr(vars(publisher))
