"""Whatever a scanner types as a keyboard: is the same text read?"""

import string

from hypothesis import given
from hypothesis import strategies as some

from calltime_edge.readers.hid_keys import DOWN, KEYS, Keys
from calltime_sim.hid_scanner import strokes

texts = some.text(some.sampled_from(string.ascii_letters + string.digits + string.punctuation + " \r"))
REPEATED = 2


@given(texts)
def test_any_text_of_an_american_keyboard_is_read_as_it_was_typed(text: str) -> None:
    keys = Keys()

    assert b"".join(keys.typed(*stroke) for stroke in strokes(text)) == text.encode()


@given(texts, some.lists(some.sampled_from(sorted(KEYS))))
def test_keys_that_repeat_by_themselves_change_nothing(text: str, repeating: list[int]) -> None:
    keys = Keys()
    for key in repeating:
        assert keys.typed(key, REPEATED) == b""

    assert b"".join(keys.typed(*stroke) + keys.typed(stroke[0], REPEATED) for stroke in strokes(text)) == text.encode()


@given(some.lists(some.tuples(some.integers(0, 0x2FF), some.integers(0, 2))))
def test_whatever_keys_come_each_types_one_byte_at_most(events: list[tuple[int, int]]) -> None:
    keys = Keys()

    assert all(len(keys.typed(*event)) <= (event[1] == DOWN) for event in events)
