"""Does a UART at another speed hear what a real one would?"""

from calltime_sim.pn532.waveform import heard

HELLO = bytes.fromhex("00 00 FF 02 FE D4 02 2A 00")


def test_at_the_same_speed_everything_arrives() -> None:
    assert heard(HELLO, sent_at=115_200, heard_at=115_200) == HELLO


def test_a_chip_that_listens_eight_times_too_fast_hears_no_frame() -> None:
    assert HELLO[2:] not in heard(HELLO, sent_at=115_200, heard_at=921_600)


def test_a_start_bit_that_lasts_twice_as_long_is_heard_as_a_start_and_a_zero() -> None:
    assert heard(b"\xff", sent_at=57_600, heard_at=115_200) == b"\xfe"


def test_a_speed_that_is_off_by_three_in_a_hundred_does_no_harm() -> None:
    assert heard(HELLO, sent_at=118_656, heard_at=115_200) == HELLO


def test_silence_is_heard_as_silence() -> None:
    assert heard(b"", sent_at=9_600, heard_at=115_200) == b""
