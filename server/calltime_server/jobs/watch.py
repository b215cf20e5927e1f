"""How does the visit log keep up with the record? One process looks for news every two seconds, and works the days out that it touches."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import date, datetime, timedelta

from calltime_server.jobs.log_days import log_day
from calltime_server.payment.terms import Terms
from calltime_server.store.connection import Connection, DatabaseAway, SchemaMissing, session, together
from calltime_server.store.forgetting import TapsForgotten
from calltime_server.store.news import News, look_back, looked_through, note_looked_through, read_news, take_watch
from calltime_server.store.visit_log import Mark, mark_days, mark_everything, read_marks, unmark
from calltime_server.visits.civil_day import day_of

log = logging.getLogger(__name__)

LOOK_EVERY = 2.0
"""Seconds between two looks, at the least: twice as long as the last round took, so that a third of a processor does it."""
AT_ONCE = 5.0
"""Seconds after which a round looks for news again, though more days wait: what is old does not keep today waiting."""
FAR_EVERY = timedelta(hours=1)
"""How often a whole day of receiving is looked through anew, for gateways that committed late what they had received long before."""
BESIDE_AFTER = timedelta(minutes=1)
"""The day before and the day after one with news follow later, and once for much news: a visit may last over midnight."""
A_DAY = timedelta(days=1)


class Watch:
    """Keeps the log in a thread of its own. Of several processes one does; the others stand by until that one is gone.

    `also` are called in each round, after the log was brought up to date.
    """

    def __init__(self, dsn: str, terms: Sequence[Terms], now: Callable[[], datetime], *, also: Sequence[Callable[[], None]] = ()) -> None:
        """Nothing is looked up before `start`."""
        self._dsn, self._terms, self._now, self._also = dsn, tuple(terms), now, tuple(also)
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._keep, name="watch")
        self._told = ""

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, after the day that is worked out just now."""
        self._stop.set()
        self._thread.join()

    def _keep(self) -> None:
        while not self._stop.is_set():
            try:
                with session(self._dsn) as connection:
                    self._stand_by(connection)
                    if not self._stop.is_set():
                        self._say("this process keeps the visit log")
                        self._attend(connection)
            except (DatabaseAway, SchemaMissing) as error:
                self._say("the visit log cannot be kept: %s", str(error).strip(), level=logging.WARNING)
            except Exception:
                log.exception("the watch stumbled; it begins again")
            self._stop.wait(LOOK_EVERY)

    def _stand_by(self, connection: Connection) -> None:
        while not self._stop.is_set() and not take_watch(connection):
            self._say("another process keeps the visit log; this one stands by")
            self._stop.wait(LOOK_EVERY)

    def _attend(self, connection: Connection) -> None:
        """Keep the log for as long as the connection holds, and with it the lock."""
        rounds = Rounds(connection, self._terms)
        while not self._stop.is_set():
            began = time.monotonic()
            rounds.look(now=self._now())
            while rounds.work_one(now=self._now()) and not self._stop.is_set() and time.monotonic() - began < AT_ONCE:
                pass
            for each in self._also:
                try:
                    each()
                except DatabaseAway:
                    raise
                except Exception:
                    log.exception("something that goes along with the watch stumbled; it is tried again")
            self._stop.wait(max(LOOK_EVERY, 2 * (time.monotonic() - began)))

    def _say(self, words: str, *values: object, level: int = logging.INFO) -> None:
        """Once for each change of state, not every two seconds."""
        said = words % values
        if said != self._told:
            log.log(level, words, *values)
        self._told = said


class Rounds:
    """What is done in a round, and what is remembered from one to the next."""

    def __init__(self, connection: Connection, terms: Sequence[Terms]) -> None:
        """Nothing is looked up yet."""
        self._connection, self._terms = connection, terms
        self._seen: News = {}
        self._today: date | None = None
        self._far_at: datetime | None = None

    def look(self, *, now: datetime) -> None:
        """Mark the days that news touches, and those that the clock has reached."""
        through = looked_through(self._connection)
        if through is None:
            mark_everything(self._connection, now=now)
            log.info("the visit log is made for the first time")
        far = self._far_at is None or now - self._far_at >= FAR_EVERY
        news = read_news(self._connection, since=look_back(through or now, now=now, far=far), old_ones=far)
        days = {day for at, day in news if news[at, day] != self._seen.get((at, day))}
        self._mark(days, now)
        self._mark({day + by for day in days for by in (-A_DAY, A_DAY)}, now + BESIDE_AFTER)
        self._mark_the_clock(now)
        # Last, when every mark stands: who dies in between looks through the same news again.
        latest = max((at for at, _ in news), default=None)
        if through is None or (latest is not None and latest > through):
            note_looked_through(self._connection, max(at for at in (through, latest, now if through is None else None) if at))
        self._seen = news
        if far:
            self._far_at = now

    def _mark_the_clock(self, now: datetime) -> None:
        """A day has begun, or this process: nothing may have come in that says so."""
        today = day_of(now)
        if today != self._today:
            self._mark({today - A_DAY, today, today + A_DAY}, now)
        self._today = today

    def _mark(self, days: set[date], since: datetime) -> None:
        """Each day in a transaction of its own: who mends holds marks of several days, and two that hold and wait would never end."""
        for day in sorted(days):
            mark_days(self._connection, [day], now=since)

    def work_one(self, *, now: datetime) -> bool:
        """Work out the marked day that is nearest to today; says whether there was one."""
        marks = read_marks(self._connection, now=now, near=day_of(now))
        if not marks:
            return False
        with together(self._connection):
            self._work(marks[0], now)
        return True

    def _work(self, mark: Mark, now: datetime) -> None:
        try:
            log_day(self._connection, mark.day, terms=self._terms, now=now)
        except TapsForgotten:
            log.warning("a day of which taps were forgotten is left as it is: day=%s", mark.day)
        unmark(self._connection, mark)
