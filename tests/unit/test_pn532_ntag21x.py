"""Do the simulated NTAG tags hold and say what real ones do?"""

import pytest

from calltime_sim.pn532.cards import with_crc_a
from calltime_sim.pn532.ntag21x import Ntag21x, Ntag213, Ntag215, Ntag216

UID = bytes.fromhex("04 A2 31 5A C1 66 80")
ADDRESS = "https://calltime.example/t/abc"
DONE, REFUSED = b"\x0a", b"\x00"


def tag() -> Ntag213:
    return Ntag213(uid=UID, address=ADDRESS)


def pages(of: Ntag21x, first: int, last: int) -> str:
    return bytes(of.memory[first * 4 : last * 4 + 4]).hex(" ").upper()


def said(by: Ntag21x, command: str) -> bytes:
    return by.answer(bytes.fromhex(command))


@pytest.mark.parametrize(("data", "sent"), [("00 00", "00 00 A0 1E"), ("12 34", "12 34 26 CF")])
def test_crc_a_comes_out_as_in_the_examples_of_the_standard(data: str, sent: str) -> None:
    assert with_crc_a(bytes.fromhex(data)) == bytes.fromhex(sent)


@pytest.mark.parametrize(
    ("kind", "count", "capability", "settings"),
    [
        (Ntag213, 45, "E1 10 12 00", "00 00 00 BD 04 00 00 FF 00 05 00 00 00 00 00 00 00 00 00 00"),
        (Ntag215, 135, "E1 10 3E 00", "00 00 00 BD 04 00 00 FF 00 05 00 00 00 00 00 00 00 00 00 00"),
        (Ntag216, 231, "E1 10 6D 00", "00 00 00 BD 04 00 00 FF 00 05 00 00 00 00 00 00 00 00 00 00"),
    ],
)
def test_each_tag_has_its_own_size_and_says_so(kind: type[Ntag21x], count: int, capability: str, settings: str) -> None:
    made = kind(uid=UID, address=ADDRESS)
    assert made.pages == count
    assert pages(made, 0, 2) == "04 A2 31 1F 5A C1 66 80 7D 48 00 00"
    assert pages(made, 3, 3) == capability
    assert pages(made, count - 5, count - 1) == settings


@pytest.mark.parametrize(("kind", "size"), [(Ntag213, "0F"), (Ntag215, "11"), (Ntag216, "13")])
def test_the_version_tells_them_apart(kind: type[Ntag21x], size: str) -> None:
    assert said(kind(uid=UID), "60")[:-2] == bytes.fromhex(f"00 04 04 02 01 00 {size} 03")


def test_the_address_stands_behind_the_lock_control_as_one_short_record() -> None:
    assert pages(tag(), 4, 7) == "01 03 A0 0C 34 03 1B D1 01 17 55 04 63 61 6C 6C"
    assert bytes(tag().memory[32:55]) == b"time.example/t/abc\xfe\x00\x00\x00\x00"


def test_a_larger_tag_begins_with_the_message() -> None:
    assert pages(Ntag215(uid=UID, address=ADDRESS), 4, 5) == "03 1B D1 01 17 55 04 63"


def test_a_blank_tag_holds_an_empty_message() -> None:
    assert pages(Ntag213(uid=UID), 4, 6) == "01 03 A0 0C 34 03 00 FE 00 00 00 00"
    assert pages(Ntag216(uid=UID), 4, 4) == "03 00 FE 00"


def test_four_pages_are_read_at_once_and_the_first_follows_the_last() -> None:
    memory = bytes(tag().memory)
    assert said(tag(), "30 04") == with_crc_a(memory[16:32])
    assert said(tag(), "30 2C") == with_crc_a(memory[176:180] + memory[:12])


def test_any_run_of_pages_is_read_fast() -> None:
    assert said(tag(), "3A 00 2C") == with_crc_a(bytes(tag().memory))
    assert said(tag(), "3A 03 03") == with_crc_a(bytes.fromhex("E1 10 12 00"))


@pytest.mark.parametrize(
    "command", ["30 2D", "30", "1A 00", "A2 2D 00 00 00 00", "A2 01 00 00 00 00", "A2 04 00", "3A 05 04", "3A 00 2D", "3C 00", ""]
)
def test_what_the_tag_does_not_do_is_refused(command: str) -> None:
    assert said(tag(), command) == REFUSED


def test_what_is_written_stays_there() -> None:
    written = tag()
    assert said(written, "A2 27 61 62 63 64") == DONE
    assert pages(written, 39, 39) == "61 62 63 64"


def test_the_old_way_of_writing_takes_four_bytes_of_sixteen() -> None:
    written = tag()
    assert said(written, "A0 27") == DONE
    assert said(written, "61 62 63 64" + "00" * 12) == DONE
    assert pages(written, 39, 39) == "61 62 63 64"


def test_a_bit_of_locks_or_capability_that_is_set_stays_set() -> None:
    written = tag()
    said(written, "A2 02 FF FF 0F 00")
    said(written, "A2 03 00 00 00 0F")
    assert pages(written, 2, 3) == "7D 48 0F 00 E1 10 12 0F"


def test_a_password_can_be_written_and_is_never_read() -> None:
    written = tag()
    assert said(written, "A2 2B 11 22 33 44") == DONE
    assert pages(written, 43, 43) == "00 00 00 00"


def test_the_longest_address_fits_and_one_more_byte_does_not() -> None:
    address = "https://h/t/abc?e=".ljust(8 + 131, "0")
    assert Ntag213(uid=UID, address=address).memory[159] == 0xFE

    with pytest.raises(ValueError, match="1 bytes too long for an NTAG213"):
        Ntag213(uid=UID, address=address + "0")
    with pytest.raises(ValueError, match="a short record holds 255"):
        Ntag216(uid=UID, address="https://h/" + "0" * 300)


def test_a_uid_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="has a UID of 7 bytes, this one has 1"):
        Ntag213(uid=b"\x04", address=ADDRESS)
