"""How are doors, tags, badges and carers kept? The same way from a page and from a program."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from calltime_server.jobs.codes import GOOD_FOR, give_codes
from calltime_server.rights import Person, Role
from calltime_server.store import carers, door_health, homes, phones, tags
from calltime_server.store.connection import Connection
from calltime_server.store.enrolment import Place, revoke_door
from calltime_server.store.locking import locked_days
from calltime_server.store.visit_log import mark_days, mark_unknown
from calltime_server.visits.civil_day import day_of


def N_(text: str) -> str:  # noqa: N802 # as in the pages, so that the sentence is found for the catalogue
    """Marks a sentence for translation; it is translated where it is shown."""
    return text


REFERENCE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")
"""What may travel in a record (docs/wire.md): a reference, and nothing that could be a name with its address."""
AT_ONCE = 200
LONGEST_CALLED = 30
FAR = timedelta(days=366)

NO_REFERENCE = N_("A reference has up to 64 letters, digits and . _ : - and nothing else. Write it as it stands in the plan.")
NOT_YOUR_HOME = N_(
    "No visit of yours is planned there. Check the reference; a new service user comes with the plan, which the council brings."
)
NOT_YOUR_CARER = N_("This carer is not known to work for you. Check the reference, or note under Carers from which day on the carer does.")
NOT_YOUR_LINE = N_(
    "A telephone line serves every provider, so the council enrols it. Ask the council; homes and PINs you can note yourself."
)
NOT_FREE_CARER = N_(
    "This reference is in use for a carer elsewhere. Check it; if the carer has moved to you, ask the council to note that."
)
NOT_FREE_BADGE = N_(
    "This badge was given to somebody who does not work for you. Check its number; if the card was handed on, ask the council."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Nothing was done. `field`: what is to be mended; `says`: what, why and what next."""

    field: str
    says: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """A one-time code, shown this once."""

    code: str
    place: Place
    expires_at: datetime


FOR_WHOM = {"carer": "carer", "home": "service_user"}
"""By which name the audit log notes for whom a door is, by its kind."""


def enrol(connection: Connection, who: Person, *, kind: str, reference: str, now: datetime) -> Code | Refused:
    """Make a code for a carer's device, for a home's reader or for a telephone line."""
    if kind not in ("carer", "home", "line"):
        return Refused(field="kind", says=N_("Choose whether the door is a carer's own device, a reader at a home or a telephone line."))
    if not REFERENCE.fullmatch(reference):
        return Refused(field="reference", says=NO_REFERENCE)
    council = who.role is not Role.PROVIDER
    if kind == "line" and not council:
        return Refused(field="kind", says=NOT_YOUR_LINE)
    if kind == "home" and not homes.own_home(connection, reference, council=council):
        return Refused(field="reference", says=NOT_YOUR_HOME)
    if kind == "carer" and not carers.is_own(connection, reference, council=council):
        return Refused(field="reference", says=NOT_YOUR_CARER)
    place = Place(**{kind: reference})
    ((code, _),) = give_codes(connection, [place], now=now)
    return Code(code=code, place=place, expires_at=now + GOOD_FOR)


def revoke(connection: Connection, who: Person, device: str, *, why: str, now: datetime) -> Refused | None:
    """Let a door in no more, from now on, and note why."""
    if not 0 < len(why) <= 1000:
        return Refused(field="why", says=N_("Write why, in up to 1,000 characters: lost, stolen, broken, handed back …"))
    if door_health.read_door(connection, device, now=now) is None or not revoke_door(connection, device, now=now):
        return Refused(field="device", says=N_("There is no such door, or it was revoked already. Look it up in the list of doors."))
    door_health.note_revoked(connection, device, why=why, by=who.name, now=now)
    return None


def make_tags(connection: Connection, who: Person, wanted: Sequence[str], *, now: datetime) -> dict[str, str] | Refused:
    """Make one new tag for each of these homes."""
    asked = list(dict.fromkeys(wanted))
    if not 0 < len(asked) <= AT_ONCE:
        return Refused(field="service_user", says=N_("Choose at least one home, and at most 200 at once."))
    if not all(homes.own_home(connection, home, council=who.role is not Role.PROVIDER) for home in asked):
        return Refused(field="service_user", says=NOT_YOUR_HOME)
    return tags.make_tags(connection, asked, now=now)


