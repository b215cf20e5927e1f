"""Do a few ranges say the same as a mark on each number?"""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from calltime_edge.outbox_ranges import Range, Settled, count_open, open_between, settle, state_of, store_through, stored_through

END = 30
number = st.integers(min_value=1, max_value=END)
news = st.one_of(
    st.tuples(st.just("through"), st.integers(min_value=0, max_value=END), st.just(0)),
    st.tuples(st.sampled_from(["beyond a gap", "quarantined", "missing"]), number, number),
)


@given(st.lists(news, max_size=12), number, number)
def test_ranges_and_marks_agree_whatever_comes_in_whatever_order(told: list[tuple[str, int, int]], first: int, last: int) -> None:
    marks = dict.fromkeys(range(1, END + 1), "waiting")
    ranges: Settled = ()
    for what, one, other in told:
        if what == "through":
            ranges = store_through(ranges, one)
            marks |= dict.fromkeys(range(1, one + 1), "stored")
        else:
            low, high = min(one, other), max(one, other)
            ranges = settle(ranges, Range(first=low, last=high, state=what))  # type: ignore[arg-type]
            marks |= {seq: what for seq in range(low, high + 1) if marks[seq] == "waiting"}

    assert {seq: state_of(ranges, seq) for seq in marks} == marks
    waiting = [seq for seq, state in marks.items() if state == "waiting"]
    assert count_open(ranges, END) == len(waiting)
    spread = [seq for low, high in open_between(ranges, first, last) for seq in range(low, high + 1)]
    assert spread == [seq for seq in waiting if first <= seq <= last]
    assert stored_through(ranges) == max((seq for seq in marks if all(marks[each] == "stored" for each in range(1, seq + 1))), default=0)
    assert all(one.last < other.first for one, other in pairwise(ranges))
    assert all(one.state != other.state or one.last + 1 < other.first for one, other in pairwise(ranges))
