"""Does the NFC reader, through nfcpy's own driver, see what is held to a PN532?"""

import threading

import pytest

from calltime_edge.readers.nfc_reader import NfcReader
from calltime_edge.readers.sightings import Card, Held, Sighting, Tag, Unreadable, Why
from calltime_sim.pn532 import Badge, Desfire, Ntag213, Ntag215, Ntag216, Ntag424, SimulatedPn532, Telephone, sun
from calltime_sim.pn532.cards import Card as SimulatedCard
from calltime_sim.pn532.ntag21x import Ntag21x
from fixtures.listening import listening_to

ADDRESS = "https://calltime.example/t/abc?e=1F&c=2E"
HOME = Ntag213(uid=bytes.fromhex("04 A2 31 5A C1 66 80"), address=ADDRESS)
HOME_SEEN = Tag(via="nfc", ref="abc", proof="e=1F&c=2E")
BADGE = Badge(uid=bytes.fromhex("9C 33 10 B2"))
BADGE_SEEN = Card(uid="9C3310B2")
KEYS = sun.Keys(meta_read=bytes(range(16)), file_read=bytes(range(16, 32)))

TOGETHER = Unreadable(via="nfc", why=Why.TOGETHER)
TAKEN_AWAY = Unreadable(via="nfc", why=Why.TAKEN_AWAY)
A_TELEPHONE = Unreadable(via="nfc", why=Why.CHANGING_NUMBER)


def reader_on(chip: SimulatedPn532, *, hold_seconds: float = 0) -> NfcReader:
    return NfcReader(chip.port, hold_seconds=hold_seconds, poll_seconds=0.005)


def damaged() -> Ntag213:
    """Its record says that it is longer than the message that it stands in."""
    tag = Ntag213(uid=HOME.uid, address=ADDRESS)
    tag.memory[tag.memory.index(b"\xd1\x01") + 2] += 9
    return tag


@pytest.mark.parametrize("kind", [Ntag213, Ntag215, Ntag216])
def test_the_address_on_a_tag_is_read(kind: type[Ntag21x]) -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(kind(uid=HOME.uid, address=ADDRESS))
        assert heard.next() == HOME_SEEN


@pytest.mark.parametrize("kind", [Ntag215, Ntag216])
def test_a_long_address_is_read(kind: type[Ntag21x]) -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(kind(uid=HOME.uid, address="https://calltime.example/t/abc?e=" + "5" * 200))
        assert heard.next() == Tag(via="nfc", ref="abc", proof="e=" + "5" * 200)


@pytest.mark.parametrize(
    ("card", "uid"),
    [
        (BADGE, "9C3310B2"),
        (Badge(uid=bytes.fromhex("04 5D 21 7A 90 11 80")), "045D217A901180"),
        (Desfire(uid=bytes.fromhex("04 6E 22 7A 90 11 81")), "046E227A901181"),
        (Ntag213(uid=HOME.uid), "04A2315AC16680"),
        (Ntag216(uid=HOME.uid), "04A2315AC16680"),
        (Ntag424(uid=bytes.fromhex("04 DE 5F 1E AC C0 40")), "04DE5F1EACC040"),
    ],
)
def test_a_card_without_an_address_is_a_badge(card: SimulatedCard, uid: str) -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(card)
        assert heard.next() == Card(uid=uid)


def test_a_tag_that_proves_itself_is_read_once_for_each_time_that_it_is_held_there() -> None:
    tag = Ntag424(uid=bytes.fromhex("04 DE 5F 1E AC C0 40"), address="https://calltime.example/t/abc", keys=KEYS, counter=60)
    with SimulatedPn532() as chip, listening_to(reader_on(chip, hold_seconds=60)) as heard:
        for counter in (61, 62, 63):
            chip.present(tag)
            seen = heard.next()
            assert isinstance(seen, Tag)
            assert seen.ref == "abc"
            assert seen.proof is not None
            assert sun.verify(seen.proof, KEYS) == sun.Tapped(uid=tag.uid, counter=counter)
            chip.wait_until_noticed(looks=10)
            assert tag.counter == counter
            chip.remove()
            chip.wait_until_noticed()
        assert heard.nothing_more()


def test_a_tag_that_stays_is_one_sighting() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(HOME)
        assert heard.next() == HOME_SEEN
        chip.wait_until_noticed(looks=10)
        assert heard.nothing_more()


def test_a_tag_that_was_taken_away_and_comes_back_is_two_sightings() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        for _ in range(2):
            chip.present(HOME)
            assert heard.next() == HOME_SEEN
            chip.remove()
            chip.wait_until_noticed()


def test_a_badge_and_right_after_it_the_tag_of_the_home() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(BADGE)
        assert heard.next() == BADGE_SEEN
        chip.present(HOME)
        assert heard.next() == HOME_SEEN


