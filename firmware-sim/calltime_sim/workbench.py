"""What can a developer without hardware do with a simulated NFC reader on a terminal?"""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from rich.console import Console

from calltime_sim.pn532 import Badge, Desfire, Ntag213, Ntag215, Ntag216, Ntag424, SimulatedPn532, Telephone
from calltime_sim.pn532.cards import Card
from calltime_sim.pn532.hsu import Talk
from calltime_sim.pn532.sun import Keys

_ADDRESS = "https://calltime.example/t/abc"
_UID_7, _UID_4 = bytes.fromhex("04 A2 31 5A C1 66 80"), bytes.fromhex("9C 33 10 B2")
_PLAIN = {"ntag213": Ntag213, "ntag215": Ntag215, "ntag216": Ntag216}
_KINDS = (*_PLAIN, "ntag424", "classic", "desfire", "phone")

_HELP = """\
present   hold the card to the reader
remove    take it away
unplug    pull the cable: the port hangs up
plug      plug it in again, which also brings the power
quit      end"""


class WorkbenchTrouble(Exception):
    """What was asked for cannot be had; the message says why and what to do."""


def add_command(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add `pn532` to the commands of calltime-sim."""
    words = commands.add_parser("pn532", help="a PN532 on a pseudo-terminal, for any NFC program")
    words.add_argument("--tag", choices=_KINDS, default="ntag213", help="the card that lies at hand (%(default)s)")
    words.add_argument("--uid", type=_hex, metavar="HEX", help="its UID: 7 bytes, or 4 for a classic badge")
    words.add_argument("--address", metavar="URL", help=f"what is written on an ntag tag ({_ADDRESS}); empty: a blank one")
    words.add_argument("--key", type=_hex, default=bytes(16), metavar="HEX", help="both keys of an ntag424, 32 digits (all zero)")
    words.add_argument("--counter", type=int, default=0, metavar="N", help="how often an ntag424 was read before (%(default)s)")
    words.add_argument("--link", type=Path, metavar="PATH", help="another name for the port, such as /dev/ttyUSB9")
    words.add_argument("--presented", action="store_true", help="the card lies on the reader from the start")
    words.add_argument("--verbose", action="store_true", help="show what the host says and what the chip answers")
    words.set_defaults(act=_run)


def _hex(text: str) -> bytes:
    try:
        return bytes.fromhex(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not hex. Give two digits, 0 to 9 and A to F, for each byte.") from None


def _run(arguments: argparse.Namespace) -> int:
    console = Console(soft_wrap=True, markup=False, highlight=False)
    signal.signal(signal.SIGTERM, _end)

    def show(talk: Talk) -> None:
        console.print(f"{'host' if talk.from_host else 'chip'}  {talk.name:<20} {talk.body.hex(' ').upper()}")

    try:
        card = _card(arguments)
        chip = SimulatedPn532(link=arguments.link, overheard=show if arguments.verbose else lambda _: None)
    except ValueError as trouble:
        raise WorkbenchTrouble(str(trouble)) from None
    except OSError as trouble:
        raise WorkbenchTrouble(f"The port cannot be called {arguments.link} ({trouble.strerror}). Choose another --link.") from None
    with chip:
        console.print(f"A PN532 waits at {chip.port}")
        if arguments.presented:
            chip.present(card)
        _obey(chip, card, console)
    return 0


def _end(*_: object) -> NoReturn:
    raise SystemExit(0)


def _card(arguments: argparse.Namespace) -> Card:
    uid: bytes = arguments.uid if arguments.uid is not None else _UID_4 if arguments.tag == "classic" else _UID_7
    address = _ADDRESS if arguments.address is None else arguments.address or None
    match arguments.tag:
        case "classic":
            return Badge(uid=uid)
        case "desfire":
            return Desfire(uid=uid)
        case "phone":
            return Telephone()
        case "ntag424":
            keys = Keys(meta_read=arguments.key, file_read=arguments.key)
            return Ntag424(uid=uid, address=address, keys=keys, counter=arguments.counter)
        case plain:
            return _PLAIN[plain](uid=uid, address=address)


def _obey(chip: SimulatedPn532, card: Card, console: Console) -> None:
    """Do what is typed, or piped in, until `quit`. When nobody can type any more, serve until SIGTERM."""
    for word in _typed():
        match word.strip():
            case "present":
                chip.present(card)
            case "remove":
                chip.remove()
            case "unplug":
                chip.unplug()
            case "plug":
                chip.plug()
                console.print(f"A PN532 waits at {chip.port}")
            case "quit":
                return
            case "help":
                console.print(_HELP)
            case "":
                continue
            case unknown:
                console.print(f"There is no command {unknown!r}. Type help to see those there are.")
    if not sys.stdin.isatty():
        threading.Event().wait()


def _typed() -> Iterator[str]:
    prompt = "> " if sys.stdin.isatty() else ""
    while True:
        try:
            yield input(prompt)
        except EOFError:
            return
