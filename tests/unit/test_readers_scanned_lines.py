"""Which of the bytes that a scanner types are whole lines?"""

from calltime_edge.readers.scanned_lines import Overlong, ScannedLines


def lines_in(*typed: bytes) -> list[bytes | Overlong]:
    lines = ScannedLines(longest=8)
    return [line for part in typed for line in lines.feed(part)]


def test_cr_lf_and_both_end_a_line() -> None:
    assert lines_in(b"one\rtwo\nthree\r\nfour\r") == [b"one", b"two", b"three", b"four"]


def test_a_line_may_come_in_pieces() -> None:
    assert lines_in(b"he", b"", b"llo", b"\r", b"\nyou\r") == [b"hello", b"you"]


def test_half_a_line_is_not_a_scan() -> None:
    assert lines_in(b"one\rha") == [b"one"]


def test_a_line_as_long_as_allowed_is_kept() -> None:
    assert lines_in(b"12345678\r") == [b"12345678"]


def test_a_longer_line_is_told_once_and_the_next_one_is_read() -> None:
    assert lines_in(b"123456789\rnext\r") == [Overlong(), b"next"]
    assert lines_in(b"12345", b"6789", b"123456789123456789", b"9\rnext\r") == [Overlong(), b"next"]
