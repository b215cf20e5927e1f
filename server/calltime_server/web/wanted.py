"""Which visits does the address of a page ask for?"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from http import HTTPStatus
from urllib.parse import urlencode

from calltime_server.store.connection import Connection
from calltime_server.store.logged import STATES, Place, Wanted
from calltime_server.store.visit_log import latest_logged
from calltime_server.visits.civil_day import day_of
from calltime_server.visits.columns import DELIVERIES
from calltime_server.web.language import N_
from calltime_server.web.trouble import Trouble

LONGEST = 31
"""Days that can be asked for at once."""
TEXTS = ("provider", "zone", "service", "carer", "service_user")


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What is wanted, whether a day was named, after which place the list goes on, and the words of the address that say so."""

    wanted: Wanted
    named: bool
    after: Place | None
    words: Mapping[str, str]

    def address(self, **changed: object) -> str:
        """The part of an address after the question mark that asks the same, but for what is changed (None: left out)."""
        words = {name: value for name, value in self.words.items() if name != "after"} | changed
        return urlencode({name: value for name, value in words.items() if value not in (None, "")})


def read_question(connection: Connection, words: Mapping[str, str], *, now: datetime) -> Question:
    """Read the words of an address; raises Trouble, which says what to write instead.

    Without a day it is the latest that was logged, up to today; with a search, the month up to then.
    """
    today = day_of(now)
    first = read_day(words.get("day", "")) or latest_logged(connection, until=today) or today
    last = read_day(words.get("until", "")) or first
    search = words.get("q", "").strip() or None
    named = bool(words.get("day"))
    if search and not named:
        first = last - timedelta(days=LONGEST - 1)
    if not timedelta(0) <= last - first < timedelta(days=LONGEST):
        says = N_("At most 31 days can be shown at once, and the last comes not before the first. Write a first and a last day so.")
        raise _not_shown(says)
    provider, zone, service, carer, service_user = (words.get(name) or None for name in TEXTS)
    wanted = Wanted(
        first=first,
        last=last,
        search=search,
        provider=provider,
        zone=zone,
        service=service,
        carer=carer,
        service_user=service_user,
        state=_one_of(words.get("state", ""), STATES),
        delivery=_one_of(words.get("delivery", ""), DELIVERIES),
        amended={"yes": True, "no": False}.get(words.get("amended", "")),
    )
    if any("\0" in value for value in words.values()):
        raise _not_shown(N_("A reference has no such sign in it. Write it as it stands in the plan."))
    return Question(wanted=wanted, named=named, after=read_place(words.get("after", "")), words=words)


def read_day(text: str) -> date | None:
    """A day, or None where none is given; raises Trouble."""
    if not text:
        return None
    try:
        return date.fromisoformat(text if re.fullmatch(r"20\d\d-\d\d-\d\d", text, re.ASCII) else "")
    except ValueError:
        says = f"“{text[:40]}” is not a day. Write year, month and day, as in 2026-10-05; years from 2000 to 2099 are known."
        raise _not_shown(says) from None


def write_place(place: Place) -> str:
    """A place in the log, for an address."""
    return f"{place[0]}.{place[1]}"


def read_place(text: str) -> Place | None:
    """The same back; None for none. What is no place is the beginning: it was no address of ours."""
    found = re.fullmatch(r"(20\d\d-\d\d-\d\d)\.(\d{1,9})", text, re.ASCII)
    return (read_day(found[1]) or date.min, int(found[2])) if found else None


def _one_of(text: str, known: tuple[str, ...]) -> str | None:
    if text and text not in known:
        raise _not_shown(f"“{text[:40]}” is not known here. Write one of: {', '.join(known)}.")
    return text or None


def _not_shown(says: str) -> Trouble:
    return Trouble(HTTPStatus.BAD_REQUEST, N_("This cannot be shown"), says)
