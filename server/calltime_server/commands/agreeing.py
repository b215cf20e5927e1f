"""Commands for what people tell and agree: packages, blocks, providers, absences, reports, journeys, and ends entered by hand."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from calltime_server.commands.command import AddCommand
from calltime_server.commands.plans import read_bytes
from calltime_server.commands.words import Refusal, refuse_faults, say
from calltime_server.config import Config
from calltime_server.jobs.note_said import note_said
from calltime_server.jobs.said_csv import FORMS, What
from calltime_server.store.concerned_days import beside
from calltime_server.store.connection import connect
from calltime_server.store.ledger import share_now
from calltime_server.store.noting import EntryRefused, one_file_at_a_time, withdraw_entry
from calltime_server.store.visit_log import mark_days
from calltime_server.visits.civil_day import day_of

# The command, what its file holds, what one row of it is called, and what it is for.
IMPORTS: tuple[tuple[str, What, str, str], ...] = (
    ("import-packages", "package", "package", "import packages of care from CSV; a package that is there already stands as the file says"),
    ("import-blocks", "block", "block", "import hours bought as a block from CSV"),
    ("import-providers", "provider", "provider", "import names and addresses of providers and fund holders, as they stand on invoices"),
    ("import-carers", "carer_provider", "carer", "import for which provider each carer works, and since when"),
    (
        "import-absences",
        "absence",
        "absence",
        "import when service users were not there; the same beginning again: it stands as the file says",
    ),
    ("import-reports", "visit_report", "report", "import what was reported of visits: no access, declined, cancelled, approved later"),
    ("import-journeys", "journey", "journey", "import how long the way between two homes takes at the least"),
    ("import-entries", "entry", "entry", "import starts and stops that no tap says, each with its reason"),
)


def add_to(command: AddCommand) -> None:
    """Make the parsers."""
    for name, what, row, says in IMPORTS:
        parser = command(name, partial(bring, what=what, row=row), f"{says}: all or nothing")
        parser.add_argument("file", type=Path, help=f"CSV: {','.join(FORMS[what].readers)}")
        parser.add_argument("--by", required=True, metavar="ROLE", help="who says so: an account or a role, not a name")
        parser.add_argument("--dry-run", action="store_true", help="only say whether the file could be taken")
        if what == "entry":
            parser.epilog = "reasons: those of the council's list (Settings, Reasons); other needs words"
    withdraw = command("withdraw-entry", withdraw_entered, "say that an end was entered in error: it stays, and counts no more")
    withdraw.add_argument("entry", type=int, help="its number, which explain shows")
    withdraw.add_argument("--by", required=True, metavar="ROLE", help="who says so")
    withdraw.add_argument("--why", required=True, help="in a sentence")


def bring(config: Config, arguments: Namespace, *, what: What, row: str) -> None:
    """Import a file."""
    data = read_bytes(arguments.file)
    with connect(config.database) as connection:
        one_file_at_a_time(connection)
        now = datetime.now(UTC) if arguments.dry_run else share_now(connection, lambda: datetime.now(UTC))
        noted = note_said(connection, data, what, by=arguments.by, now=now, dry_run=arguments.dry_run)
    if isinstance(noted, tuple):
        raise refuse_faults(noted, str(arguments.file))
    rows = f"{noted:,} {row if noted == 1 else {'entry': 'entries'}.get(row, f'{row}s')}"
    if arguments.dry_run:
        say(f"{rows} could be taken. Nothing was written.")
    elif what == "provider":
        say(f"{rows} noted. Files for the finance system have the names and addresses from now on.")
    else:
        say(f"{rows} noted. Days that are settled already follow when they are settled again: calltime-server settle --from DAY --to DAY")


def withdraw_entered(config: Config, arguments: Namespace) -> None:
    """Withdraw an entry."""
    try:
        with connect(config.database) as connection:
            now = share_now(connection, lambda: datetime.now(UTC))
            time = withdraw_entry(connection, arguments.entry, by=arguments.by, why=arguments.why, now=now)
            mark_days(connection, beside([day_of(time)]), now=now)
    except EntryRefused as error:
        hint = "calltime-server explain VISIT shows the entries behind a line, as office/NUMBER."
        raise Refusal(f"{error} {hint}") from error
    say(f"Entry {arguments.entry} counts no more. Settle its day again: calltime-server settle --day DAY")
