"""A command for the day on which somebody asks for everything that is held about them."""

from __future__ import annotations

import os
from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from calltime_server.commands.command import AddCommand
from calltime_server.commands.words import Refusal, say
from calltime_server.config import Config
from calltime_server.jobs.subject_access import gather
from calltime_server.rights import Person, Right
from calltime_server.store.audit import note_doing
from calltime_server.store.connection import Connection, connect
from calltime_server.store.credentials import account_of_email


def add_to(command: AddCommand) -> None:
    """Make the parser."""
    parser = command("subject-access", export, "write everything that is held about one person into a ZIP of tables")
    whose = parser.add_mutually_exclusive_group(required=True)
    whose.add_argument("--service-user", metavar="REF", help="as in the plan")
    whose.add_argument("--carer", metavar="REF", help="as in the plan")
    parser.add_argument("--out", type=Path, required=True, metavar="FILE", help="a file that is not there yet; it can be read by you alone")
    parser.add_argument("--by", required=True, metavar="EMAIL", help="the account of whoever answers for it; it stands in the audit log")


def export(config: Config, arguments: Namespace) -> None:
    """Gather it, note who did, and write the file."""
    kind, who = ("carer", arguments.carer) if arguments.service_user is None else ("service_user", arguments.service_user)
    now = datetime.now(UTC)
    with connect(config.database) as connection:
        note_doing(connection, _by(connection, arguments.by), "made a subject-access export by a command", {kind: who}, now=now)
        content, rows = gather(connection, "carer" if kind == "carer" else "service_user", who, now=now)
        if not rows:
            raise Refusal(f"Nothing is held under the reference {who!r}, so no file was written. Check how it stands in the plan.")
        # Before the note is kept: who gets no file has looked at nothing.
        _write(arguments.out, content)
    say(f"{arguments.out} holds {rows:,} records about {who}; README.txt in it says what they are. Delete it here once it was handed over.")


def _by(connection: Connection, email: str) -> Person:
    account = account_of_email(connection, email)
    if account is None:
        raise Refusal(f"There is no account {email} in use. List them: calltime-server person list")
    if not account.who.may(Right.SUBJECT_ACCESS):
        raise Refusal(f"{email} may make no subject-access export: that is for officers and administrators. Name one of them.")
    return account.who


def _write(file: Path, content: bytes) -> None:
    try:
        with os.fdopen(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(content)
    except FileExistsError as error:
        raise Refusal(f"{file} is there already and was left as it is. Name another file.") from error
    except OSError as error:
        raise Refusal(f"{file} cannot be written: {error.strerror}. Name a place where you may write.") from error
