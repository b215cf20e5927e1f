"""What can a person do about the quarantine? Look at it, and have it taken again."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections import Counter
from contextlib import closing
from datetime import datetime

from calltime_gateway import flow, looking, quarantine
from calltime_gateway.looking import Which
from calltime_gateway.store import Store
from calltime_wire.refusals import Reason

AT_ONCE = 500
"""So many messages are taken again together: few enough to lie in memory."""


def understand(look: ArgumentParser, replay: ArgumentParser) -> None:
    """Give both commands their words."""
    for parser in (look, replay):
        parser.add_argument("number", nargs="?", type=_positive, metavar="NUMBER", help="this one message")
        parser.add_argument("--reason", type=_reason, help=f"only of this reason: {', '.join(Reason)}")
        parser.add_argument("--device", metavar="DEVICE", help="only what claims to be of this door: d_…")
    look.add_argument("--lines", type=_positive, default=20, help="list so many, the latest first (%(default)s)")
    wrong = "judge as of now, not of the first arrival: for 'time out of range', when the gateway's clock was wrong and is right now"
    replay.add_argument("--gateway-clock-was-wrong", action="store_true", help=wrong)


def look(dsn: str, asked: Namespace) -> str:
    """Tell what is in quarantine, as text to print. Raises DatabaseAway or SchemaMissing."""
    which = _which(asked)
    with looking.connected(dsn) as connection:
        if which == Which():
            return quarantine.overview(looking.heaps(connection))
        messages = looking.latest(connection, which, at_most=asked.lines)
    return quarantine.in_full(messages[0]) if which.number is not None and messages else quarantine.listed(messages, at_most=asked.lines)


def replay(dsn: str, asked: Namespace, *, now: datetime) -> str:
    """Have messages taken again and tell what came of it, as text to print. Raises DatabaseAway or SchemaMissing."""
    new = known = 0
    refused = Counter[str]()
    with looking.connected(dsn) as connection, closing(Store(dsn)) as store:
        for messages in looking.waiting(connection, _which(asked), at_once=AT_ONCE):
            as_of = [(topic, payload, now if asked.gateway_clock_was_wrong else first_at) for topic, payload, first_at in messages]
            judged = flow.replay(store, as_of)
            new, known = new + len(judged.new), known + len(judged.known)
            refused += quarantine.reasons(judged)
    return quarantine.replayed(new, known, refused)


def _which(asked: Namespace) -> Which:
    return Which(reason=asked.reason, device=asked.device, number=asked.number)


def _reason(word: str) -> Reason:
    try:
        return Reason(word)
    except ValueError:
        raise ArgumentTypeError(f"{word!r} is no reason. They are: {', '.join(Reason)}") from None


def _positive(word: str) -> int:
    if word.isascii() and word.isdigit() and 0 < int(word) < 2**63:
        return int(word)
    raise ArgumentTypeError(f"{word!r} is no number that counts from 1")
