"""Which version of MQTT does a door try, and when another?"""

from calltime_edge.broker_choice import VersionChoice
from calltime_edge.broker_link import Version


def tried(choice: VersionChoice, times: int) -> list[Version]:
    """The versions of so many calls in a row that nobody answers."""
    versions: list[Version] = []
    for _ in range(times):
        versions.append(choice.current)
        choice.unanswered()
    return versions


def test_a_broker_that_never_answers_is_called_in_both_in_turn() -> None:
    assert tried(VersionChoice("auto"), 4) == ["5", "3.1.1", "5", "3.1.1"]


def test_a_version_that_has_worked_comes_first_from_then_on() -> None:
    choice = VersionChoice("auto")
    tried(choice, 1)
    choice.answered()

    assert choice.current == "3.1.1"


def test_a_broker_that_is_only_slow_to_come_back_is_no_reason_to_change() -> None:
    choice = VersionChoice("auto")
    choice.answered()

    assert tried(choice, 5) == ["5", "5", "5", "3.1.1", "5"]


def test_who_asked_for_one_version_gets_no_other() -> None:
    assert tried(VersionChoice("3.1.1"), 3) == ["3.1.1"] * 3
    assert tried(VersionChoice("5"), 3) == ["5"] * 3
