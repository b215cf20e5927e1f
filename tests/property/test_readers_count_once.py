"""Whatever lies on a reader, and in whichever order it is seen: does it count once, and only alone?"""

from hypothesis import given
from hypothesis import strategies as some

from calltime_edge.readers.presence import Came, Presence, Stayed, Together
from calltime_edge.readers.sightings import MISSES_UNTIL_GONE

CARDS = (b"A", b"B", b"C")
looks_at_cards = some.lists(some.frozensets(some.sampled_from(CARDS), max_size=2), max_size=60)


@given(looks_at_cards)
def test_a_card_counts_alone_and_again_only_after_it_was_away(looks: list[frozenset[bytes]]) -> None:
    presence = Presence(hold_seconds=2)
    misses = dict.fromkeys(CARDS, MISSES_UNTIL_GONE)
    answered: set[bytes] = set()
    stayed: set[bytes] = set()
    for at, seen in enumerate(looks):
        misses = {card: 0 if card in seen else misses[card] + 1 for card in CARDS}
        there = {card for card in CARDS if misses[card] < MISSES_UNTIL_GONE}
        answered, stayed = answered & there, stayed & there
        for event in presence.look(seen, at):
            match event:
                case Came(card=card):
                    assert seen == there == {card}
                    assert card not in answered
                    assert presence.settle(card, at)
                    answered.add(card)
                case Stayed(card=card):
                    assert seen == there == {card}
                    assert card in answered - stayed
                    stayed.add(card)
                case Together():
                    assert len(there) > 1
                    answered, stayed = there, there
