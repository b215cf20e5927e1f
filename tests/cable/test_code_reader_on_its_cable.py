"""Does the QR reader, through pyserial, see what a scanner types?"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from calltime_edge.readers.code_reader import CodeReader
from calltime_edge.readers.sightings import ReaderGone, Tag, Unreadable, Why
from calltime_sim.scanner import SimulatedScanner
from fixtures.listening import Heard, listening_to
from fixtures.waiting import wait_until

ADDRESS = "https://calltime.example/t/abc"
ABC = Tag(via="qr", ref="abc", proof=None)


@contextmanager
def scanner_and_reader() -> Iterator[tuple[SimulatedScanner, Heard]]:
    with SimulatedScanner() as scanner, listening_to(CodeReader(scanner.port)) as heard:
        scanner.wait_until_heard()
        yield scanner, heard


@pytest.mark.parametrize("end", ["\r", "\n", "\r\n"])
def test_a_scan_is_one_sighting_whatever_ends_the_line(end: str) -> None:
    with scanner_and_reader() as (scanner, heard):
        scanner.scan(ADDRESS, end=end)
        scanner.scan("https://calltime.example/t/last", end=end)
        assert [heard.next(), heard.next()] == [ABC, Tag(via="qr", ref="last", proof=None)]


def test_a_line_in_two_halves_is_one_scan() -> None:
    with scanner_and_reader() as (scanner, heard):
        scanner.scan(ADDRESS)
        scanner.type_bytes(b"https://calltime.exa")
        assert heard.next() == ABC
        assert heard.nothing_more()
        scanner.type_bytes(b"mple/t/abc?e=1\r")
        assert heard.next() == Tag(via="qr", ref="abc", proof="e=1")


def test_babble_is_unreadable_and_the_next_scan_is_read() -> None:
    with scanner_and_reader() as (scanner, heard):
        scanner.type_bytes(bytes.fromhex("FE 80 C3 28 00 9D 0D"))
        scanner.scan(ADDRESS)
        babble = heard.next()
        assert isinstance(babble, Unreadable)
        assert babble.why is Why.BABBLE
        assert heard.next() == ABC


def test_an_endless_line_is_told_once_before_it_ends_and_the_next_scan_is_read() -> None:
    with scanner_and_reader() as (scanner, heard):
        scanner.type_bytes(b"9" * 1025)
        overlong = heard.next()
        assert isinstance(overlong, Unreadable)
        assert overlong.why is Why.OVERLONG
        scanner.type_bytes(b"9" * 9000 + b"\r")
        scanner.scan(ADDRESS)
        assert heard.next() == ABC


def test_a_code_that_is_no_tag_is_unreadable() -> None:
    with scanner_and_reader() as (scanner, heard):
        scanner.scan("5000159407236")
        assert isinstance(heard.next(), Unreadable)


def test_an_unplugged_scanner_is_gone_with_a_sentence() -> None:
    with scanner_and_reader() as (scanner, heard):
        scanner.unplug()
        gone = heard.next()
        assert isinstance(gone, ReaderGone)
        assert gone.says.startswith(f"The QR scanner at {scanner.port} does not answer (")
        assert gone.says.endswith("until it answers, nobody can tap here by code.")


def test_a_port_that_is_not_there_is_a_reader_gone(tmp_path: Path) -> None:
    with listening_to(CodeReader(str(tmp_path / "ttyUSB0"))) as heard:
        assert isinstance(heard.next(), ReaderGone)


def test_nobody_waits_for_ever_for_a_reader_that_does_not_run() -> None:
    with SimulatedScanner() as scanner, pytest.raises(TimeoutError, match="Nobody opened"):
        scanner.wait_until_heard(timeout=0.01)


def test_a_scanner_in_continuous_mode_is_one_sighting() -> None:
    with scanner_and_reader() as (scanner, heard):
        for _ in range(50):
            scanner.scan(ADDRESS)
        scanner.scan("https://calltime.example/t/last")
        assert [heard.next(), heard.next()] == [ABC, Tag(via="qr", ref="last")]


def test_a_scanner_at_the_wrong_speed_babbles_until_a_clean_line_comes() -> None:
    with scanner_and_reader() as (scanner, heard):
        scanner.type_bytes(bytes.fromhex("FE 80 C3 28 00 9D 0D"))
        wait_until(lambda: heard.states == ["ready", "babbling"], within=5, what="the reader to say that it babbles")
        scanner.scan(ADDRESS)
        wait_until(lambda: heard.states == ["ready", "babbling", "ready"], within=5, what="the reader to say that it is ready again")


def test_a_line_without_an_end_is_told_as_babble_and_is_never_a_tag() -> None:
    with scanner_and_reader() as (scanner, heard):
        scanner.scan(ADDRESS, end="")
        assert heard.next() == Unreadable(via="qr", why=Why.BABBLE)
        scanner.scan(ADDRESS)
        assert heard.next() == ABC


def test_a_port_that_another_program_holds_is_a_reader_gone() -> None:
    with scanner_and_reader() as (scanner, heard):
        with listening_to(CodeReader(scanner.port)) as second:
            assert isinstance(second.next(), ReaderGone)
        scanner.scan(ADDRESS)
        assert heard.next() == ABC
