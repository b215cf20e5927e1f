"""What can a person tell a door? To become known, to be tried, to run, to show what it knows, and to forget.

Ends with 0 when it was done and all is well, 1 when not, 2 when words or settings are wrong, 3 when a damaged memory makes a new start
necessary. Each command is imported when it is asked for: `status` needs no readers and no broker.
"""

from __future__ import annotations

import argparse
import dataclasses
import logging
import os
import pwd
import sqlite3
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from calltime_edge import settings as settings_file
from calltime_edge.clock import SystemClock
from calltime_edge.commands import exits, telephone_words
from calltime_edge.door_key import LostDoorKey, UnreadableDoorKey
from calltime_edge.enrolment import NotALine, NotEnrolled
from calltime_edge.outbox import OutboxDamaged
from calltime_edge.settings import BadSettings, ReaderSettings, Settings
from calltime_edge.speaking import refuse


def main() -> None:
    """Read the command and the settings, and obey."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    try:
        settings = _over(settings_file.load(arguments.config, os.environ), arguments)
    except BadSettings as error:
        refuse(f"{len(error.faults)} of the settings cannot be used:\n{error}")
        sys.exit(exits.NOT_UNDERSTOOD)
    try:
        obey = _command(arguments)
        _become_its_owner(settings.folder)
        sys.exit(obey(settings))
    except (NotEnrolled, LostDoorKey, UnreadableDoorKey, NotALine) as error:
        refuse(str(error))
    except OutboxDamaged as error:
        refuse(f"{error}. Start the door: it sets the damaged file aside, saves what can be saved, and tells what is lost.")
    except PermissionError as error:
        refuse(f"{error.filename} may not be used by you ({error.strerror}). Use sudo, or be the user of the service.")
    except (sqlite3.Error, OSError) as error:
        refuse(f"{settings.folder} cannot be used ({error}). Check that it can be written and that the disk has room.")
    except KeyboardInterrupt:
        pass
    sys.exit(exits.NOT_DONE)


def _command(arguments: argparse.Namespace) -> Callable[[Settings], int]:
    match arguments.command:
        case "enrol":
            from calltime_edge.commands.enrol import enrol

            return partial(enrol, code=arguments.code, server=arguments.server, again=arguments.again)
        case "check":
            from calltime_edge.commands.check import check

            within = None if arguments.no_tag else max(0.0, arguments.wait)
            return partial(
                check,
                file=settings_file.file_of(arguments.config, os.environ),
                clock=SystemClock(),
                tag_within=within,
                signals=arguments.signals,
                may_be_lost=arguments.records_may_be_lost,
            )
        case "run":
            from calltime_edge.commands.run import run

            return partial(run, may_be_lost=arguments.records_may_be_lost)
        case "status":
            from calltime_edge.commands.status import status

            return partial(status, clock=SystemClock(), as_json=arguments.json)
        case "log":
            from calltime_edge.commands.log import log

            return partial(log, now=datetime.now(UTC), lines=arguments.lines, as_json=arguments.json)
        case "telephone":
            from calltime_edge.commands import telephone

            return telephone.command(arguments)
        case _:
            from calltime_edge.commands.wipe import wipe

            return partial(wipe, even_unsent=arguments.even_unsent)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="calltime-edge", description="The door of Calltime: confirms a tap only when it is safe.")
    parser.add_argument(
        "--config", type=Path, help=f"file of settings (CALLTIME_EDGE_CONFIG; {settings_file.DEFAULT_FILE}, which may be missing)"
    )
    parser.add_argument("--folder", type=Path, help=f"key, enrolment and records (CALLTIME_EDGE_FOLDER; {Settings().folder})")
    commands = parser.add_subparsers(dest="command", required=True)
    enrol = commands.add_parser("enrol", help="make this door known, with a one-time code from calltime-server enrol")
    enrol.add_argument("code")
    enrol.add_argument("--server", help="address of the server, such as https://care.example.org (otherwise as in the settings)")
    enrol.add_argument("--again", action="store_true", help="even if this door is enrolled already, for the same carer, home or line")
    check = commands.add_parser("check", help="is it fitted well: settings, disk, clock, link, readers, and a tag; says what next")
    check.add_argument("--no-tag", action="store_true", help="do not wait for a tag")
    check.add_argument("--wait", type=float, default=30.0, metavar="SECONDS", help="how long to wait for a tag (%(default).0f)")
    check.add_argument("--signals", action="store_true", help="play each signal of buzzer, lights and display once")
    run = commands.add_parser("run", help="watch the readers until stopped (SIGTERM or Ctrl-C)")
    run.add_argument(
        "--nfc", action="append", default=[], metavar="PORT", help="a PN532, instead of the readers in the settings; may be repeated"
    )
    run.add_argument("--code", action="append", default=[], metavar="PORT", help="a serial QR scanner, likewise")
    run.add_argument("--mqtt", choices=["auto", "5", "3.1.1"], help="MQTT version, instead of that in the settings")
    for each in (check, run):
        each.add_argument(
            "--records-may-be-lost", action="store_true", help="for a trial: even in memory, where a tap is gone with the power"
        )
    status = commands.add_parser("status", help="how the door that runs here is")
    log = commands.add_parser("log", help="what was tapped here today, and what the office has of it")
    log.add_argument("--lines", type=int, help="the latest ones instead of today's")
    for each in (status, log):
        each.add_argument("--json", action="store_true", help="for programs")
    telephone_words.add_to(commands)
    wipe = commands.add_parser("wipe", help="forget everything, before this door changes hands or is scrapped")
    wipe.add_argument("--even-unsent", action="store_true", help="even records that the office has not; asks first")
    return parser


def _over(settings: Settings, arguments: argparse.Namespace) -> Settings:
    """Words on the command line go over file and environment."""
    if arguments.folder is not None:
        settings = dataclasses.replace(settings, folder=arguments.folder.absolute())
    if arguments.command != "run":
        return settings
    named = [ReaderSettings(kind="pn532", port=port) for port in arguments.nfc]
    named += [ReaderSettings(kind="qr-serial", port=port) for port in arguments.code]
    mqtt = arguments.mqtt or settings.broker.mqtt
    return dataclasses.replace(settings, readers=tuple(named) or settings.readers, broker=dataclasses.replace(settings.broker, mqtt=mqtt))


def _become_its_owner(folder: Path) -> None:
    """Root acts as the user whose folder it is: what root wrote there, the service could not read."""
    if os.geteuid() != 0 or not folder.exists() or folder.stat().st_uid == 0:
        return
    there = folder.stat()
    try:
        os.initgroups(pwd.getpwuid(there.st_uid).pw_name, there.st_gid)
    except KeyError:  # a card from another machine, whose users have no names here
        os.setgroups([])
    os.setgid(there.st_gid)
    os.setuid(there.st_uid)


if __name__ == "__main__":
    main()
