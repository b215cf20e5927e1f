"""Do frames look on the cable as the PN532's data sheet draws them?"""

import pytest

from calltime_sim.pn532.frames import LONGEST_BODY, Ack, Frame, Nack, parse, to_bytes


def spaced(data: bytes) -> str:
    return data.hex(" ").upper()


def test_get_firmware_version_and_its_answer_are_normal_frames() -> None:
    assert spaced(to_bytes(Frame(body=bytes.fromhex("D4 02")))) == "00 00 FF 02 FE D4 02 2A 00"
    assert spaced(to_bytes(Frame(body=bytes.fromhex("D5 03 32 01 06 07")))) == "00 00 FF 06 FA D5 03 32 01 06 07 E8 00"


def test_an_ack_has_no_body() -> None:
    assert spaced(to_bytes(Ack())) == "00 00 FF 00 FF 00"
    assert parse(bytes.fromhex("00 00 FF 00 FF 00"))[0] == (Ack(),)


def test_a_nack_is_an_ack_with_its_last_bytes_changed_round() -> None:
    assert spaced(to_bytes(Nack())) == "00 00 FF FF 00 00"
    assert parse(bytes.fromhex("00 00 FF FF 00 00"))[0] == (Nack(),)


def test_the_error_frame_has_a_body_of_one_byte() -> None:
    assert spaced(to_bytes(Frame(body=b"\x7f"))) == "00 00 FF 01 FF 7F 81 00"


def test_a_body_of_256_bytes_travels_in_an_extended_frame() -> None:
    cable = to_bytes(Frame(body=bytes.fromhex("D5 01") + bytes(254)))

    assert spaced(cable[:10]) == "00 00 FF FF FF 01 00 FF D5 01"
    assert spaced(cable[-2:]) == "2A 00"
    assert parse(cable)[0] == (Frame(body=bytes.fromhex("D5 01") + bytes(254)),)


def test_a_long_preamble_wakes_the_chip_and_says_nothing() -> None:
    assert parse(bytes(10) + bytes.fromhex("00 00 FF 02 FE D4 02 2A 00"))[0] == (Frame(body=bytes.fromhex("D4 02")),)


@pytest.mark.parametrize(
    "broken",
    [
        "00 00 FF 02 FD D4 02 2A 00",  # length checksum
        "00 00 FF 02 FE D4 02 2B 00",  # data checksum
        "00 00 FF FF FF 02 00 FF D5 00",  # extended, length checksum
        "00 00 FF FF FF 02 00 FE D5 00",  # extended, longer than any frame
        "00 00 FF 00 00 00",  # no body
    ],
)
def test_a_broken_frame_is_skipped_and_the_next_one_is_heard(broken: str) -> None:
    assert parse(bytes.fromhex(broken) + bytes.fromhex("00 00 FF 02 FE D4 02 2A 00"))[0] == (Frame(body=bytes.fromhex("D4 02")),)


@pytest.mark.parametrize("size", [0, LONGEST_BODY + 1])
def test_a_body_that_no_frame_holds_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="1 to 265 bytes"):
        to_bytes(Frame(body=bytes(size)))
