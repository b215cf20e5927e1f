"""Does a door's progress move over what was declared lost, and over nothing else?"""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as some

from calltime_gateway.progress import Range, reach


@pytest.mark.parametrize(
    ("through", "stored", "lost", "reached"),
    [
        (0, [], [], 0),
        (5, [], [(6, 9)], 5),
        (0, [(1, 3)], [], 3),
        (3, [(5, 9)], [], 3),
        (0, [(6, 6)], [(1, 5)], 6),
        (0, [(8, 8)], [(2, 3), (5, 7)], 0),
        (0, [(1, 1), (4, 4), (8, 8)], [(2, 3), (5, 7)], 8),
        (0, [(1, 1), (4, 4), (8, 8)], [(2, 3), (5, 6)], 4),
        (4, [(6, 7)], [(3, 5)], 7),
        (0, [(3, 4)], [(1, 5)], 4),
        (0, [(9, 9)], [(1, 4), (1, 8)], 9),
    ],
)
def test_progress_ends_at_the_last_stored_record_before_the_first_open_number(
    through: int, stored: list[Range], lost: list[Range], reached: int
) -> None:
    assert reach(through, stored=stored, lost=lost) == reached


ranges = some.lists(some.tuples(some.integers(1, 30), some.integers(0, 6)).map(lambda pair: (pair[0], pair[0] + pair[1])), max_size=8)


@given(some.integers(0, 10), ranges, ranges)
def test_progress_is_what_one_finds_by_counting(through: int, stored: list[Range], lost: list[Range]) -> None:
    held = {*range(1, through + 1)} | {seq for first, last in stored for seq in range(first, last + 1)}
    closed = held | {seq for first, last in lost for seq in range(first, last + 1)}
    upto = next(seq for seq in range(through, 100) if seq + 1 not in closed)

    assert reach(through, stored=stored, lost=lost) == max((seq for seq in held if seq <= upto), default=0)
