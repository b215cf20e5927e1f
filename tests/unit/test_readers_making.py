"""Does a setting make the reader that it names, and load no other library than that reader's?"""

import subprocess
import sys

import pytest

from calltime_edge.readers.making import KINDS, make


@pytest.mark.parametrize(
    ("kind", "port", "name"),
    [
        ("pn532", "/dev/serial0", "NFC reader at /dev/serial0"),
        ("acr122u", "", "NFC reader at usb"),
        ("acr122u", "usb:001", "NFC reader at usb:001"),
        ("qr-serial", "/dev/ttyACM0", "QR scanner at /dev/ttyACM0"),
        ("qr-hid", "/dev/input/by-id/usb-scanner-event-kbd", "QR scanner at /dev/input/by-id/usb-scanner-event-kbd"),
    ],
)
def test_each_kind_is_made(kind: str, port: str, name: str) -> None:
    assert make(kind, port, hold_seconds=3, baud=9600).name == name


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind != "acr122u"])
def test_a_reader_that_only_the_installer_can_find_needs_a_port(kind: str) -> None:
    with pytest.raises(ValueError, match="needs a port"):
        make(kind, "", hold_seconds=3, baud=9600)


def test_a_kind_that_does_not_exist_is_refused_with_those_that_do() -> None:
    with pytest.raises(ValueError, match=r"no reader of the kind pn533\. There are pn532, acr122u, qr-serial, qr-hid"):
        make("pn533", "/dev/serial0", hold_seconds=3, baud=9600)


@pytest.mark.parametrize(
    ("kind", "loaded"),
    [("pn532", {"nfc", "serial"}), ("acr122u", {"nfc", "serial"}), ("qr-serial", {"serial"}), ("qr-hid", {"evdev"})],
)
def test_only_the_library_of_the_reader_is_loaded(kind: str, loaded: set[str]) -> None:
    program = (
        "import sys; from calltime_edge.readers.making import make; "
        f"make({kind!r}, '/dev/x', hold_seconds=0, baud=9600); "
        "print(*{'nfc', 'serial', 'evdev'} & set(sys.modules))"
    )
    said = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True)

    assert set(said.stdout.split()) == loaded
