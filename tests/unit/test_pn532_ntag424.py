"""Does the simulated NTAG 424 DNA let its files be read, and count as a real one does?"""

import pytest

from calltime_sim.pn532 import sun
from calltime_sim.pn532.cards import Speech
from calltime_sim.pn532.ntag424 import Ntag424

UID = bytes.fromhex("04 DE 5F 1E AC C0 40")
ADDRESS = "https://calltime.example/t/abc"
SELECT_APPLICATION = "00 A4 04 00 07 D2 76 00 00 85 01 01 00"
SELECT_CONTAINER, SELECT_NDEF = "00 A4 00 0C 02 E1 03", "00 A4 00 0C 02 E1 04"
OK = "90 00"


def tag(*, counter: int = 0) -> Ntag424:
    return Ntag424(uid=UID, address=ADDRESS, counter=counter, padding=lambda size: bytes(size))


def said(speech: Speech, command: str) -> str:
    return speech(bytes.fromhex(command)).hex(" ").upper()


def tapped(by: Ntag424) -> sun.Tapped | None:
    """Read the whole file in one activation, as a telephone does."""
    speech = by.awaken()
    for command in (SELECT_APPLICATION, SELECT_NDEF):
        assert said(speech, command) == OK
    length = int.from_bytes(speech(bytes.fromhex("00 B0 00 00 02"))[:2], "big")
    message = speech(bytes.fromhex("00 B0 00 02") + bytes([length]))[:-2]
    assert message[:5] == bytes([0xD1, 0x01, length - 4, 0x55, 0x04])
    return sun.verify("https://" + message[5:].decode(), by.keys)


def test_the_address_carries_a_message_that_verifies() -> None:
    assert tapped(tag(counter=60)) == sun.Tapped(uid=UID, counter=61)


def test_the_counter_goes_on_when_the_tag_is_presented_again() -> None:
    presented = tag()
    assert [tapped(presented), tapped(presented)] == [sun.Tapped(uid=UID, counter=1), sun.Tapped(uid=UID, counter=2)]


def test_several_reads_in_a_row_count_once_and_any_other_command_ends_the_row() -> None:
    counted = tag()
    speech = counted.awaken()
    for command in (SELECT_APPLICATION, SELECT_NDEF, "00 B0 00 00 02", "00 B0 00 02 10", "00 B0 00 00 00"):
        speech(bytes.fromhex(command))
    assert counted.counter == 1

    speech(bytes.fromhex(SELECT_NDEF))
    assert counted.counter == 1
    speech(bytes.fromhex("00 B0 00 00 02"))
    assert counted.counter == 2


def test_the_container_is_read_without_counting() -> None:
    read = tag()
    speech = read.awaken()
    said(speech, SELECT_APPLICATION)
    said(speech, SELECT_CONTAINER)
    assert said(speech, "00 B0 00 00 0F") == "00 17 20 01 00 00 FF 04 06 E1 04 01 00 00 00 90 00"
    assert read.counter == 0


def test_a_file_can_be_named_in_the_read_itself() -> None:
    speech = tag().awaken()
    said(speech, SELECT_APPLICATION)
    assert said(speech, "00 B0 83 00 02") == "00 17 90 00"
    assert said(speech, "00 B0 84 02 02") == "D1 01 90 00"
    assert said(speech, "00 B0 85 00 02") == "6A 82"


@pytest.mark.parametrize(
    ("command", "status"),
    [
        ("00", "67 00"),
        ("00 A4 04 00 07 D2 76 00 00 85 01 00 00", "6A 82"),
        ("00 A4 04 00 08 D2 76", "67 00"),
        ("00 A4 01 00 02 E1 04", "6A 86"),
        (SELECT_NDEF, "6A 82"),
        ("00 B0 00 00 02", "69 85"),
        ("00 B0 83 00 02", "6A 82"),
        ("00 B0 00 00", "67 00"),
        ("00 D6 00 00 01 00", "6D 00"),
        ("80 CA 00 00 00", "6E 00"),
        ("90 71 00 00 02 00 00 00", "91 1C"),
    ],
)
def test_what_is_wrong_or_not_simulated_is_refused_with_its_status(command: str, status: str) -> None:
    assert said(tag().awaken(), command) == status


def test_reading_beyond_the_end_is_refused_and_not_counted() -> None:
    read = tag()
    speech = read.awaken()
    for command in (SELECT_APPLICATION, SELECT_NDEF):
        said(speech, command)
    assert said(speech, "00 B0 01 00 01") == "6A 86"
    assert read.counter == 0


def test_a_new_activation_has_nothing_selected() -> None:
    presented = tag()
    tapped(presented)
    assert said(presented.awaken(), "00 B0 00 00 02") == "69 85"


def test_the_version_comes_in_three_parts_and_the_last_holds_the_uid() -> None:
    speech = tag().awaken()
    assert said(speech, "90 60 00 00 00") == "04 04 02 30 00 11 05 91 AF"
    assert said(speech, "90 AF 00 00 00") == "04 04 02 01 02 11 05 91 AF"
    assert said(speech, "90 AF 00 00 00") == "04 DE 5F 1E AC C0 40 BA 45 30 11 22 07 26 91 00"
    assert said(speech, "90 AF 00 00 00") == "91 1C"


def test_a_tag_without_an_address_holds_an_empty_message() -> None:
    assert Ntag424(uid=UID).ndef_file() == bytes(256)


def test_an_address_that_has_a_query_keeps_it() -> None:
    held = Ntag424(uid=UID, address="https://h/t/abc?v=1").ndef_file()
    assert b"h/t/abc?v=1&e=" in held


def test_an_address_that_does_not_fit_is_refused_when_the_tag_is_made() -> None:
    with pytest.raises(ValueError, match="Use a shorter host or tag id"):
        Ntag424(uid=UID, address="https://h/" + "0" * 250)
