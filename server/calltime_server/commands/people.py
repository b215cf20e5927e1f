"""Commands for who has an account: add, list, disable, and a link to sign in with once."""

from __future__ import annotations

import csv
import sys
from argparse import Namespace
from datetime import UTC, datetime

from calltime_server.commands.command import AddCommand
from calltime_server.commands.words import Refusal, say, table
from calltime_server.config import Config
from calltime_server.people import inviting, links
from calltime_server.people.inviting import Invited
from calltime_server.rights import Person, Role
from calltime_server.store import accounts
from calltime_server.store.accounts import AccountRefused, Listed
from calltime_server.store.audit import note_doing
from calltime_server.store.coming_in import Purpose
from calltime_server.store.connection import Connection, connect
from calltime_server.store.providers import known_providers

BY = "the command line"
MACHINE = Person(id=0, name=BY, role=Role.ADMINISTRATOR)
"""In the audit log: nobody's account, with what an administrator may do."""
LASTS_WORDS: dict[Purpose, str] = {"invitation": "seven days", "sign_in": "15 minutes", "straight_in": "15 minutes"}
MORE_WORDS: dict[Purpose, str] = {
    "invitation": "Password and second step are set up anew by it.",
    "sign_in": "A second step is asked for next, or set up. Where it is lost as well: --reset.",
    "straight_in": "Who holds it is in: no second step is asked for where none is set up.",
}


def add(config: Config, arguments: Namespace) -> None:
    """Make an account and print the link by which its person begins."""
    words = {name: getattr(arguments, name) or "" for name in ("name", "email", "role", "provider", "carer")}
    issuer = config.organisation.issuer if config.organisation and arguments.organisation else None
    if arguments.organisation and issuer is None:
        raise Refusal("No organisation's sign-in is set up. Set CALLTIME_OIDC_ISSUER and its companions, or leave out --organisation.")
    with connect(config.database) as connection:
        invited = inviting.read(words, providers=known_providers(connection), issuer=issuer)
        if not isinstance(invited, Invited):
            raise Refusal("\n".join(invited.values()))
        made = inviting.invite(connection, invited, by=BY, now=datetime.now(UTC))
    if made is None:
        raise Refusal(f"{inviting.TAKEN} A link to sign in with: calltime-server person link {invited.email}")
    say(f"{_base(config, arguments)}{made[1]}" if made[1] else f"{invited.email} signs in with {issuer}.")
    if made[1]:
        sys.stderr.write(f"Good once, for {LASTS_WORDS['invitation']}. Give it to this person and to nobody else.\n")


def list_people(config: Config, arguments: Namespace) -> None:
    """Print all accounts."""
    with connect(config.database) as connection:
        listed = accounts.list_accounts(connection, limit=1_000_000)
    head = ("email", "name", "role", "provider", "carer", "state", "last_signed_in")
    rows = [
        (
            *(each.email, each.name, each.role.value, each.provider or "", each.carer or ""),
            *("disabled" if each.disabled_at else "in use", f"{each.seen_at:%Y-%m-%dT%H:%M:%SZ}" if each.seen_at else ""),
        )
        for each in listed
    ]
    if arguments.csv:
        csv.writer(sys.stdout, lineterminator="\n").writerows([head, *rows])
    else:
        table([word.upper().replace("_", " ") for word in head], rows)


def disable(config: Config, arguments: Namespace) -> None:
    """Let nobody in by this account."""
    with connect(config.database) as connection:
        account = _account(connection, arguments.email)
        try:
            accounts.disable_account(connection, account.person, by=None, now=datetime.now(UTC))
        except AccountRefused as refused:
            raise Refusal(str(refused)) from refused
    say(f"{account.email} is disabled: signed out, and the tokens of this person are revoked.")


def link(config: Config, arguments: Namespace) -> None:
    """Print a link that stands for this person's password, once; with --reset for all else, too. Who can do this has all anyway."""
    purpose: Purpose = "invitation" if arguments.reset else "straight_in" if arguments.straight_in else "sign_in"
    with connect(config.database) as connection:
        account = _account(connection, arguments.email)
        if account.disabled_at is not None:
            raise Refusal(f"{account.email} is disabled. Have an administrator enable the account under People.")
        try:
            accounts.refuse_vouched(connection, account.person)
            if arguments.reset:
                now = datetime.now(UTC)
                accounts.reset_second_factor(connection, account.person, by=None, now=now)
                note_doing(connection, MACHINE, "reset a second factor by command", {"person": account.person}, now=now)
        except AccountRefused as refused:
            raise Refusal(str(refused)) from refused
        say(_base(config, arguments) + links.make(connection, account.person, purpose, by=BY, now=datetime.now(UTC)))
    sys.stderr.write(f"Good once, for {LASTS_WORDS[purpose]}. {MORE_WORDS[purpose]}\n")


def _account(connection: Connection, email: str) -> Listed:
    found = accounts.account_by_email(connection, email)
    if found is None:
        raise Refusal(f"There is no account {email}. List them: calltime-server person list")
    return found


def _base(config: Config, arguments: Namespace) -> str:
    return str(arguments.address or config.public_url).rstrip("/")


def add_to(command: AddCommand) -> None:
    """Add the words of these commands."""
    commands = command("person", list_people, "who may sign in: add, list, disable, and a link to sign in with once").add_subparsers(
        dest="person_command", required=True, metavar="COMMAND"
    )
    adding = commands.add_parser("add", help="make an account and print the link by which its person begins")
    adding.set_defaults(act=add)
    adding.add_argument("--name", required=True)
    adding.add_argument("--email", required=True)
    adding.add_argument("--role", required=True, choices=[role.value for role in Role])
    adding.add_argument("--provider", help="for whom a coordinator or carer works, as in the plan")
    adding.add_argument("--carer", help="which carer this is, as in the plan")
    adding.add_argument("--organisation", action="store_true", help="the person comes by the organisation's sign-in (CALLTIME_OIDC_ISSUER)")
    listing = commands.add_parser("list", help="all accounts")
    listing.set_defaults(act=list_people)
    listing.add_argument("--csv", action="store_true", help="print CSV")
    disabling = commands.add_parser("disable", help="let nobody in by this account any more")
    disabling.set_defaults(act=disable)
    disabling.add_argument("email")
    linking = commands.add_parser("link", help="print a link that stands for this person's password, once, within 15 minutes")
    linking.set_defaults(act=link)
    linking.add_argument("email")
    more = linking.add_mutually_exclusive_group()
    more.add_argument("--reset", action="store_true", help="password and second step are lost: take them away, and let both be set up anew")
    more.add_argument("--straight-in", action="store_true", help="for a demo: let this person in although no second step is set up")
    for each in (adding, linking):
        each.add_argument("--address", metavar="ADDRESS", help="how this browser reaches the office (CALLTIME_PUBLIC_URL)")
