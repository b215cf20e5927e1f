"""Commands for visits that providers' own systems saw: bring a file of them, and agree how much they prove."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime
from pathlib import Path

from calltime_server.commands.command import AddCommand
from calltime_server.commands.days import a_day
from calltime_server.commands.plans import read_bytes
from calltime_server.commands.words import refuse_faults, say
from calltime_server.config import Config
from calltime_server.jobs.bring_visits import READERS, bring_visits, read_visits
from calltime_server.store.brought import agree, brought_days_since
from calltime_server.store.connection import connect
from calltime_server.store.ledger import share_now
from calltime_server.store.visit_log import mark_days


def add_to(command: AddCommand) -> None:
    """Make the parsers."""
    parser = command("import-brought", bring, "import visits that a provider's own system saw: all or nothing; the same id again corrects")
    parser.add_argument("file", type=Path, help=f"CSV: {','.join(READERS)}")
    parser.add_argument("--provider", required=True, help="whose visits they are, as the plan names it")
    parser.add_argument("--by", required=True, metavar="ROLE", help="who says so: an account or a role, not a name")
    parser.add_argument("--dry-run", action="store_true", help="only say whether the file could be taken")
    grade = command("agree-grade", agree_grade, "say from which day on a provider's brought visits count, and how much each end proves")
    grade.add_argument("provider")
    grade.add_argument("grade", choices=["0", "1", "2", "3", "none"], help="none: from that day on they are not taken")
    grade.add_argument("--since", type=a_day, required=True, metavar="DAY", help="the first day, in London: YYYY-MM-DD")
    grade.add_argument("--by", required=True, metavar="ROLE", help="who says so")


def bring(config: Config, arguments: Namespace) -> None:
    """Import a file."""
    rows, unread = read_visits(read_bytes(arguments.file))
    with connect(config.database) as connection:
        found = bring_visits(
            connection,
            rows,
            provider=arguments.provider,
            by=arguments.by,
            for_council=True,
            clock=lambda: datetime.now(UTC),
            dry_run=arguments.dry_run,
            unread=unread,
        )
    if isinstance(found, tuple):
        raise refuse_faults(found, str(arguments.file))
    counts = f"{found.new:,} new, {found.corrected:,} corrected, {found.withdrawn:,} withdrawn, {found.unchanged:,} as they were"
    lacking = f" For {found.not_agreed:,} of them no grade is agreed: they do not count yet (agree-grade)." if found.not_agreed else ""
    if arguments.dry_run:
        say(f"The file could be taken: {counts}. Nothing was written.{lacking}")
    else:
        say(f"Brought: {counts}.{lacking} Days that are settled already follow when they are settled again: calltime-server settle")


def agree_grade(config: Config, arguments: Namespace) -> None:
    """Write an agreement down."""
    grade = None if arguments.grade == "none" else int(arguments.grade)
    with connect(config.database) as connection:
        now = share_now(connection, lambda: datetime.now(UTC))
        agree(connection, provider=arguments.provider, since=arguments.since, grade=grade, by=arguments.by, now=now)
        mark_days(connection, brought_days_since(connection, arguments.provider, arguments.since), now=now)
    proves = "not taken" if grade is None else f"taken at grade {grade}"
    say(f"From {arguments.since:%-d %B %Y} on visits that {arguments.provider} brings are {proves}. Settle its days again.")
