"""Does every door have its turn, however many letters another sends? And is nothing forgotten that must be acknowledged?"""

from __future__ import annotations

import logging
import threading
from collections import Counter

import pytest

from calltime_gateway.letters import CALM_AFTER, IN_ALL, PER_DOOR, PER_FLOOD, Letter, Letters
from fixtures.gateway_lines import LineOnPaper
from fixtures.plain_doors import Door


class Office:
    """Letters, with a clock that is set by hand and a count of what was let go."""

    def __init__(self) -> None:
        self.let_go, self.now = 0, 0.0
        self.letters = Letters(count_let_go=self._count, monotonic=lambda: self.now)
        self.line = LineOnPaper()

    def say(self, door: Door, *numbers: int) -> None:
        self.letters.put([self.line.letter(door.topic, str(number)) for number in numbers])

    def take(self, at_most: int) -> list[Letter]:
        return self.letters.take(at_most=at_most, within=0)

    def _count(self, number: int) -> None:
        self.let_go += number


def said(letters: list[Letter], door: Door) -> list[int]:
    return [int(letter.payload) for letter in letters if letter.topic == door.topic]


def test_a_door_with_many_letters_keeps_none_waiting_that_has_few() -> None:
    office, busy, quiet, quieter = Office(), Door("busy"), Door("quiet"), Door("quieter")
    office.say(busy, *range(400))
    office.say(quiet, 1, 2)
    office.say(quieter, 1)
    batch = office.take(at_most=100)

    assert (said(batch, quiet), said(batch, quieter)) == ([1, 2], [1])
    assert said(batch, busy) == list(range(97))  # what the others leave, in order
    assert said(office.take(at_most=1000), busy) == list(range(97, 400))
    assert len(office.letters) == 0


def test_with_more_doors_than_a_batch_holds_each_has_its_turn() -> None:
    office, doors = Office(), [Door(str(number)) for number in range(25)]
    for door in doors:
        office.say(door, 1, 2, 3, 4)
    turns = Counter(letter.topic for _ in range(5) for letter in office.take(at_most=10))

    assert set(turns.values()) == {2}
    assert len(turns) == 25


def test_of_a_flood_what_is_too_much_is_acknowledged_counted_and_never_taken(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "calltime_gateway")
    office, flood, honest = Office(), Door("flood"), Door("honest")
    for start in range(0, 3000, 100):
        office.say(flood, *range(start, start + 100))
    office.say(honest, 1)

    assert office.let_go == 3000 - PER_DOOR
    assert [letter.done for letter in office.line.done] == [True] * office.let_go
    assert said(office.take(at_most=10), honest) == [1]
    assert said(office.take(at_most=5000), flood)[-1] == PER_DOOR - 1
    assert [record.device for record in caplog.records] == [flood.device]  # type: ignore[attr-defined]


def test_a_door_that_has_flooded_gets_less_room_until_it_has_calmed_down() -> None:
    office, flood = Office(), Door("flood")
    office.say(flood, *range(PER_DOOR + 1))
    office.take(at_most=PER_DOOR)
    office.say(flood, *range(200))
    assert len(office.take(at_most=1000)) == PER_FLOOD

    office.now += CALM_AFTER
    office.take(at_most=1)
    office.say(flood, *range(200))
    assert len(office.take(at_most=1000)) == 200


def test_a_flood_is_told_once_when_it_begins_and_once_when_it_is_over(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "calltime_gateway")
    office, flood = Office(), Door("flood")
    for _ in range(5):
        office.say(flood, *range(PER_DOOR + 1))
        office.take(at_most=PER_DOOR)
        office.now += CALM_AFTER / 2
    office.now += CALM_AFTER
    office.take(at_most=1)

    assert [record.message for record in caplog.records] == [
        "a door sends more than can be kept; what is too much is let go until it sends less",
        "a door that sent too much has calmed down",
    ]


def test_what_comes_on_no_doors_topic_shares_one_queue() -> None:
    office, honest = Office(), Door("honest")
    office.letters.put([office.line.letter(f"calltime/v1/nobody-{number}/records", b"rubbish") for number in range(1000)])
    office.say(honest, 1)

    assert office.let_go == 1000 - PER_DOOR
    assert said(office.take(at_most=2), honest) == [1]


def test_a_door_that_sends_again_in_an_outage_is_no_flood_and_takes_no_more_room(caplog: pytest.LogCaptureFixture) -> None:
    office, honest = Office(), Door("honest")
    office.say(honest, *range(200))
    first = office.take(at_most=2000)  # under way while the database is away
    for _ in range(4):
        office.say(honest, *range(200))

    assert (len(first), len(office.letters), office.let_go) == (200, 200, 0)
    assert len(office.line.done) == 600  # in their turn, so after the ones that wait
    assert caplog.records == []
    assert said(office.take(at_most=2000), honest) == list(range(200))
    office.say(honest, 1)
    assert said(office.take(at_most=10), honest) == [1]


def test_a_copy_is_kept_that_comes_by_another_line_or_after_the_first_is_lost() -> None:
    office, door, other = Office(), Door("a door"), LineOnPaper()
    office.say(door, 1)
    office.letters.put([other.letter(door.topic, "1")])
    assert len(office.letters) == 2

    office.letters.forget(office.line)
    office.say(door, 1)
    assert said(office.take(at_most=10), door) == [1, 1]
    assert other.done == office.line.done == []


def test_of_all_doors_together_no_more_wait_than_memory_is_meant_for() -> None:
    office = Office()
    for number in range(2 * IN_ALL // 100):
        office.say(Door(str(number)), *range(100))

    assert len(office.letters) == IN_ALL
    assert office.let_go == IN_ALL


def test_what_a_lost_line_brought_is_forgotten_and_what_others_brought_is_not() -> None:
    office, door, other = Office(), Door("a door"), LineOnPaper()
    office.say(door, 1, 2)
    office.letters.put([other.letter(door.topic, "3")])
    office.letters.forget(office.line)

    assert len(office.letters) == 1
    assert said(office.take(at_most=10), door) == [3]


def test_whoever_waits_for_a_letter_is_woken_by_the_first() -> None:
    office, door = Office(), Door("a door")
    taken: list[Letter] = []
    waiting = threading.Thread(target=lambda: taken.extend(office.letters.take(at_most=10, within=60)))
    waiting.start()
    office.say(door, 1)
    waiting.join(30)

    assert said(taken, door) == [1]
