"""Does the NFC reader, through nfcpy's own driver, see what is held to a PN532?"""

import threading
from pathlib import Path

import pytest

from calltime_edge.readers.nfc_reader import NfcReader
from calltime_edge.readers.sightings import Card, ReaderGone, Tag, Unreadable, Why
from calltime_sim.pn532 import Badge, Ntag213, SimulatedPn532
from calltime_sim.scanner import SimulatedScanner
from fixtures.listening import listening_to

HOME = Ntag213(uid=bytes.fromhex("04 A2 31 5A C1 66 80"), address="https://calltime.example/t/abc?e=1F&c=2E")
HOME_SEEN = Tag(via="nfc", ref="abc", proof="e=1F&c=2E")


def reader_on(chip: SimulatedPn532) -> NfcReader:
    return NfcReader(chip.port, poll_seconds=0.005)


def test_the_address_on_a_tag_is_read() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(HOME)
        assert heard.next() == HOME_SEEN


@pytest.mark.parametrize("uid", ["9C 33 10 B2", "04 5D 21 7A 90 11 80"])
def test_a_card_without_an_address_is_a_badge(uid: str) -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(Badge(uid=bytes.fromhex(uid)))
        assert heard.next() == Card(uid=uid.replace(" ", ""))


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


def test_a_badge_and_then_the_tag_of_the_home() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(Badge(uid=bytes.fromhex("9C 33 10 B2")))
        assert heard.next() == Card(uid="9C3310B2")
        chip.present(HOME)
        assert heard.next() == HOME_SEEN


def test_a_tag_with_some_other_address_is_unreadable() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(Ntag213(uid=HOME.uid, address="https://www.example.com/offers"))
        sighting = heard.next()
        assert isinstance(sighting, Unreadable)
        assert sighting.why is Why.NO_ADDRESS


def test_a_telephone_with_a_new_number_at_each_look_is_told_once() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(Badge(uid=bytes.fromhex("08 11 22 33")))
        sighting = heard.next()
        assert isinstance(sighting, Unreadable)
        assert sighting.why is Why.CHANGING_NUMBER
        chip.present(Badge(uid=bytes.fromhex("08 44 55 66")))
        chip.wait_until_noticed()
        assert heard.nothing_more()


class TornAway:
    """A tag that is taken out of the field for good before its last pages were read."""

    uid, sens_res, sel_res = HOME.uid, HOME.sens_res, HOME.sel_res

    def __init__(self, chip: SimulatedPn532) -> None:
        self._chip = chip

    def answer(self, command: bytes) -> bytes:
        if command == bytes.fromhex("30 08"):
            self._chip.remove()
            return b""
        return HOME.answer(command)


def test_a_tag_that_is_taken_away_half_read_is_no_badge() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.present(TornAway(chip))
        sighting = heard.next()
        assert isinstance(sighting, Unreadable)
        assert sighting.why is Why.TAKEN_AWAY


def test_an_unplugged_reader_is_gone_with_a_sentence() -> None:
    with SimulatedPn532() as chip, listening_to(reader_on(chip)) as heard:
        chip.wait_until_noticed()
        chip.unplug()
        gone = heard.next()
        assert isinstance(gone, ReaderGone)
        assert gone.says.startswith(f"The NFC reader at {chip.port} does not answer (")
        assert gone.says.endswith("Until it answers, nobody can tap here by NFC.")


def test_a_port_that_is_not_there_is_a_reader_gone(tmp_path: Path) -> None:
    with listening_to(NfcReader(str(tmp_path / "ttyUSB0"))) as heard:
        assert isinstance(heard.next(), ReaderGone)


def test_a_port_with_something_else_on_it_is_a_reader_gone() -> None:
    with SimulatedScanner() as scanner, listening_to(NfcReader(scanner.port)) as heard:
        assert isinstance(heard.next(), ReaderGone)


def test_a_reader_that_was_stopped_can_be_started_again() -> None:
    with SimulatedPn532() as chip:
        chip.present(HOME)
        for _ in range(2):
            with listening_to(reader_on(chip)) as heard:
                assert heard.next() == HOME_SEEN


def test_a_reader_that_is_told_to_stop_before_it_starts_sees_nothing() -> None:
    stop = threading.Event()
    stop.set()
    with SimulatedPn532() as chip:
        chip.present(HOME)
        assert list(reader_on(chip).sightings(stop, lambda: None)) == []


def test_nobody_waits_for_ever_for_a_reader_that_does_not_run() -> None:
    with SimulatedPn532() as chip, pytest.raises(TimeoutError, match="Is a reader running on it"):
        chip.wait_until_noticed(timeout=0.01)
