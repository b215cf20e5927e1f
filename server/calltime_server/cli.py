"""What can a person tell the office? Here the words are read; what is done stands in `commands`."""

from __future__ import annotations

import argparse
import os
import sys
from functools import partial
from pathlib import Path

from calltime_server.commands import (
    agreeing,
    bringing,
    brokers,
    bundling,
    doors,
    finance,
    paying,
    people,
    periods,
    plans,
    reporting,
    serving,
    subject_access,
    tending,
    terms_files,
    tokens,
    trying,
    watching,
    working,
)
from calltime_server.commands.command import AddCommand, add_command
from calltime_server.commands.days import a_day
from calltime_server.commands.words import Refusal
from calltime_server.config import EXAMPLE_TERMS, BadConfig, Config
from calltime_server.config.environment import from_environment
from calltime_server.store.connection import DatabaseAway, SchemaMissing
from calltime_server.store.forgetting import TapsForgotten
from calltime_server.store.ledger import DoublePay

ENVIRONMENT = """\
environment:
  CALLTIME_DATABASE     libpq URI of the database (no default; `settle` from files needs none)
  CALLTIME_BROKER       the brokers, with commas between several (mqtt://127.0.0.1:1883)
  CALLTIME_BROKER_FOR_DOORS   what doors are told at enrolment, where they reach the brokers elsewhere (CALLTIME_BROKER)
  CALLTIME_BROKER_ADMIN_PASSWORD_FILE   with it the office lets doors in at the brokers, each with a password of its own (none)
  CALLTIME_BROKER_ADMIN_USER  as whom the office calls the brokers (office)
  CALLTIME_BROKER_CA_FILE     whom to trust for mqtts:// (the system's issuers)
  CALLTIME_PUBLIC_URL   address of this server as doors and tags know it (https://localhost)
  CALLTIME_TERMS        the council's terms, a file or their folder (the example contract)
  CALLTIME_SMTP_URL     the mail server for alerts and invitations, smtp://user@host:587 or smtps://… (none: no e-mail)
  CALLTIME_SMTP_PASSWORD_FILE  its password (none)
  CALLTIME_MAIL_FROM    the address from which e-mail comes (none)
  CALLTIME_HOOKS_PRIVATE  “allowed”: webhooks may be in private networks (not set: never)
  CALLTIME_FINANCE      headings and addresses of finance files, a TOML file (not set: the usual ones)
  CALLTIME_KEEP_YEARS   `tend` forgets taps that are older (not set: they are kept for ever)
  CALLTIME_KEEP_AUDIT_YEARS, CALLTIME_KEEP_SIGN_IN_DAYS, CALLTIME_KEEP_NOTICES_DAYS, CALLTIME_KEEP_FILES_DAYS, CALLTIME_KEEP_QUARANTINE_DAYS
                        and what else it lets go (7 years, 90, 365 and 30 days; quarantine goes with taps)
  CALLTIME_OIDC_ISSUER, CALLTIME_OIDC_CLIENT_ID, CALLTIME_OIDC_CLIENT_SECRET_FILE   an organisation's own sign-in (none)
"""


def main() -> None:
    """Read the command and obey."""
    arguments = _parser().parse_args()
    try:
        if arguments.command == "settle" and (arguments.plan or arguments.taps or arguments.out):
            paying.settle_from_files(arguments, arguments.terms or EXAMPLE_TERMS)
            return
        # Terms are read and checked wherever they are written, and that need not be where the office is.
        settings = from_environment({"CALLTIME_DATABASE": "postgresql:///none"} if arguments.command == "terms" else os.environ)
        arguments.act(settings, arguments)
    except (Refusal, BadConfig, DoublePay, TapsForgotten) as error:
        sys.exit(f"calltime-server: {error}")
    except BrokenPipeError:
        # Whoever read us, such as `head`, has seen enough; and what is left must not be flushed into nothing at the end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except SchemaMissing:
        sys.exit("calltime-server: the database has not the tables of this version. Run: calltime-server migrate")
    except DatabaseAway as error:
        sys.exit(f"calltime-server: the database cannot be reached ({str(error).strip()}). Check CALLTIME_DATABASE and that it runs.")


def _settle(settings: Config, arguments: argparse.Namespace) -> None:
    paying.settle_from_record(settings, arguments, arguments.terms or settings.terms)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="calltime-server",
        description="The office of Calltime: from taps and plans to payment actuals that explain themselves.",
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")

    command = partial(add_command, commands)
    command("migrate", serving.bring_schema, "bring the database to the schema of this version")
    _door_commands(command)
    _pay_commands(command)
    for room in (
        terms_files,
        agreeing,
        bringing,
        periods,
        bundling,
        finance,
        reporting,
        trying,
        people,
        subject_access,
        tokens,
        watching,
        working,
    ):
        room.add_to(command)
    tend = command("tend", tending.tend, "count for the boards, and let go what is too old to keep")
    tend.add_argument("--hourly", action="store_true", help="stay, and do it every hour")
    doctor = command(
        "doctor", tending.doctor, "say what database this is and whether the promises are safe on it; exit status 1: they are not"
    )
    doctor.add_argument("--json", action="store_true", help="for programs")
    doctor.add_argument("--tended", action="store_true", help="exit status 1 also when `tend` has not ended well for hours")
    _broker_commands(
        command("broker", brokers.status, "make a broker's configuration, keep brokers in step with enrolment, say how they are")
    )
    serve = command("serve", serving.serve, "serve pages and API until stopped")
    serve.add_argument("--host", default="127.0.0.1", help="%(default)s")
    serve.add_argument("--port", type=int, default=8080, help="%(default)s")
    serve.add_argument("--processes", type=_how_many, default=1, help="that serve pages; one per processor core (%(default)s)")
    return parser


