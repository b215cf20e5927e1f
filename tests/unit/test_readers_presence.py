"""Is one presentation one presentation, however the card flickers and whatever lies beside it?"""

import pytest

from calltime_edge.readers.presence import CHANGING, REMEMBERED_SECONDS, Came, Event, Left, Presence, Stayed, Together
from calltime_edge.readers.sightings import MISSES_UNTIL_GONE

LETTERS: dict[type[Event], str] = {Came: "", Together: "!", Stayed: "h", Left: "x"}


def told(looks: str, *, torn: str = "", hold: float = 0) -> str:
    """What is told at each look, one a second.

    Looks are set apart by blanks: letters are cards, `t` is a telephone, a dot is nothing. What comes is settled at once, but for `torn`.
    Told is the letter of the card that came, `!` together, `h` stayed, `x` left before it was read, a dash nothing.
    """
    presence = Presence(hold_seconds=hold)
    return " ".join(told_at(presence, [card for card in look if card != "."], at, torn) for at, look in enumerate(looks.split()))


def told_at(presence: Presence, seen: list[str], at: float, torn: str = "") -> str:
    heard = ""
    for event in presence.look([CHANGING if card == "t" else card.encode() for card in seen], at):
        if isinstance(event, Came):
            name = "t" if event.card == CHANGING else event.card.decode()
            heard += name
            if name not in torn:
                assert presence.settle(event.card, at)
        heard += LETTERS[type(event)]
    return heard or "-"


@pytest.mark.parametrize(
    ("why", "looks", "heard"),
    [
        ("a card that stays comes once", "A A A A", "A - - -"),
        ("a card that is missed now and then was not taken away", "A A . . A . A . . A", "A - - - - - - - - -"),
        ("a card that was taken away comes again", "A . . . A", "A - - - A"),
        ("the next card waits until the last one is gone", "A B B B B", "A - - B -"),
        ("two cards together are told once, and neither counts", "AB AB A B AB", "! - - - -"),
        ("what is left of two together does not count when the other one is pulled out first", "AB A A A A A", "! - - - - -"),
        ("after both were taken away, one of them alone counts", "AB . . . A", "! - - - A"),
        ("a card that comes beside one that has its answer is told", "A AB B B B B", "A ! - - - -"),
        ("two that answer in turns are two together", "A B A B A B", "A - ! - - -"),
        ("a third card beside two that were told is told again", "AB ABC", "! !"),
        ("a telephone comes once, whatever its number", "t t . t", "t - - -"),
        ("a badge in the case of a telephone counts, and the telephone is not told off", "At At t t t t", "A - - - - -"),
        ("a badge that comes beside a telephone counts", "t At At", "t A -"),
    ],
)
def test_what_is_told(why: str, looks: str, heard: str) -> None:
    assert told(looks) == heard, why


def test_a_card_is_gone_when_it_was_missed_three_times_in_a_row() -> None:
    assert MISSES_UNTIL_GONE == 3


def test_a_card_that_could_not_be_read_comes_at_each_look_until_it_is_gone() -> None:
    assert told("A A . A . . . .", torn="A") == "A A - A - - x -"


def test_a_card_that_could_not_be_read_and_another_one_are_together_when_both_are_seen() -> None:
    assert told("A AB . . . .", torn="A") == "A ! - - - -"


def test_a_card_that_came_alone_and_is_seen_beside_another_before_it_has_its_answer_gets_none() -> None:
    presence = Presence(hold_seconds=0)
    assert presence.look([b"A"], 0) == [Came(card=b"A")]
    assert presence.look([b"A", b"B"], 1) == [Together()]
    assert not presence.settle(b"A", 1)


def test_a_card_that_stays_is_told_once_after_so_many_seconds() -> None:
    assert told("A A A A A A", hold=3) == "A - - h - -"


def test_a_card_that_flickers_stays_when_it_is_seen_again() -> None:
    assert told("A . . A . A", hold=2) == "A - - h - -"


def test_nothing_stays_where_nobody_may_hold() -> None:
    assert told("A A A A A A", hold=0) == "A - - - - -"


def test_a_card_that_was_taken_away_begins_to_stay_anew() -> None:
    assert told("A A . . . A A A A", hold=3) == "A - - - - A - - h"


def test_what_lay_beside_another_never_stays() -> None:
    assert told("AB AB AB AB A A A A", hold=2) == "! - - - - - - -"


def test_a_badge_stays_beside_a_telephone() -> None:
    assert told("At At At At", hold=3) == "A - - h"


def test_a_card_that_still_lies_there_when_a_lost_reader_is_found_was_not_presented_again() -> None:
    presence = Presence(hold_seconds=0)
    assert told_at(presence, ["A"], 0) == "A"
    assert told_at(presence, ["A"], REMEMBERED_SECONDS) == "-"


def test_a_reader_that_was_lost_for_long_begins_anew() -> None:
    presence = Presence(hold_seconds=0)
    assert told_at(presence, ["A"], 0) == "A"
    assert told_at(presence, ["A"], REMEMBERED_SECONDS + 1) == "A"
