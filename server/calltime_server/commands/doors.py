"""Commands about doors, tags and badges."""

from __future__ import annotations

from argparse import Namespace
from datetime import UTC, datetime

from calltime_server.commands.words import Refusal, say, table
from calltime_server.config import Config
from calltime_server.jobs.codes import GOOD_FOR, give_codes
from calltime_server.jobs.keeping import REFERENCE
from calltime_server.store import enrolment, evidence, losses, tags
from calltime_server.store.connection import connect
from calltime_server.store.enrolment import Place
from calltime_server.store.ledger import share_now
from calltime_server.store.losses import Loss
from calltime_server.store.visit_log import mark_days, mark_unknown
from calltime_server.visits.civil_day import day_of


def enrol(config: Config, arguments: Namespace) -> None:
    """Print a one-time code for each carer, home and telephone line named."""
    _require_references(*arguments.carer, *arguments.home, *arguments.line)
    places = [Place(carer=carer) for carer in arguments.carer]
    places += [Place(home=home) for home in arguments.home]
    places += [Place(line=line) for line in arguments.line]
    if not places:
        raise Refusal(
            "For whom? Name at least one: --carer CARER (a device in a pocket), --home SERVICE_USER (a reader on a wall) or --line NAME "
            "(a telephone line)."
        )
    with connect(config.database) as connection:
        codes = give_codes(connection, places, now=datetime.now(UTC))
        strange = enrolment.homes_without_a_plan(connection, arguments.home)
    if arguments.csv:
        say("code,carer,home,line")
        for code, place in codes:
            say(f"{code},{place.carer or ''},{place.home or ''},{place.line or ''}")
        return
    table(["CODE", "FOR"], [(code, _whose(carer=place.carer, home=place.home, line=place.line)) for code, place in codes])
    for home in strange:
        say(f"! No visit is planned for {home}. A door stands for one home for ever: if that is a slip of the pen, do not use its code.")
    say(f"\nEach is good once, for {GOOD_FOR.seconds // 60} minutes. On the door: calltime-edge enrol CODE --server {config.public_url}")


def _whose(*, carer: str | None, home: str | None, line: str | None) -> str:
    return f"carer {carer}" if carer else f"home of {home}" if home else f"telephone line {line}"


def _require_references(*references: str) -> None:
    unfit = [reference for reference in references if not REFERENCE.fullmatch(reference)]
    if unfit:
        raise Refusal(
            f"A door can carry references of up to 64 letters, digits and . _ : - and no others, so not {', '.join(map(repr, unfit))}. "
            "Give them references that fit, in the plan as well."
        )


def revoke(config: Config, arguments: Namespace) -> None:
    """Revoke a door."""
    with connect(config.database) as connection:
        if not enrolment.revoke_door(connection, arguments.device, now=datetime.now(UTC)):
            raise Refusal(f"No door {arguments.device} is enrolled, or it is revoked already.")
    say(f"Door {arguments.device} is revoked: brokers put it out, and what comes of it all the same is quarantined.")


def list_tags(config: Config, arguments: Namespace) -> None:
    """Make a tag for every planned service user that has none, and list all of them."""
    with connect(config.database) as connection:
        tags.make_missing_tags(connection, now=share_now(connection, lambda: datetime.now(UTC)))
        rows = [(tag, home, f"{config.public_url}/t/{tag}") for tag, home in tags.list_tags(connection)]
    if arguments.csv:
        say("tag,service_user,address")
        for row in rows:
            say(",".join(row))
        return
    table(["TAG", "SERVICE USER", "ADDRESS ON THE TAG"], rows)


def hang_tag(config: Config, arguments: Namespace) -> None:
    """Say at whose home a tag hangs that was not made here."""
    _require_references(arguments.tag, arguments.service_user)
    with connect(config.database) as connection:
        now = share_now(connection, lambda: datetime.now(UTC))
        holder = tags.hang_tag(connection, tag=arguments.tag, home=arguments.service_user, now=now)
        mark_unknown(connection, now=now)
    if holder != arguments.service_user:
        raise Refusal(
            f"Tag {arguments.tag} hangs at the home of {holder}, and what was tapped there must stay theirs. "
            "A tag never moves: hang a new one (calltime-server tags makes it)."
        )
    say(f"Tag {arguments.tag} hangs at the home of {holder}. Settle the days on which it was tapped again.")


