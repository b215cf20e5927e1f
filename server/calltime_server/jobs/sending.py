"""Who sends what is to be sent? A thread of the office: it takes what is due, sends all of it at once, and notes how that went.

Each message is sent at least once. Between the sending and the note a sender may die; then the message is sent again after its wait, and
a webhook can tell by the id that it had it already.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from datetime import datetime

from calltime_server.config import Mail
from calltime_server.jobs.mail import NotMailed, send_mail
from calltime_server.jobs.webhook_post import NotPosted, post
from calltime_server.store.connection import Connection, connect
from calltime_server.store.messages import Due, note_failed, note_sent, take_due

log = logging.getLogger(__name__)

AT_ONCE = 20
EVERY = 2
"""Seconds between two looks."""
NO_MAIL = "No e-mail can leave this server. Once whoever runs it has set up a mail server, the next try sends it."

Outcome = tuple[Due, bool, str]


def send_due(dsn: str, *, mail: Mail | None, private: bool, now: Callable[[], datetime]) -> int:
    """Send what is due, a batch after the other, and say how many were tried. `private`: webhooks may be in private networks."""
    done = 0
    while True:
        with connect(dsn) as connection:
            taken = take_due(connection, now=now(), limit=AT_ONCE)
        if not taken:
            return done
        outcomes = asyncio.run(_send_all(taken, mail, private=private, now=now()))
        with connect(dsn) as connection:
            for outcome in outcomes:
                _note(connection, outcome, now=now())
        done += len(outcomes)


async def _send_all(taken: tuple[Due, ...], settings: Mail | None, *, private: bool, now: datetime) -> list[Outcome]:
    """Each by itself: what goes wrong with one takes nothing from the others, and what was sent is noted."""
    tries = await asyncio.gather(*(_send(due, settings, private=private, now=now) for due in taken), return_exceptions=True)
    return [_told(due, outcome) for due, outcome in zip(taken, tries, strict=True)]


def _told(due: Due, outcome: Outcome | BaseException) -> Outcome:
    if not isinstance(outcome, BaseException):
        return outcome
    if not isinstance(outcome, Exception):
        raise outcome
    return due, False, f"It could not be sent as it is: {type(outcome).__name__}. The next try is made all the same."


async def _send(due: Due, settings: Mail | None, *, private: bool, now: datetime) -> Outcome:
    try:
        if due.address is not None:
            return due, True, await post(due, private=private, now=now)
        if settings is None:
            return due, False, NO_MAIL
        return due, True, await asyncio.to_thread(send_mail, due, settings, now=now)
    except (NotPosted, NotMailed) as error:
        if error.__cause__ is not None:
            # Pages say it in plain words; whoever runs the server wants to know what it was.
            log.info("a message did not go through", extra={"message_number": due.message, "cause": repr(error.__cause__)})
        return due, False, str(error)


def _note(connection: Connection, outcome: Outcome, *, now: datetime) -> None:
    due, sent, says = outcome
    if sent:
        note_sent(connection, due.message, says=says, now=now)
    else:
        note_failed(connection, due.message, says=says, now=now)
        log.warning("a message was not sent", extra={"message_number": due.message, "event": due.event, "tried": due.tried})


class Sender:
    """Sends until it is stopped. Several of them, also of other processes, share the work."""

    def __init__(self, dsn: str, *, mail: Mail | None, private: bool, now: Callable[[], datetime]) -> None:
        """Nothing is sent before `start`."""
        self._dsn, self._mail, self._private, self._now = dsn, mail, private, now
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._keep_sending, name="sender", daemon=True)

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End, once what is being sent is noted."""
        self._stopping.set()
        self._thread.join(timeout=30)

    def _keep_sending(self) -> None:
        while not self._stopping.is_set():
            try:
                send_due(self._dsn, mail=self._mail, private=self._private, now=self._now)
            except Exception:  # the outermost loop: whatever it was, the next look may go well
                log.exception("sending broke off, and goes on")
            self._stopping.wait(EVERY)
