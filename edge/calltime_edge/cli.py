"""What can a person tell a door? To enrol, to run, and to show what it knows."""

from __future__ import annotations

import argparse
import fcntl
import json
import logging
import os
import signal
import sqlite3
import sys
import threading
import time
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import TextIO

from calltime_edge import door_key, enrolment
from calltime_edge.agent import Agent
from calltime_edge.answers import Answer
from calltime_edge.clock import SystemClock
from calltime_edge.door_key import LostDoorKey, UnreadableDoorKey
from calltime_edge.enrolment import NotEnrolled
from calltime_edge.feedback import sentence
from calltime_edge.outbox import Outbox
from calltime_edge.publisher import Publisher
from calltime_edge.readers.code_reader import CodeReader
from calltime_edge.readers.nfc_reader import NfcReader
from calltime_edge.readers.sightings import Reader
from calltime_edge.watching import Watch
from calltime_wire import base64url
from calltime_wire.status import Status

ENDING = {signal.SIGTERM, signal.SIGINT}
DEFAULT_FOLDER = "/var/lib/calltime-edge"


LOOK_AT_CLOCK_EVERY = 10.0
"""Seconds between two looks whether the clock has been set."""


class Spoken:
    """Feedback as lines on standard output: for a terminal, and for a journal."""

    def show(self, answer: Answer) -> None:
        """Tell the carer."""
        print(sentence(answer), flush=True)


def main() -> None:
    """Read the command and obey."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        sys.exit(arguments.act(arguments))
    except (NotEnrolled, LostDoorKey, UnreadableDoorKey) as error:
        sys.exit(f"calltime-edge: {error}")
    except (sqlite3.Error, OSError) as error:
        sys.exit(f"calltime-edge: {arguments.folder} cannot be used ({error}). Check that it can be written and that the disk has room.")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="calltime-edge", description="The door of Calltime: confirms a tap only when it is safe.")
    folder = os.environ.get("CALLTIME_EDGE_FOLDER", DEFAULT_FOLDER)
    parser.add_argument("--folder", type=Path, default=Path(folder), help="key, enrolment and outbox (CALLTIME_EDGE_FOLDER; %(default)s)")
    commands = parser.add_subparsers(dest="command", required=True)
    enrol = commands.add_parser("enrol", help="make this door known, with a one-time code from calltime-server enrol")
    enrol.add_argument("code")
    enrol.add_argument("--server", required=True, help="address of the server, such as https://care.example.org")
    enrol.set_defaults(act=_enrol)
    run = commands.add_parser("run", help="watch the readers until stopped (SIGTERM or Ctrl-C)")
    run.add_argument(
        "--nfc", action="append", default=[], metavar="PORT", help="serial port of a PN532, such as /dev/ttyS0; may be repeated"
    )
    run.add_argument("--code", action="append", default=[], metavar="PORT", help="serial port of a QR scanner; may be repeated")
    run.add_argument("--mqtt", choices=["auto", "5", "3.1.1"], default="auto", help="MQTT version (auto: 5 where the broker answers it)")
    run.set_defaults(act=_run)
    log = commands.add_parser("log", help="what was tapped here, and what the office has of it")
    log.add_argument("--lines", type=int, default=20, help="how many, newest first (%(default)s)")
    log.set_defaults(act=_log)
    return parser


def _enrol(arguments: argparse.Namespace) -> int:
    signer = door_key.load_or_make(arguments.folder)
    enrolled = enrolment.enrol(arguments.code, server=arguments.server, signer=signer, folder=arguments.folder)
    whose = f"the device of carer {enrolled.carer}" if enrolled.carer else f"the reader at the home of {enrolled.home}"
    print(f"Enrolled: this door is {enrolled.device}, {whose}. It sends to {enrolled.broker}.\nNext: calltime-edge run --nfc PORT")
    return 0


def _run(arguments: argparse.Namespace) -> int:
    readers: Sequence[Reader] = [*(NfcReader(port) for port in arguments.nfc), *(CodeReader(port) for port in arguments.code)]
    if not readers:
        print("calltime-edge: no reader was named. Name at least one: --nfc /dev/ttyS0 or --code /dev/ttyACM0", file=sys.stderr)
        return 2
    signer = door_key.load_or_make(arguments.folder)
    enrolled = enrolment.load(arguments.folder, signer)
    alone = _lock(arguments.folder)
    if alone is None:
        print(
            f"calltime-edge: another door runs with {arguments.folder} already, and two would fight for one name. Stop it first.",
            file=sys.stderr,
        )
        return 1
    outbox, clock = Outbox(arguments.folder / "outbox.sqlite"), SystemClock()

    def status(online: bool) -> Status:
        software = f"calltime-edge {version('calltime')}"
        return Status(online=online, software=software, waiting=outbox.count_waiting(), clock=clock.read().sync, readers=dict(watch.states))

    publisher = Publisher(enrolled=enrolled, outbox=outbox, status=status, mqtt=arguments.mqtt)
    agent = Agent(enrolled=enrolled, signer=signer, outbox=outbox, clock=clock, feedback=Spoken(), recorded=publisher.nudge)
    watch = Watch(readers, agent.handle)
    # Before any thread starts, so that all of them leave these signals to `sigwait`.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    agent.begin()
    publisher.open()
    watch.open()
    threading.Thread(target=_look_at_clock, args=(agent,), name="clock", daemon=True).start()
    signal.sigwait(ENDING)
    watch.close()
    publisher.close()
    outbox.close()
    alone.close()
    return 0


def _lock(folder: Path) -> TextIO | None:
    """Hold the folder until the file is closed; None when somebody holds it. The lock ends with its process, however that ends."""
    file = (folder / "door.lock").open("w", encoding="ascii")
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        file.close()
        return None
    return file


def _look_at_clock(agent: Agent) -> None:
    while True:
        time.sleep(LOOK_AT_CLOCK_EVERY)
        agent.look_at_clock()


def _log(arguments: argparse.Namespace) -> int:
    path = arguments.folder / "outbox.sqlite"
    if not path.exists():
        print(f"Nothing was recorded in {arguments.folder} yet. Start the door: calltime-edge run --nfc PORT")
        return 0
    outbox = Outbox(path)
    for seq, state, compact in outbox.log(arguments.lines):
        record = json.loads(base64url.decode(compact.split(".")[1]))
        what = record["data"].get("action", record["type"].split(".")[1])
        print(f"{seq:>6}  {record['time']}  {what:<8} {record['data'].get('place', {}).get('ref', ''):<20} {state}")
    outbox.close()
    return 0
