"""Do the simulated cards hold and say what real ones do?"""

import pytest

from calltime_sim.pn532.tags import Badge, Ntag213, memory_of, with_crc_a

TAG = Ntag213(uid=bytes.fromhex("04 A2 31 5A C1 66 80"), address="https://calltime.example/t/abc")


def pages(tag: Ntag213, first: int, last: int) -> str:
    return memory_of(tag)[first * 4 : last * 4 + 4].hex(" ").upper()


@pytest.mark.parametrize(("data", "sent"), [("00 00", "00 00 A0 1E"), ("12 34", "12 34 26 CF")])
def test_crc_a_comes_out_as_in_the_examples_of_the_standard(data: str, sent: str) -> None:
    assert with_crc_a(bytes.fromhex(data)) == bytes.fromhex(sent)


def test_the_tag_has_45_pages_that_begin_with_its_uid_and_check_bytes() -> None:
    assert len(memory_of(TAG)) == 45 * 4
    assert pages(TAG, 0, 2) == "04 A2 31 1F 5A C1 66 80 7D 48 00 00"


def test_the_capability_container_says_ndef_of_144_bytes() -> None:
    assert pages(TAG, 3, 3) == "E1 10 12 00"


def test_the_address_stands_behind_the_lock_control_as_one_short_record() -> None:
    assert pages(TAG, 4, 7) == "01 03 A0 0C 34 03 1B D1 01 17 55 04 63 61 6C 6C"
    assert memory_of(TAG)[32:55] == b"time.example/t/abc\xfe\x00\x00\x00\x00"


def test_four_pages_are_read_at_once_and_the_first_follows_the_last() -> None:
    assert TAG.answer(bytes.fromhex("30 04")) == with_crc_a(memory_of(TAG)[16:32])
    assert TAG.answer(bytes.fromhex("30 2C")) == with_crc_a(memory_of(TAG)[176:180] + memory_of(TAG)[:12])


@pytest.mark.parametrize("command", ["30 2D", "30", "1A 00", "A2 04 00 00 00 00", ""])
def test_what_the_tag_does_not_do_is_refused(command: str) -> None:
    assert TAG.answer(bytes.fromhex(command)) == b"\x00"


def test_the_longest_address_fits_and_one_more_byte_does_not() -> None:
    address = "https://h/t/abc?e=".ljust(8 + 131, "0")
    assert memory_of(Ntag213(uid=TAG.uid, address=address))[159] == 0xFE

    with pytest.raises(ValueError, match="1 bytes too long for an NTAG213"):
        Ntag213(uid=TAG.uid, address=address + "0")


def test_a_uid_of_the_wrong_length_is_refused() -> None:
    with pytest.raises(ValueError, match="7 bytes"):
        Ntag213(uid=b"\x04", address="https://h/t/abc")
    with pytest.raises(ValueError, match="4 or 7 bytes"):
        Badge(uid=b"\x04")
