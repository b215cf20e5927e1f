"""Which records go out, and when again? On a clock of our own, in seconds."""

import pytest

from calltime_edge.outbox import Outbox
from calltime_edge.window import Window
from calltime_wire import base64url, jws
from calltime_wire.receipts import Receipt
from fixtures.doors import DOOR
from fixtures.publishers import fill


@pytest.fixture
def window(outbox: Outbox) -> Window:
    return Window(outbox, size=4, receipt_within=10, longest=60)


def numbers(records: list[tuple[int, str]]) -> list[int]:
    return [seq for seq, _ in records]


def receipt(outbox: Outbox, through: int) -> Receipt:
    compact = dict(outbox.waiting(after=through - 1, at_most=1))[through]
    return Receipt(device=DOOR.device, through=through, digest=base64url.encode(jws.digest(compact)))


def test_no_more_than_the_window_and_no_more_than_the_broker_wants(outbox: Outbox, window: Window) -> None:
    fill(outbox, 6)

    assert numbers(window.take(0, at_most=3)) == [1, 2, 3]
    assert numbers(window.take(0, at_most=3)) == [4]
    assert numbers(window.take(0, at_most=3)) == []
    outbox.take_receipt(receipt(outbox, 3))
    window.receipted(1)
    assert numbers(window.take(1, at_most=0)) == []
    assert numbers(window.take(1, at_most=9)) == [5, 6]


def test_nothing_is_overdue_when_nothing_is_under_way(outbox: Outbox, window: Window) -> None:
    assert window.overdue_in(0) is None
    fill(outbox, 1)
    window.take(100, at_most=9)
    assert window.overdue_in(104) == 6
    outbox.take_receipt(receipt(outbox, 1))
    window.receipted(105)

    assert window.overdue_in(105) is None


def test_what_has_no_receipt_goes_again_and_is_waited_for_longer_each_time_up_to_a_bound(outbox: Outbox, window: Window) -> None:
    fill(outbox, 2)
    now, waited = 0.0, []
    for _ in range(6):
        assert numbers(window.take(now, at_most=9)) == [1, 2]
        waited.append(round(window.overdue_in(now) or 0, 6))
        now += waited[-1] + 0.001
        assert window.overdue_in(now) == 0
        window.start_again(now)

    assert waited[0] == 10
    assert 15 <= waited[1] <= 25
    assert waited == sorted(waited)
    assert waited[-1] == 60


def test_a_receipt_that_covers_nothing_new_buys_no_time(outbox: Outbox, window: Window) -> None:
    fill(outbox, 2)
    window.take(0, at_most=9)
    outbox.take_receipt(receipt(outbox, 1))
    window.receipted(4)
    for _ in range(100):  # the same again, as a broker may deliver it
        window.receipted(9)

    assert window.overdue_in(9) == 5


def test_sending_was_in_vain_once_it_came_to_sending_again_or_when_it_was_at_another_broker(outbox: Outbox, window: Window) -> None:
    fill(outbox, 1)
    window.take(0, at_most=9)
    before = window.in_vain
    window.start_again(10)

    assert (before, window.in_vain) == (False, True)
    assert Window(outbox, size=4, receipt_within=10, longest=60, patience=window.longer()).in_vain


def test_patience_that_was_brought_along_is_kept_until_a_receipt_covers_something(outbox: Outbox) -> None:
    fill(outbox, 2)
    window = Window(outbox, size=4, receipt_within=10, longest=60, patience=40)
    window.take(0, at_most=9)
    assert window.overdue_in(0) == 40
    window.start_again(40)
    window.take(40, at_most=9)
    assert window.in_vain

    outbox.take_receipt(receipt(outbox, 1))
    window.receipted(45)

    assert window.overdue_in(45) == 10
    assert not window.in_vain
