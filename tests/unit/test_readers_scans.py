"""Which scans are told of what a scanner types, and when does it babble?"""

import pytest

from calltime_edge.readers.scans import AGAIN_SECONDS, UNENDED_SECONDS, Scans
from calltime_edge.readers.sightings import Sighting, Tag, Unreadable, Why

HOME = b"https://calltime.example/t/abc\r"
HOME_SEEN = Tag(via="qr", ref="abc")
BABBLE = Unreadable(via="qr", why=Why.BABBLE)


def seen_by(scans: Scans, *typed: tuple[float, bytes]) -> list[Sighting]:
    return [sighting for at, lot in typed for sighting in scans.feed(lot, at)]


def test_the_same_code_many_times_a_second_is_one_scan_however_long_it_lasts() -> None:
    assert seen_by(Scans(), *((at / 4, HOME) for at in range(80))) == [HOME_SEEN]


def test_the_same_code_after_a_pause_is_another_scan() -> None:
    assert seen_by(Scans(), (0, HOME), (AGAIN_SECONDS, HOME)) == [HOME_SEEN, HOME_SEEN]


def test_two_codes_in_turns_are_one_scan_each() -> None:
    other = b"https://calltime.example/t/xyz\r"
    assert seen_by(Scans(), *((at / 4, HOME + other) for at in range(20))) == [HOME_SEEN, Tag(via="qr", ref="xyz")]


def test_a_code_of_many_lines_that_is_none_of_ours_is_told_once() -> None:
    assert seen_by(Scans(), (0, b"BEGIN:VCARD\r\nFN:M. Miller\r\nEND:VCARD\r\n")) == [Unreadable(via="qr", why=Why.NO_ADDRESS)]


@pytest.mark.parametrize("typed", [b"\xfe\x80\xc3\x28\r", b"\x00\x00\x1c\x00\r", b"ab\x7fc\r"])
def test_what_is_no_text_is_babble(typed: bytes) -> None:
    scans = Scans()
    assert seen_by(scans, (0, typed)) == [BABBLE]
    assert scans.babbling


def test_text_in_another_language_is_no_babble() -> None:
    scans = Scans()
    assert seen_by(scans, (0, "Croeso i’r tŷ\r".encode())) == [Unreadable(via="qr", why=Why.NO_ADDRESS)]
    assert not scans.babbling


def test_babble_is_told_once_while_it_lasts() -> None:
    assert seen_by(Scans(), *((at, bytes([0x80 + at, 0x0D])) for at in range(30))) == [BABBLE]


def test_a_clean_line_ends_the_babble_also_when_it_was_scanned_just_before() -> None:
    scans = Scans()
    assert seen_by(scans, (0, HOME), (1, b"\xff\r"), (2, HOME)) == [HOME_SEEN, BABBLE]
    assert not scans.babbling


def test_a_line_that_never_ends_is_babble_after_a_pause_and_half_an_address_is_never_a_tag() -> None:
    scans = Scans()
    assert seen_by(scans, (0, HOME[:-1]), (UNENDED_SECONDS, b"")) == []
    assert seen_by(scans, (UNENDED_SECONDS + 0.1, b""), (9, HOME)) == [BABBLE, HOME_SEEN]


def test_a_line_that_comes_a_byte_at_a_time_is_one_scan() -> None:
    assert seen_by(Scans(), *((place * 0.5, HOME[place : place + 1]) for place in range(len(HOME)))) == [HOME_SEEN]
