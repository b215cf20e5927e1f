"""Which broker does a door call next, when does it rest, and as whom does it call?"""

from dataclasses import replace
from pathlib import Path

import pytest

from calltime_edge import calling
from calltime_edge.broker_choice import BrokerChoice
from calltime_edge.broker_link import NotLetIn
from fixtures.doors import DOOR, enrolled

THREE = "mqtt://a, mqtts://b, mqtt://c"
UNREACHABLE = NotLetIn(why="unreachable", says="")
UNANSWERED = NotLetIn(why="no answer", says="")


def choice(brokers: str = THREE) -> BrokerChoice:
    return BrokerChoice(calling.callers(enrolled(broker=brokers)), "auto")


def host(brokers: BrokerChoice) -> str:
    return brokers.current.caller.broker.host


def test_a_round_is_over_when_each_was_called_once_and_then_the_first_comes_again() -> None:
    brokers = choice()
    called = [(host(brokers), brokers.move_on()) for _ in range(6)]

    assert called == [("a", False), ("b", False), ("c", True), ("a", False), ("b", False), ("c", True)]


def test_after_one_that_served_each_of_the_others_is_called_before_a_rest() -> None:
    brokers = choice()
    brokers.move_on()
    brokers.has_served()

    assert [(host(brokers), brokers.move_on()) for _ in range(3)] == [("b", False), ("c", False), ("a", True)]


def test_one_broker_alone_is_a_round_each_time() -> None:
    brokers = choice("mqtt://a")

    assert not brokers.several
    assert [brokers.move_on() for _ in range(3)] == [True, True, True]


def test_each_broker_has_its_own_version() -> None:
    brokers = choice()
    brokers.current.did_not_let_in(UNANSWERED)
    versions = [brokers.current.versions.current]
    brokers.move_on()
    versions.append(brokers.current.versions.current)

    assert versions == ["3.1.1", "5"]


def test_why_one_does_not_serve_is_news_once_until_it_has_served() -> None:
    broker = choice().current

    assert [broker.did_not_let_in(UNREACHABLE) for _ in range(2)] == [True, False]
    assert broker.did_not_let_in(UNANSWERED)
    broker.let_in()
    assert broker.did_not_let_in(UNANSWERED)


def test_people_are_told_how_each_is() -> None:
    brokers = choice()
    brokers.current.did_not_let_in(UNREACHABLE)
    brokers.move_on()
    brokers.current.let_in()

    assert brokers.states == {"mqtt://a:1883": "unreachable", "mqtts://b:8883": "in use", "mqtt://c:1883": "not called yet"}


def test_a_door_calls_with_its_own_id_and_the_password_of_its_enrolment() -> None:
    callers = calling.callers(replace(enrolled(broker=THREE), password="correct horse"))

    assert {(each.username, each.password, each.password_file) for each in callers} == {(DOOR.device, "correct horse", None)}
    assert [each.tells_a_password_openly for each in callers] == [True, False, True]
    assert "correct horse" not in repr(callers)


@pytest.mark.parametrize(
    ("username", "file", "called"),
    [
        ("door", Path("/secret"), ("door", None, Path("/secret"))),
        (None, Path("/secret"), (DOOR.device, None, Path("/secret"))),
        ("door", None, ("door", None, None)),
    ],
)
def test_what_the_settings_name_stands_instead(username: str | None, file: Path | None, called: tuple[object, ...]) -> None:
    whose = replace(enrolled(broker="mqtts://b"), password="correct horse")
    [caller] = calling.callers(whose, username=username, password_file=file)

    assert (caller.username, caller.password, caller.password_file) == called


def test_nobody_is_named_where_no_password_is_known() -> None:
    [caller] = calling.callers(enrolled(broker="mqtt://b"))

    assert caller.username is None
    assert not caller.tells_a_password_openly
