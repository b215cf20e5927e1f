"""Is what the gateway works out by itself of a door that goes on the same as what the whole record would say?"""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from calltime_gateway.progress import Progress, follow, reach

through = st.integers(min_value=0, max_value=20)


@given(through, st.sets(st.integers(min_value=1, max_value=40)))
def test_a_door_with_nothing_beyond_its_chain_is_followed_without_a_look_into_the_record(through: int, new: set[int]) -> None:
    before = Progress(through=through, digest=b"before" if through else None, also=())

    after = follow(before, {seq: str(seq).encode() for seq in new}, at_most=100)

    assert after.through == reach(through, stored=[(seq, seq) for seq in new], lost=())
    assert after.digest == (str(after.through).encode() if after.through > through else before.digest)
    assert {seq for first, last in after.also for seq in range(first, last + 1)} == {seq for seq in new if seq > after.through}
    assert all(first <= last < following - 1 for (first, last), (following, _) in pairwise(after.also))
