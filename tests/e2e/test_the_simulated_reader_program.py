"""Can a developer who has no hardware use `calltime-sim pn532` as an NFC reader, with and without a terminal?"""

import os
import pty
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import nfc
import nfc.clf.pn532
import nfc.clf.transport
import nfc.tag
import pytest

from calltime_sim.pn532 import sun
from calltime_sim.services.programs import program

WAITS = "A PN532 waits at "


@contextmanager
def reader(*words: str) -> Iterator[subprocess.Popen[str]]:
    """The program, driven by a pipe; killed at the end if it still runs."""
    command = [program("calltime-sim"), "pn532", *words]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env={**os.environ, "COLUMNS": "200"}) as running:
        try:
            yield running
        finally:
            running.kill()


def line_of(running: subprocess.Popen[str]) -> str:
    assert running.stdout is not None
    return running.stdout.readline().rstrip("\n")


def tell(running: subprocess.Popen[str], *words: str) -> None:
    assert running.stdin is not None
    for word in words:
        running.stdin.write(word + "\n")
    running.stdin.flush()


def address_at(port: str) -> str | None:
    frontend = nfc.ContactlessFrontend()
    frontend.device = nfc.clf.pn532.init(nfc.clf.transport.TTY(port))
    try:
        target = frontend.sense(nfc.clf.RemoteTarget("106A"))
        tag = nfc.tag.activate(frontend, target) if target else None
        return tag.ndef.records[0].iri if tag and tag.ndef else None
    finally:
        frontend.close()


def test_a_tag_that_lies_there_from_the_start_is_read_and_sigterm_ends_it(tmp_path: Path) -> None:
    link = tmp_path / "reader"
    with reader("--tag", "ntag424", "--counter", "60", "--key", "0F" * 16, "--presented", "--link", str(link)) as running:
        assert line_of(running) == f"{WAITS}{link}"
        assert running.stdin is not None
        running.stdin.close()  # nobody can type any more
        keys = sun.Keys(meta_read=b"\x0f" * 16, file_read=b"\x0f" * 16)
        tapped = sun.verify(address_at(str(link)) or "", keys)
        assert tapped is not None
        assert tapped.counter == 61

        running.send_signal(signal.SIGTERM)
        assert running.wait(timeout=30) == 0
        assert not link.is_symlink()


def test_what_is_typed_is_done() -> None:
    with reader("--address", "https://calltime.example/t/xyz") as running:
        port = line_of(running).removeprefix(WAITS)
        assert address_at(port) is None
        tell(running, "present", "knit")
        assert line_of(running) == "There is no command 'knit'. Type help to see those there are."
        assert address_at(port) == "https://calltime.example/t/xyz"
        tell(running, "remove", "unplug", "plug")
        port = line_of(running).removeprefix(WAITS)
        assert address_at(port) is None
        tell(running, "quit")
        assert running.wait(timeout=30) == 0


def test_on_a_terminal_there_is_a_prompt() -> None:
    ours, theirs = pty.openpty()
    with subprocess.Popen([program("calltime-sim"), "pn532"], stdin=theirs, stdout=theirs, stderr=theirs) as running:
        os.close(theirs)
        os.write(ours, b"help\nquit\n")
        assert running.wait(timeout=30) == 0
    said = os.read(ours, 65_536).decode()
    os.close(ours)
    assert said.count("> ") == 2
    assert "hold the card to the reader" in said


def test_verbose_shows_both_ends_of_the_talk() -> None:
    with reader("--verbose", "--tag", "classic", "--presented") as running:
        port = line_of(running).removeprefix(WAITS)
        assert address_at(port) is None
        assert line_of(running).split() == ["host", "GetFirmwareVersion", "D4", "02"]
        assert line_of(running).split() == ["chip", "GetFirmwareVersion", "D5", "03", "32", "01", "06", "07"]


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--uid", "04"), "calltime-sim: An NTAG213 has a UID of 7 bytes, this one has 1."),
        (("--uid", "xy"), "'xy' is not hex. Give two digits, 0 to 9 and A to F, for each byte."),
        (("--tag", "ntag424", "--key", "00"), "calltime-sim: The meta read key has 1 bytes. A key has 16: give 32 hex digits."),
        (("--link", "/proc/no-such-port"), "calltime-sim: The port cannot be called /proc/no-such-port ("),
    ],
)
def test_what_cannot_be_had_is_refused_with_a_sentence(words: tuple[str, ...], why: str) -> None:
    done = subprocess.run(
        [program("calltime-sim"), "pn532", *words], stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode in (1, 2)
    assert why in done.stderr
    assert "Traceback" not in done.stderr