def _door_commands(command: AddCommand) -> None:
    enrol = command("enrol", doors.enrol, "print one-time codes with which doors make themselves known")
    enrol.add_argument("--carer", action="append", default=[], help="a carer's own device; may be repeated")
    enrol.add_argument("--home", action="append", default=[], metavar="SERVICE_USER", help="a reader at a home; may be repeated")
    enrol.add_argument("--line", action="append", default=[], metavar="NAME", help="a telephone line; may be repeated")
    enrol.add_argument("--csv", action="store_true", help="print CSV: code,carer,home,line")
    revoke = command("revoke", doors.revoke, "revoke a door: what it sends from now on is quarantined")
    revoke.add_argument("device", help="the door's id: d_…")
    tags = command("tags", doors.list_tags, "make a tag for every planned home that has none, and list all")
    tags.add_argument("--csv", action="store_true", help="print CSV: tag,service_user,address")
    tag = command("tag", doors.hang_tag, "say at whose home a tag hangs that was not made here")
    tag.add_argument("tag", help="what stands behind /t/ in its address")
    tag.add_argument("service_user")
    badge = command("badge", doors.badge, "say whose badge this is, from now on")
    badge.add_argument("uid", help="the badge's number in hex, as the reader shows it; or what calltime-edge telephone pin printed")
    badge.add_argument("carer")
    status = command("status", doors.status, "say how many doors, taps and quarantined messages there are, and what doors have lost")
    status.add_argument("--csv", action="store_true", help="print CSV: doors,taps,quarantined,latest,lost")
    quarantine = command("quarantine", doors.quarantine, "show the messages that could not be taken, and why")
    quarantine.add_argument("--lines", type=_how_many, default=50, help="how many, the latest first (%(default)s)")
    quarantine.add_argument("--show", type=int, metavar="NUMBER", help="print the raw message with this number")


def _broker_commands(broker: argparse.ArgumentParser) -> None:
    commands = broker.add_subparsers(dest="broker_command", required=True, metavar="COMMAND")
    config = commands.add_parser("config", help="write what a Mosquitto needs into a folder, with everybody who is enrolled")
    config.set_defaults(act=brokers.make_config)
    config.add_argument("folder", type=Path, help="a folder for this broker alone")
    config.add_argument("--certificates", type=Path, metavar="DIR", help="fullchain.pem and privkey.pem are here: listen encrypted")
    config.add_argument("--plain", metavar="ADDRESS", help="listen without encryption on this address, such as 127.0.0.1")
    config.add_argument("--passwords", type=Path, metavar="DIR", help="passwords of gateway, office and monitor (FOLDER/passwords)")
    config.add_argument("--plugin", type=Path, metavar="FILE", help="the broker's mosquitto_dynamic_security.so (as Debian installs it)")
    config.add_argument("--anew", action="store_true", help="write anew whom the broker lets in; it must be down")
    for name, port in (("--port", 8883), ("--websockets-port", 8084), ("--plain-port", 1883)):
        config.add_argument(name, type=int, default=port, help="%(default)s")
    keep = commands.add_parser("keep", help="keep all brokers in step until stopped; `serve` does it, too")
    keep.set_defaults(act=brokers.keep)
    status = commands.add_parser("status", help="say of each broker whether it is reached and in step; exit status 1: one is not")
    status.set_defaults(act=brokers.status)


def _pay_commands(command: AddCommand) -> None:
    plan = command("import-plan", plans.bring_plan, "import planned visits from CSV or a published rota: all or nothing")
    plan.add_argument("file", type=Path, nargs="?", help="CSV: visit_id,service_user,provider,zone,service,start,minutes,carers")
    plan.add_argument("--hhcrsp", type=Path, nargs=2, metavar=("INSTANCE", "SOLUTION"), help="a published home-care rota as JSON")
    plan.add_argument("--day", type=a_day, help="the day on which the rota is worked")
    plan.add_argument("--remove", action="store_true", help="visits of its days and providers that it does not have are planned no more")
    plan.add_argument("--dry-run", action="store_true", help="only show what would change: added, changed (old → new), removed")
    settle = command("settle", _settle, "settle days from the record, or three files without a database")
    settle.add_argument("--day", type=a_day, help="one day, in London: YYYY-MM-DD")
    settle.add_argument("--from", dest="first", type=a_day, metavar="DAY", help="first day")
    settle.add_argument("--to", dest="last", type=a_day, metavar="DAY", help="last day, included")
    settle.add_argument("--actuals", type=Path, metavar="FILE", help="write the lines as CSV")
    settle.add_argument("--statement", type=Path, metavar="FILE", help="write the statement, every line explained")
    settle.add_argument("--plan", type=Path, metavar="FILE", help="from files: CSV as for import-plan")
    settle.add_argument("--taps", type=Path, metavar="FILE", help="from files: CSV of device,seq,time,action,carer,service_user,grade")
    settle.add_argument("--terms", type=Path, metavar="FILE", help="the council's terms (CALLTIME_TERMS)")
    settle.add_argument("--out", type=Path, metavar="DIR", help="from files: visits.csv, lines.csv and problems.csv go here")
    explain = command("explain", paying.explain, "tell a visit from its ledger lines down to the signed taps")
    explain.add_argument("visit_id")


def _how_many(text: str) -> int:
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 100_000:
        raise argparse.ArgumentTypeError(f"a number from 1 to 100000 is needed, not {text!r}")
    return int(text)


if __name__ == "__main__":
    main()
