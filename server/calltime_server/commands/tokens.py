"""Commands for programs that ask the office: make a token for one, list them, revoke one."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime, timedelta

from calltime_server.commands.command import AddCommand
from calltime_server.commands.words import Refusal, say, table
from calltime_server.config import Config
from calltime_server.people.tokens import LONGEST, make
from calltime_server.rights import RIGHTS, NotAllowed, Right
from calltime_server.store.audit import note_doing
from calltime_server.store.connection import connect
from calltime_server.store.tokens import list_tokens, maker_of_tokens, revoke_token


def add_to(command: AddCommand) -> None:
    """Add the words of these commands."""
    token = command("token", list_all, "make, list and revoke the tokens with which programs ask the API")
    commands = token.add_subparsers(dest="token_command", metavar="COMMAND")
    made = commands.add_parser("make", help="make a token and print it, this once")
    made.set_defaults(act=make_one)
    made.add_argument("--as", dest="email", required=True, metavar="EMAIL", help="whose token it is: it may do no more than this person")
    made.add_argument("--called", required=True, metavar="NAME", help="which program will use it, such as “finance system, nightly”")
    made.add_argument(
        "--scope",
        action="append",
        required=True,
        dest="scopes",
        metavar="SCOPE",
        help="such as pay:read, which pulls the lines of runs; may be repeated",
    )
    made.add_argument("--days", type=int, default=90, help=f"for how many days, at most {LONGEST.days} (%(default)s)")
    commands.add_parser("list", help="list all, the newest first").set_defaults(act=list_all)
    revoked = commands.add_parser("revoke", help="let nobody in with it from now on")
    revoked.set_defaults(act=revoke)
    revoked.add_argument("number", type=int, help="as `token list` shows it")


def make_one(config: Config, arguments: Namespace) -> None:
    """Make a token as this person, and print it."""
    now = datetime.now(UTC)
    known = {right.value for right in Right}
    strange = sorted(set(arguments.scopes) - known)
    if strange:
        raise Refusal(f"There is no scope {', '.join(strange)}. There are {', '.join(sorted(known))}.")
    with connect(config.database) as connection:
        who = maker_of_tokens(connection, arguments.email)
        if who is None:
            raise Refusal(f"Nobody who may make tokens has an account with {arguments.email}. Carers have none, nor who is disabled.")
        scopes = frozenset(Right(scope) for scope in arguments.scopes)
        try:
            token, number = make(connection, who, called=arguments.called, scopes=scopes, lasts=timedelta(days=arguments.days), now=now)
        except NotAllowed as error:
            has = ", ".join(sorted(RIGHTS[who.role]))
            raise Refusal(f"{error} {who.role.value} has {has}.") from error
        note_doing(connection, who, "made a token by command", {"token": number, "scopes": sorted(scopes)}, now=now)
    say(token)


def list_all(config: Config, _arguments: Namespace) -> None:
    """List all tokens, without what programs send."""
    now = datetime.now(UTC)
    with connect(config.database) as connection:
        tokens = list_tokens(connection, before=None, limit=10_000)
    rows = []
    for token in tokens:
        state = "works" if token.works(now) else "revoked" if token.revoked_at else "over"
        of = token.provider or token.role.value
        rows.append((token.number, token.called, of, state, f"{token.expires_at:%Y-%m-%d}", " ".join(token.scopes)))
    table(["NUMBER", "CALLED", "OF", "STATE", "UNTIL", "SCOPES"], rows)


def revoke(config: Config, arguments: Namespace) -> None:
    """Revoke a token."""
    with connect(config.database) as connection:
        if not revoke_token(connection, arguments.number, now=datetime.now(UTC)):
            raise Refusal(f"There is no token {arguments.number}. `calltime-server token list` shows all.")
    say(f"Token {arguments.number} is revoked: nobody is let in with it.")
