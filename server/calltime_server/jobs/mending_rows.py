"""What does one row of a queue come to, by what was typed into it? No time is ever made here: each was typed."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from calltime_server.jobs.mending_times import between, near_plan, read_moment, read_wall
from calltime_server.jobs.wishes import ENTER, LOOKED_AT, REPORTS, Change, Typed, Wish, Wrong
from calltime_server.payment.spanning import in_force
from calltime_server.payment.terms import Terms
from calltime_server.rights import Person, Role
from calltime_server.store.amending import NewEntry, NewLook, NewReport
from calltime_server.store.connection import Connection
from calltime_server.store.locking import locked_days
from calltime_server.store.mending import OF_VISITS, ToLookAt, ToMend, find_problems, find_visits
from calltime_server.store.mending_carers import carers_at, carers_to_type, known_carers
from calltime_server.store.reasons import Reason, list_reasons
from calltime_server.visits.civil_day import day_of
from calltime_server.visits.taken_for_starts import LATE, OWN
from calltime_server.visits.wall import LONDON

GONE = (
    Wrong(
        place="row",
        says="This row does not stand any more as it did when the page was opened: somebody has mended it, or its tap has come. Nothing "
        "was written. Untick it, or load the queue again.",
    ),
)

NOTE_CARER = "Check the reference; if it is right, note under Carers, Take a carer on, from which day on the carer works."


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """Everything that a wish is checked against."""

    connection: Connection
    wish: Wish
    who: Person
    terms: Sequence[Terms]
    now: datetime
    rows: Mapping[str, ToMend | ToLookAt]
    reasons: Mapping[str, Reason]
    carers: frozenset[str]
    known: frozenset[str]
    at_visit: Mapping[str, frozenset[str]]
    told_at: datetime | str | None

    def wrong_beside(self) -> Iterator[Wrong]:
        """What is wrong in the fields that stand once for all rows."""
        way, words = self.wish.way, self.wish.words
        reason = self.reasons.get(self.wish.reason)
        if way != LOOKED_AT and reason is None:
            yield Wrong(place="reason", says="Choose a reason from the council's list: it is kept with the change.")
        elif way != LOOKED_AT and reason is not None and reason.archived:
            says = f"The council offers the reason “{reason.english}” no more. Choose another one."
            yield Wrong(place="reason", says=says)
        if len(words) > 900 or any(not (each.isprintable() or each in "\r\n") for each in words):
            yield Wrong(place="words", says="Write at most 900 characters, and only such as can be seen.")
        elif not words.strip() and way == LOOKED_AT:
            yield Wrong(place="words", says="Write in a sentence what you found, so that the next one who looks need not ask.")
        elif not words.strip() and reason is not None and reason.needs_words:
            yield Wrong(place="words", says=f"The reason “{reason.english}” says nothing by itself. Write in a sentence what it was.")
        if isinstance(self.told_at, str):
            yield Wrong(place="told_at", says=self.told_at)
        elif self.told_at is not None and self.told_at > self.now:
            yield Wrong(place="told_at", says="This lies in the future. Write when the office was told.")

    def change_of(self, typed: Typed, row: ToMend | ToLookAt) -> Change | Sequence[Wrong]:
        """What this row comes to."""
        if self.wish.way == LOOKED_AT:
            look = NewLook(known_as=row.known_as, kind=row.kind, day=row.day, provider=row.provider or "", words=self._words() or "–")
            return self._unless_typed(typed) or Change(row=row, look=look)
        if isinstance(row, ToLookAt):
            return GONE
        if self.wish.way == ENTER:
            return self._enter(typed, row)
        if row.visit_id is None:
            return [Wrong(place="row", says="Nobody planned this visit, so nothing can be reported of it. Untick it, and enter its end.")]
        if not isinstance(self.told_at, datetime):
            return self._unless_typed(typed)  # what is wrong with it is told once for all rows
        reason = self.reasons.get(self.wish.reason)
        says = ": ".join(filter(None, (reason.english if reason else "", self._words())))
        report = NewReport(visit_id=row.visit_id, kind=self.wish.way, told_at=self.told_at, reason=says)
        return self._unless_typed(typed) or Change(row=row, report=report)

    def locked(self, changes: Sequence[Change]) -> Iterator[Wrong]:
        """Rows of days on which this person may change nothing any more."""
        if self.who.role is not Role.PROVIDER:
            return
        days = {change.row.known_as: {change.row.day, *(day_of(each.time) for each in change.entries)} for change in changes}
        shut = {
            day for day, _ in locked_days(self.connection, [(d, self.who.provider) for each in days.values() for d in each], now=self.now)
        }
        for known_as, touched in days.items():
            if touched & shut:
                yield Wrong(place=f"row.{known_as}", says=locked_words(min(touched & shut)))

    def _words(self) -> str | None:
        return " ".join(self.wish.words.split()) or None

    def _unless_typed(self, typed: Typed) -> list[Wrong]:
        if not (typed.start or typed.stop):
            return []
        end = "start" if typed.start else "stop"
        return [Wrong(place=end, says="A time stands here, and yet no end is to be entered. Clear it, or choose to enter times.")]

    def _enter(self, typed: Typed, row: ToMend) -> Change | Sequence[Wrong]:
        longest = timedelta(hours=in_force(self.terms, row.day).pairing.longest_hours)
        carer = row.carer or typed.carer.strip()
        wrongs: list[Wrong] = []
        if not carer:
            wrongs.append(Wrong(place="carer", says="Write which carer it was: no tap says it."))
        elif row.carer is None and ((self.carers and carer not in self.carers) or not re.fullmatch(r"[^\s].{0,99}", carer)):
            wrongs.append(Wrong(place="carer", says=f"“{carer[:40]}” is not known to work for you. {NOTE_CARER}"))
        elif row.carer is None:
            wrongs.extend(self._wrong_carer(carer, typed, row))
        if typed.start.strip() and row.started is not None and row.ended is None:
            return self._before_lone_tap(typed, row, carer, longest)
        started, ended = row.started, row.ended
        if row.started is None:
            read = read_wall(typed.start, what="start")
            found = read if isinstance(read, str) else _place_start(read, row, longest)
            started = self._unless_to_come("start", found, wrongs)
        if row.ended is None:
            read = read_wall(typed.stop, what="end")
            found = read if isinstance(read, str) else between(read, after=started, longest=longest)
            ended = self._unless_to_come("stop", found, wrongs)
        if wrongs or started is None or ended is None:
            return wrongs
        entries = [self._entry(row, "start", started, carer)] if row.started is None else []
        entries += [self._entry(row, "stop", ended, carer)] if row.ended is None else []
        return Change(row=row, entries=tuple(entries))

    def _before_lone_tap(self, typed: Typed, row: ToMend, carer: str, longest: timedelta) -> Change | Sequence[Wrong]:
        """The one tap, which its door took for the start, was the stop: only the start before it is entered, and the tap stays as it is."""
        if not row.at_door:
            says = "The start that stands here was tapped at no door, so it is not read as a stop. Clear the start, and write the stop."
            return [Wrong(place="start", says=says)]
        if typed.stop.strip():
            says = (
                "A stop stands here as well. If the one tap was the stop, write the start alone; if it was the start, write the stop alone."
            )
            return [Wrong(place="stop", says=says)]
        wrongs: list[Wrong] = []
        read = read_wall(typed.start, what="start")
        found = read if isinstance(read, str) else between(read, before=row.started, longest=longest)
        started = self._unless_to_come("start", self._not_read_as_stop(found, row) or found, wrongs)
        return wrongs if started is None else Change(row=row, entries=(self._entry(row, "start", started, carer),), tap_is_stop=True)

    def _not_read_as_stop(self, started: datetime | str | None, row: ToMend) -> str | None:
        """Why the tap would not be read as the stop of a visit that began then, as pairing will see it; other planned visits aside."""
        if not isinstance(started, datetime) or row.started is None:
            return None
        debounce = timedelta(seconds=in_force(self.terms, row.day).pairing.debounce_seconds)
        shown = row.started.astimezone(LONDON)
        if row.started - started <= debounce:
            return (
                f"The tap is at {shown:%H:%M:%S}, and a start so shortly before it counts as the same tap: the visit would still lack its "
                "stop. If the tap was the start, clear this and write the stop."
            )
        begins, over = row.planned_start or started, started
        if row.planned_start is not None:
            over = max(started, row.planned_start + timedelta(minutes=row.planned_minutes or 0))
        if abs(begins - started) > OWN or row.started - over > LATE:
            return (
                f"The tap at {shown:%H:%M:%S} lies too far from a visit that began then to be read as its stop. Check the time; if the tap "
                "was the start, clear this and write the stop."
            )
        return None

    def _wrong_carer(self, carer: str, typed: Typed, row: ToMend) -> Iterator[Wrong]:
        """Whom nobody knows made no visit, and nobody makes one visit twice."""
        if carer not in self.known:
            # Whose visits somebody else's carer made is hidden from a provider: it is told no more than what it may know.
            known = "work for you" if self.who.role is Role.PROVIDER else "have tapped or to work for anybody"
            yield Wrong(place="carer", says=f"“{carer[:40]}” is not known to {known}. {NOTE_CARER}")
        others = {
            each.carer.strip()
            for each in self.wish.rows
            if each.known_as != typed.known_as
            and (other := self.rows.get(each.known_as)) is not None
            and row.visit_id is not None
            and other.visit_id == row.visit_id
        }
        if carer in others or carer in self.at_visit.get(row.visit_id or "", frozenset()):
            says = f"“{carer[:40]}” stands at this visit already, and two carers were asked for. Write who the other one was."
            yield Wrong(place="carer", says=says)

    def _unless_to_come(self, place: str, found: datetime | str | None, wrongs: list[Wrong]) -> datetime | None:
        if isinstance(found, datetime) and found > self.now:
            found = "This lies in the future. Enter what has happened, not what is planned."
        if isinstance(found, str):
            wrongs.append(Wrong(place=place, says=found))
        return found if isinstance(found, datetime) else None

    def _entry(self, row: ToMend, action: str, at: datetime, carer: str) -> NewEntry:
        planned = row.planned_start
        if planned is not None and action == "stop":
            planned += timedelta(minutes=row.planned_minutes or 0)
        return NewEntry(
            time=at,
            action=action,
            carer=carer,
            service_user=row.service_user,
            provider=row.provider,
            reason=self.wish.reason,
            words=self._words(),
            visit_id=row.visit_id,
            meant_for=row.known_as,
            as_planned=planned is not None and planned.replace(second=0, microsecond=0) == at,
        )


def open_desk(connection: Connection, wish: Wish, who: Person, terms: Sequence[Terms], *, now: datetime) -> Desk:
    """Read all that a wish is checked against."""
    names, typed = [row.known_as for row in wish.rows], [row.carer.strip() for row in wish.rows if row.carer.strip()]
    rows: Mapping[str, ToMend | ToLookAt]
    rows = find_visits(connection, names, now=now) if wish.queue in OF_VISITS else find_problems(connection, names)
    known = known_carers(connection, typed)
    return Desk(
        connection=connection,
        wish=wish,
        who=who,
        terms=terms,
        now=now,
        rows={name: row for name, row in rows.items() if row.kind == wish.queue},
        reasons={each.code: each for each in list_reasons(connection, archived=True)},
        known=known,
        at_visit=carers_at(connection, [row.visit_id for row in rows.values() if row.visit_id]),
        carers=carers_to_type(connection, who.provider, known) if wish.queue == "missed" and who.provider else frozenset(),
        told_at=read_moment(wish.told_at) if wish.way in REPORTS else None,
    )


def locked_words(day: date) -> str:
    return f"{day:%-d %B %Y} is locked for providers. Nothing was written. Ask the council to open it again, under To mend, Ask to unlock."


def _place_start(wall: time, row: ToMend, longest: timedelta) -> datetime | str | None:
    if row.ended is not None:
        return between(wall, before=row.ended, longest=longest)
    assert row.planned_start is not None, "a missed visit was planned"  # noqa: S101
    return near_plan(wall, row.planned_start)
