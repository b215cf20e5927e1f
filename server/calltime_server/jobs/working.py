"""How is long work done? By a worker that takes up the oldest, tells how far it is, and ends it in the transaction of what it did."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from calltime_server.payment.terms import Terms
from calltime_server.rights import OF_WORK
from calltime_server.store.connection import Connection, DatabaseAway, SchemaMissing, connect
from calltime_server.store.work import Work, beat, end_work, give_up_dead_work, keep_file, may_have, take_work

log = logging.getLogger(__name__)

EVERY = 1.0
"""Seconds between two looks for work."""
BEATS = 5.0
"""Seconds between two signs of life."""
BROKEN = (
    "This ended with an error that nobody foresaw, and nothing was changed. Tell whoever runs the server: the log has the details. "
    "Ask for it again once that is mended."
)
NOT_YOURS = (
    "This is not for whoever asked for it: the role of the account does not have the right, or is another by now. Nothing was done. Ask "
    "your administrator, or have somebody ask for it who may."
)


class WorkRefused(ValueError):
    """It cannot be done; the message says to whoever asked what, why and what next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class File:
    """Something to fetch. `media` is its media type."""

    name: str
    media: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What came out, in a sentence and in files."""

    says: str
    files: tuple[File, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Council:
    """By what everything is worked out: all of the council's terms, and its finance settings (a TOML file, if there is one)."""

    terms: tuple[Terms, ...]
    finance: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """What a kind of work gets. `connection` sees everything: whoever asked was let in for this when it was asked for.

    `tell(done, of, says)` says how far it is; `of` is None where nobody knows how much there is.
    """

    connection: Connection
    asked: Mapping[str, Any]
    person: int
    by_name: str
    provider: str | None
    council: Council
    now: datetime
    tell: Callable[[int, int | None, str], None]


Kind = Callable[[Task], Done]


@dataclass(slots=True)
class _Progress:
    done: int = 0
    of: int | None = None
    says: str = ""
    changed: threading.Event = field(default_factory=threading.Event)

    def tell(self, done: int, of: int | None, says: str) -> None:
        self.done, self.of, self.says = done, of, says
        self.changed.set()


class Worker:
    """Does the work of `kinds`, one after another, in a thread of its own."""

    def __init__(self, dsn: str, *, kinds: Mapping[str, Kind], council: Council, now: Callable[[], datetime]) -> None:
        """Nothing begins before start()."""
        self._dsn, self._kinds, self._council, self._now = dsn, kinds, council, now
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self.work_until_stopped, name="worker", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End after what is under way, if that does not take long; else it is begun by nobody again, and told as failed."""
        self._stop.set()
        if self._thread.ident is not None:
            self._thread.join(10)

    def work_until_stopped(self) -> None:
        """Look for work, and do it."""
        away = False
        while not self._stop.is_set():
            try:
                did = self.work_once()
                away = False
            except (DatabaseAway, SchemaMissing):
                if not away:
                    log.warning("the database cannot be worked on; trying again")
                did, away = False, True
            except Exception:  # the outermost loop: whatever it was, other work may go well
                log.exception("looking for work broke off, and goes on")
                did = False
            if not did:
                self._stop.wait(EVERY)

    def work_once(self) -> bool:
        """Do what has waited longest, and give up what others left behind. False: nothing waits."""
        with connect(self._dsn) as connection:
            dead = give_up_dead_work(connection, now=self._now())
            work = take_work(connection, now=self._now())
        if dead:
            log.warning("work given up: its worker is gone count=%d", dead)
        if work is None:
            return False
        log.info("work begun work=%d kind=%s", work.work, work.kind)
        failed = self._do(work)
        log.info("work ended work=%d kind=%s failed=%s", work.work, work.kind, failed)
        return True

    def _do(self, work: Work) -> bool:
        try:
            with self._beating(work) as progress, connect(self._dsn) as connection:
                done = self._kind_of(connection, work)(self._task(connection, work, progress))
                for file in done.files:
                    keep_file(connection, work.work, name=file.name, media=file.media, content=file.content)
                self._end(connection, work, done)
        except WorkRefused as refused:
            return self._fail(work, str(refused))
        except (DatabaseAway, SchemaMissing):
            raise
        except Exception:
            log.exception("work failed work=%d kind=%s", work.work, work.kind)
            return self._fail(work, BROKEN)
        return False

    def _end(self, connection: Connection, work: Work, done: Done) -> None:
        if not end_work(connection, work.work, says=done.says, now=self._now()):
            # Whoever asked has been told so already, and nothing of it may stay.
            raise WorkRefused("This was given up for dead.")

    def _fail(self, work: Work, says: str) -> bool:
        with connect(self._dsn) as connection:
            end_work(connection, work.work, says=says, now=self._now(), failed=True)
        return True

    def _kind_of(self, connection: Connection, work: Work) -> Kind:
        kind = self._kinds.get(work.kind)
        if kind is None:
            raise WorkRefused(f"This version does not know how to do “{work.kind}”. Perhaps it was asked for by another one. Ask again.")
        # Asked anew: the row may have been written by other means than a page, and a role may have changed since.
        if not may_have(connection, work, OF_WORK.get(work.kind)):
            raise WorkRefused(NOT_YOURS)
        return kind

    def _task(self, connection: Connection, work: Work, progress: _Progress) -> Task:
        return Task(
            connection=connection, asked=work.asked, person=work.person, by_name=work.by_name, provider=work.provider,
            council=self._council, now=self._now(), tell=progress.tell,
        )  # fmt: skip

    @contextmanager
    def _beating(self, work: Work) -> Iterator[_Progress]:
        """Meanwhile say every few seconds that it is under way: in transactions of their own, that others see at once."""
        progress, over = _Progress(), threading.Event()
        thread = threading.Thread(target=self._beat, args=(work.work, progress, over), name=f"work {work.work}", daemon=True)
        thread.start()
        try:
            yield progress
        finally:
            over.set()
            progress.changed.set()
            thread.join()

    def _beat(self, work: int, progress: _Progress, over: threading.Event) -> None:
        while not over.is_set():
            progress.changed.wait(BEATS)
            progress.changed.clear()
            if over.is_set():
                return
            try:
                with connect(self._dsn) as connection:
                    beat(connection, work, done=progress.done, of=progress.of, says=progress.says, now=self._now())
            except DatabaseAway:
                log.warning("no sign of life could be given work=%d", work)
            except Exception:  # a thread's outermost loop: a worker that does not beat any more counts as dead
                log.exception("no sign of life could be given work=%d", work)