def badge(config: Config, arguments: Namespace) -> None:
    """Say whose badge this is."""
    _require_references(arguments.uid, arguments.carer)
    with connect(config.database) as connection:
        now = share_now(connection, lambda: datetime.now(UTC))
        tags.give_badge(connection, uid=tags.badge_number(arguments.uid), carer=arguments.carer, now=now)
        mark_unknown(connection, now=now)
        mark_days(connection, [day_of(now)], now=now)  # of a badge that another carer had until now
    say(f"Badge {tags.badge_number(arguments.uid)} is carer {arguments.carer}'s.")


def quarantine(config: Config, arguments: Namespace) -> None:
    """Show what could not be taken."""
    with connect(config.database) as connection:
        if arguments.show is not None:
            payload = evidence.read_quarantined(connection, arguments.show)
            if payload is None:
                raise Refusal(f"There is no message {arguments.show} in quarantine. Without --show they are all listed.")
            # A stranger wrote it, and a terminal obeys what it is sent: only what is certain to print is printed as it is.
            say("".join(chr(byte) if 0x20 <= byte <= 0x7E else f"\\x{byte:02x}" for byte in payload))
            return
        messages = evidence.list_quarantined(connection, at_most=arguments.lines)
    if not messages:
        say("Nothing is in quarantine.")
        return
    for message in messages:
        known = "stored since" if message.stored_since else "open"
        table(
            ["NUMBER", "REASON", "DOOR (AS CLAIMED)", "RECORD", "BYTES", "TIMES", "LAST SEEN", ""],
            [
                (
                    message.id,
                    message.reason,
                    message.device,
                    message.seq,
                    message.size,
                    message.times,
                    f"{message.last_at:%Y-%m-%d %H:%M:%SZ}",
                    known,
                )
            ],
        )
        say(f"  {message.says}\n")


def status(config: Config, arguments: Namespace) -> None:
    """Say what the record holds, and what doors say that it will never hold."""
    with connect(config.database) as connection:
        counts = evidence.count(connection)
        lost = losses.list_losses(connection)
    latest = f"{counts.latest:%Y-%m-%dT%H:%M:%SZ}" if counts.latest else ""
    if arguments.csv:
        missing = sum(loss.missing for loss in lost)
        say(f"doors,taps,quarantined,latest,lost\n{counts.doors},{counts.taps},{counts.quarantined},{latest},{missing}")
        return
    table(["DOORS", "TAPS", "QUARANTINED", "LAST STORED"], [(counts.doors, counts.taps, counts.quarantined, latest or "nothing yet")])
    for loss in lost:
        say(f"\n{_told(loss)}")


def _told(loss: Loss) -> str:
    whose = _whose(carer=loss.carer, home=loss.home, line=loss.line)
    if loss.line:
        ask = "the telephone company which calls there were, and the carers"
    else:
        ask = f"carer {loss.carer} or the provider" if loss.carer else f"the provider and the carers of {loss.home}"
    if loss.last_tap:
        since = f"its last tap before them was made at {loss.last_tap:%Y-%m-%d %H:%MZ}"
    else:
        since = "no tap of it before them, with a time that it knew, is stored"
    # A door whose memory is gone may not know its last number to the record, and names too many rather than too few.
    number = "1 record" if loss.missing == 1 else f"up to {loss.missing:,} records"
    return (
        f"Door {loss.device} ({whose}) has lost {number} that never came here. It said so at {loss.told_at:%Y-%m-%d %H:%MZ}; {since}.\n"
        f"Taps may be among them. Ask {ask} for the visits of that time. The damaged file is kept on the door."
    )
