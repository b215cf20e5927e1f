"""Does the NFC reader, through nfcpy's own driver for the ACR122U, see what is held to it?"""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from calltime_edge.readers.nfc_reader import NfcReader
from calltime_edge.readers.nfc_usb import acr122u
from calltime_edge.readers.sightings import Card, Held, ReaderGone, Sighting, Tag, Unreadable, Why
from calltime_sim.acr122u import Fault, SimulatedAcr122u
from calltime_sim.pn532 import Badge, Desfire, Ntag213, Ntag424
from calltime_sim.pn532.cards import Card as SimulatedCard
from fixtures.listening import Heard, listening_to

HOME = Ntag213(uid=bytes.fromhex("04 A2 31 5A C1 66 80"), address="https://calltime.example/t/abc")
BADGE = Badge(uid=bytes.fromhex("9C 33 10 B2"))


def reader_on(usb: SimulatedAcr122u, *, hold_seconds: float = 0) -> NfcReader:
    return NfcReader("usb", opening=partial(acr122u, plugged=usb.plugged), hold_seconds=hold_seconds, poll_seconds=0.005)


@contextmanager
def listening() -> Iterator[tuple[SimulatedAcr122u, Heard]]:
    usb = SimulatedAcr122u()
    with listening_to(reader_on(usb)) as heard:
        yield usb, heard


@pytest.mark.parametrize(
    ("card", "seen"),
    [
        (HOME, Tag(via="nfc", ref="abc")),
        (BADGE, Card(uid="9C3310B2")),
        (Desfire(uid=bytes.fromhex("04 5D 21 7A 90 11 80")), Card(uid="045D217A901180")),
    ],
)
def test_cards_and_tags_are_read(card: SimulatedCard, seen: Sighting) -> None:
    with listening() as (usb, heard):
        usb.present(card)
        assert heard.next() == seen


def test_a_tag_that_proves_itself_is_read_once_for_each_time_that_it_is_held_there() -> None:
    tag = Ntag424(uid=bytes.fromhex("04 DE 5F 1E AC C0 40"), address="https://calltime.example/t/abc", counter=60)
    with listening() as (usb, heard):
        for counter in (61, 62):
            usb.present(tag)
            seen = heard.next()
            assert isinstance(seen, Tag)
            assert seen.proof is not None
            assert tag.counter == counter
            usb.remove()
            usb.wait_until_noticed()


def test_two_cards_together_are_refused() -> None:
    with listening() as (usb, heard):
        usb.present(BADGE, HOME)
        assert heard.next() == Unreadable(via="nfc", why=Why.TOGETHER)


def test_a_badge_that_is_held_there_waits() -> None:
    usb = SimulatedAcr122u()
    with listening_to(reader_on(usb, hold_seconds=0.05)) as heard:
        usb.present(BADGE)
        assert [heard.next(), heard.next()] == [Card(uid="9C3310B2"), Held(seen=Card(uid="9C3310B2"))]


def test_it_must_not_beep_by_itself() -> None:
    with listening() as (usb, heard):
        usb.wait_until_noticed()
        assert heard.states == ["ready"]
        assert not usb.beeps_by_itself


def test_without_one_the_reader_is_gone() -> None:
    usb = SimulatedAcr122u()
    usb.is_plugged = False
    with listening_to(reader_on(usb)) as heard:
        gone = heard.next()
    assert isinstance(gone, ReaderGone)
    assert gone.state == "gone"
    assert gone.says.startswith("The NFC reader at usb does not answer (no ACR122U is plugged in). Check that it is plugged in")


def test_one_that_is_pulled_out_is_gone_and_is_let_go_so_that_it_can_be_found_again() -> None:
    usb = SimulatedAcr122u()
    for _ in range(2):
        with listening_to(reader_on(usb)) as heard:
            usb.wait_until_noticed()
            usb.is_plugged = False
            gone = heard.next()
        assert isinstance(gone, ReaderGone)
        assert gone.state == "gone"
        assert not usb.is_open
        usb.is_plugged = True
        usb.remove()


def test_one_that_another_program_holds_is_gone_and_stays_with_that_program() -> None:
    usb = SimulatedAcr122u()
    usb.is_open = True
    with listening_to(reader_on(usb)) as heard:
        gone = heard.next()
    assert isinstance(gone, ReaderGone)
    assert gone.state == "gone"
    assert "busy" in gone.says
    assert usb.is_open


def test_of_two_the_first_free_one_is_opened() -> None:
    held, free = SimulatedAcr122u(), SimulatedAcr122u()
    held.is_open = True
    both = partial(acr122u, plugged=lambda place: held.plugged(place) + free.plugged(place))
    with listening_to(NfcReader("usb", opening=both, poll_seconds=0.005)) as heard:
        free.present(BADGE)
        assert heard.next() == Card(uid="9C3310B2")


@pytest.mark.parametrize(("fault", "state"), [("silent", "silent"), ("cut short", "babbling"), ("babbling", "babbling")])
def test_one_that_falls_silent_or_babbles_says_so_and_comes_back(fault: Fault, state: str) -> None:
    usb = SimulatedAcr122u()
    with listening_to(reader_on(usb)) as heard:
        usb.wait_until_noticed()
        usb.fault = fault
        gone = heard.next()
        assert isinstance(gone, ReaderGone)
        assert gone.state == state
    usb.fault = "none"
    usb.present(BADGE)
    with listening_to(reader_on(usb)) as heard:
        assert heard.next() == Card(uid="9C3310B2")


@pytest.mark.parametrize(
    "odd",
    [SimulatedAcr122u(firmware=b"ACR122U"), SimulatedAcr122u(firmware=b"ACR122U1xx"), SimulatedAcr122u(product_name=None)],
)
def test_one_that_introduces_itself_oddly_is_a_reader_gone_and_is_let_go(odd: SimulatedAcr122u) -> None:
    with listening_to(reader_on(odd)) as heard:
        assert isinstance(heard.next(), ReaderGone)
    assert not odd.is_open