@pytest.mark.parametrize(
    ("tag", "why"),
    [(Ntag213(uid=HOME.uid, address="https://www.example.com/offers"), Why.NO_ADDRESS), (damaged(), Why.DAMAGED)],
)
def test_a_tag_that_is_none_of_ours_or_damaged_is_unreadable(tag: Ntag213, why: Why) -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(tag)
        assert heard.next() == Unreadable(via="nfc", why=why)


def test_a_telephone_with_a_new_number_at_each_look_is_told_once() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(Telephone())
        assert heard.next() == A_TELEPHONE
        chip.wait_until_noticed(looks=10)
        assert heard.nothing_more()


def test_two_cards_in_one_purse_are_nobodys_tap_until_one_of_them_is_held_there_alone() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(BADGE, Desfire(uid=bytes.fromhex("04 6E 22 7A 90 11 81")))
        assert heard.next() == TOGETHER
        chip.present(BADGE)
        chip.wait_until_noticed(looks=10)
        assert heard.nothing_more()
        chip.remove()
        chip.wait_until_noticed()
        chip.present(BADGE)
        assert heard.next() == BADGE_SEEN


def test_a_card_that_comes_beside_one_that_was_tapped_is_told() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(BADGE)
        assert heard.next() == BADGE_SEEN
        chip.present(BADGE, HOME)
        assert heard.next() == TOGETHER
        chip.wait_until_noticed(looks=10)
        assert heard.nothing_more()


class ComesWithAnother(Badge):
    """A badge in a purse: the other card comes into the field while this one is read."""

    sel_res = bytes.fromhex("00")

    def __init__(self, chip: SimulatedPn532, other: SimulatedCard) -> None:
        super().__init__(uid=BADGE.uid)
        self._chip, self._other = chip, other

    def answer(self, command: bytes) -> bytes:
        self._chip.present(self, self._other)
        return super().answer(command)


def test_a_card_is_nobodys_tap_when_another_one_has_come_while_it_was_read() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(ComesWithAnother(chip, HOME))
        assert heard.next() == TOGETHER
        chip.wait_until_noticed(looks=10)
        assert heard.nothing_more()


def test_a_badge_in_the_case_of_a_telephone_counts() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(Telephone(), BADGE)
        assert heard.next() == BADGE_SEEN
        chip.present(Telephone())
        chip.wait_until_noticed(looks=10)
        assert heard.nothing_more()


@pytest.mark.parametrize(("card", "seen"), [(BADGE, BADGE_SEEN), (HOME, HOME_SEEN)])
def test_what_is_held_there_long_enough_is_told_once_more(card: SimulatedCard, seen: Tag | Card) -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip, hold_seconds=0.05)) as heard:
        chip.present(card)
        assert [heard.next(), heard.next()] == [seen, Held(seen=seen)]
        chip.wait_until_noticed(looks=20)
        assert heard.nothing_more()


@pytest.mark.parametrize(("card", "seen"), [(Telephone(), A_TELEPHONE), (damaged(), Unreadable(via="nfc", why=Why.DAMAGED))])
def test_what_cannot_be_used_is_not_told_once_more_however_long_it_is_held_there(card: SimulatedCard, seen: Sighting) -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip, hold_seconds=0.001)) as heard:
        chip.present(card)
        assert heard.next() == seen
        chip.wait_until_noticed(looks=20)
        assert heard.nothing_more()


@pytest.mark.parametrize("exchanges", [1, 3, 5])
@pytest.mark.parametrize("tag", [HOME, Ntag424(uid=bytes.fromhex("04 DE 5F 1E AC C0 40"), address="https://calltime.example/t/abc")])
def test_a_tag_that_is_taken_away_half_read_is_no_badge(tag: SimulatedCard, exchanges: int) -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(tag, vanish_after=exchanges)
        assert heard.next() == TAKEN_AWAY


class AnswersOddly(Badge):
    """Says that it speaks ISO/IEC 14443-4, and answers with too little."""

    sel_res = bytes.fromhex("20")

    def answer(self, command: bytes) -> bytes:  # noqa: ARG002 - whatever it is
        return bytes.fromhex("02 00 A5 5A")


def test_a_card_whose_answers_make_no_sense_is_still_a_badge_and_takes_no_reader_away() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(AnswersOddly(uid=BADGE.uid))
        assert heard.next() == BADGE_SEEN


def test_a_reader_that_is_told_to_stop_before_it_starts_sees_nothing() -> None:
    stop = threading.Event()
    stop.set()
    with SimulatedPn532() as chip:
        chip.present(HOME)
        assert list(reader_on(chip).sightings(stop, lambda _: None)) == []


def test_nobody_waits_for_ever_for_a_reader_that_does_not_run() -> None:
    with SimulatedPn532() as chip, pytest.raises(TimeoutError, match="Is a reader running on it"):
        chip.wait_until_noticed(timeout=0.01)