def hang(connection: Connection, who: Person, *, tag: str, home: str, now: datetime) -> Refused | None:
    """Say at whose home a tag hangs that was not made here. What was tapped at it before is looked at anew."""
    if not REFERENCE.fullmatch(tag):
        return Refused(
            field="tag", says=N_("A tag has up to 64 letters, digits and . _ : - and nothing else. Write it as the record has it.")
        )
    if not REFERENCE.fullmatch(home):
        return Refused(field="service_user", says=NO_REFERENCE)
    if not homes.own_home(connection, home, council=who.role is not Role.PROVIDER):
        return Refused(field="service_user", says=NOT_YOUR_HOME)
    if not tags.hang_new_tag(connection, tag=tag, home=home, now=now):
        return Refused(
            field="tag",
            says=N_("This tag hangs at a home already, and what was tapped there must stay theirs. A tag never moves: make a new one."),
        )
    mark_unknown(connection, now=now)
    return None


def call(connection: Connection, who: Person, *, home: str, called: str, now: datetime) -> Refused | None:
    """Say what carers' phones call a home; with nothing, they show its reference again."""
    if not homes.own_home(connection, home, council=who.role is not Role.PROVIDER):
        return Refused(field="service_user", says=NOT_YOUR_HOME)
    if len(called) > LONGEST_CALLED or not called.isprintable():
        return Refused(field="called", says=N_("Write at most 30 letters, such as initials. Leave it empty for the reference."))
    phones.call_home(connection, home, called, by=who.name, now=now)
    return None


def give(connection: Connection, who: Person, *, uid: str, carer: str, since: datetime | None, now: datetime) -> Refused | None:
    """Say whose badge this is, from a moment on (None: from now on, or always where nobody has had it)."""
    number, council = tags.badge_number(uid), who.role is not Role.PROVIDER
    if not REFERENCE.fullmatch(number):
        return Refused(
            field="uid", says=N_("A badge has the number that readers see: up to 64 letters and digits. Write it as printed or read.")
        )
    if not carers.is_own(connection, carer, council=council):
        return Refused(field="carer", says=NOT_YOUR_CARER)
    known, free, last = carers.badge_state(connection, number, council=council)
    if not free:
        return Refused(field="uid", says=NOT_FREE_BADGE)
    begin = since if since is not None or not known else now
    if begin is not None and (begin > now or (last is not None and begin <= last) or begin < now - FAR):
        return Refused(
            field="since", says=N_("A badge passes on after the last one was given it, and not in the future. Write a moment between.")
        )
    if begin is not None and known and not council and list(locked_days(connection, [(day_of(begin), who.provider)], now=now)):
        return Refused(
            field="since", says=N_("That day is locked: its visits can be changed no more. Choose a later moment, or ask to unlock it.")
        )
    carers.give_badge_from(connection, number, carer, since=begin)
    if begin is None:
        mark_unknown(connection, now=now)
    else:
        mark_days(connection, _days(day_of(begin), day_of(now)), now=now)
    return None


def employ(connection: Connection, who: Person, *, carer: str, provider: str, since: date, now: datetime) -> Refused | None:
    """Note for whom a carer works from a day on; what is noted already is not written again."""
    council = who.role is not Role.PROVIDER
    wrong = next(iter(wrong_employment(carer=carer, provider=provider, since=since, now=now)), None)
    if wrong is not None:
        return wrong
    if not carers.is_free(connection, carer, council=council):
        return Refused(field="carer", says=NOT_FREE_CARER)
    if carers.is_noted(connection, carer, provider, since=since):
        return None
    touched = carers.note_employment(connection, carer, provider, since=since, by=who.name, now=now)
    mark_days(connection, touched, now=now)
    return None


def wrong_employment(*, carer: str, provider: str, since: date | None, now: datetime) -> tuple[Refused, ...]:
    """All that is wrong with what was written, whatever the record holds. `since` None: it is no day."""
    wrongs = []
    if not REFERENCE.fullmatch(carer):
        wrongs.append(Refused(field="carer", says=NO_REFERENCE))
    if not provider or len(provider) > 200:
        wrongs.append(Refused(field="provider", says=N_("Write for which provider the carer works, as it stands in the plan.")))
    if since is None:
        wrongs.append(Refused(field="since", says=N_("This is not a day. Write year, month and day, as in 2026-10-05.")))
    elif not now.date() - FAR <= since <= now.date() + FAR:
        wrongs.append(Refused(field="since", says=N_("Write a day that lies at most a year back or ahead.")))
    return tuple(wrongs)


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]
