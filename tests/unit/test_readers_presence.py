"""Is one presentation one presentation, however the card flickers?"""

from calltime_edge.readers.presence import Presence
from calltime_edge.readers.sightings import MISSES_UNTIL_GONE


def new_among(looks: str) -> str:
    """Which of the looks count as new; a letter is a card, a dot an empty look."""
    presence = Presence()
    return "".join(look if presence.newly_there(None if look == "." else look.encode()) else "-" for look in looks)


def test_a_card_that_stays_is_new_once() -> None:
    assert new_among("AAAA") == "A---"


def test_a_card_that_is_missed_now_and_then_was_not_taken_away() -> None:
    assert MISSES_UNTIL_GONE == 3
    assert new_among("AA..A.A..A") == "A---------"


def test_a_card_that_was_taken_away_is_new_when_it_comes_back() -> None:
    assert new_among("AA...A") == "A----A"


def test_another_card_is_new_at_once() -> None:
    assert new_among("AAB") == "A-B"


def test_two_cards_on_one_key_ring_are_new_once_each() -> None:
    assert new_among("ABABABAAB") == "AB-------"
