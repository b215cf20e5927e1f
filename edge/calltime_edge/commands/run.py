"""How is a door put together from its settings, and set to work? `calltime-edge run`."""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import tempfile
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import UTC, datetime

from calltime_edge import door_key, door_lock, enrolment, lasting, opening, reporting
from calltime_edge import feedback as feedback_of
from calltime_edge.agent import Agent
from calltime_edge.clock import SystemClock
from calltime_edge.commands import exits
from calltime_edge.door import ENDING, Door, describe
from calltime_edge.enrolment import Enrolled
from calltime_edge.feedback import Feedback, Fitted
from calltime_edge.notifying import Notifier
from calltime_edge.outbox import Outbox
from calltime_edge.publisher import Publisher
from calltime_edge.readers import making
from calltime_edge.readers.sightings import Reader
from calltime_edge.settings import Settings
from calltime_edge.speaking import refuse
from calltime_edge.unable import until_it_can
from calltime_edge.watching import Watch
from calltime_wire.ed25519 import Ed25519Signer


def run(settings: Settings, *, may_be_lost: bool = False) -> int:
    """Watch the readers until SIGTERM or SIGINT; end with START_AGAIN when the outbox turns out to be damaged.

    `may_be_lost`: even in a folder that loses its records with the power, for a trial.
    """
    readers = make_readers(settings)
    if not readers:
        refuse("no reader was named. Name one in the settings, or: calltime-edge run --nfc /dev/serial0")
        return exits.NOT_UNDERSTOOD
    signer = door_key.load_or_make(settings.folder)
    enrolled = enrolment.load(settings.folder, signer)
    if enrolled.line is not None:
        refuse(f"this door is the telephone line {enrolled.line}, which has no readers. Start it: calltime-edge telephone")
        return exits.NOT_UNDERSTOOD
    return set_to_work(settings, signer, enrolled, lambda fitted: (readers, fitted), may_be_lost=may_be_lost)


def set_to_work(
    settings: Settings,
    signer: Ed25519Signer,
    enrolled: Enrolled,
    listening: Callable[[Fitted], tuple[Sequence[Reader], Feedback]],
    *,
    may_be_lost: bool,
) -> int:
    """Be this door until SIGTERM or SIGINT. `listening` makes what it listens to and what it answers with, which may be what is fitted."""
    alone = door_lock.hold(settings.folder)
    if alone is None:
        refuse(
            f"another door runs with {settings.folder} already, and two would fight for one name. "
            "Stop it first: systemctl stop calltime-edge"
        )
        return exits.NOT_DONE
    # Before any thread starts, so that all of them leave these signals to `sigtimedwait`.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    with alone:
        fitted, notifier = fit(settings), Notifier(os.environ)
        readers, feedback = listening(fitted)

        def begin() -> Door:
            # Before anything is opened: when it is gone, the same numbers would be used again, and that is a fork.
            if not may_be_lost and (why := lasting.forgets(settings.folder)):
                raise OSError(why)
            return _begin(settings, signer, enrolled, readers, fitted, feedback)

        door = until_it_can(begin, readers, feedback, notifier)
        if door is None:
            notifier.stopping()
            fitted.close()
            return exits.WELL
        well = door.work(notifier, reporting.place(settings.folder, os.environ))
    return exits.WELL if well else exits.START_AGAIN


def make_readers(settings: Settings) -> list[Reader]:
    """Make the readers that the settings name. None is opened yet."""
    return [making.make(each.kind, each.port, hold_seconds=settings.hold_seconds, baud=each.baud) for each in settings.readers]


def fit(settings: Settings) -> Fitted:
    """Make buzzer, lights and display as the settings have them."""
    wired = settings.feedback
    if "LG_WD" not in os.environ:
        # Where lgpio puts its pipe; otherwise that is wherever the command was called, which may be a home that the door may not write to.
        with suppress(OSError):  # a full disk: there is a door without a buzzer, perhaps
            os.environ["LG_WD"] = place = tempfile.mkdtemp(prefix="calltime-edge-")
            atexit.register(shutil.rmtree, place, ignore_errors=True)
    return feedback_of.make(
        language=settings.language,
        buzzer_pin=wired.buzzer_pin,
        green_pin=wired.green_pin,
        amber_pin=wired.amber_pin,
        red_pin=wired.red_pin,
        display=None if wired.display == "none" else wired.display,
        display_address=wired.display_address,
    )


def _begin(
    settings: Settings, signer: Ed25519Signer, enrolled: Enrolled, readers: Sequence[Reader], fitted: Fitted, feedback: Feedback
) -> Door:
    """Open the outbox and record the power-up. Raises sqlite3.Error and OSError where nothing can be recorded."""
    opened = opening.open_outbox(settings.folder / "outbox.sqlite", signer, now=datetime.now(UTC))
    door = _put_together(settings, signer, enrolled, opened.outbox, readers, fitted, feedback)
    try:
        door.agent.begin(lost=opened.lost)
    except BaseException:
        door.publisher.close()
        opened.outbox.close()
        raise
    return door


def _put_together(
    settings: Settings,
    signer: Ed25519Signer,
    enrolled: Enrolled,
    outbox: Outbox,
    readers: Sequence[Reader],
    fitted: Fitted,
    feedback: Feedback,
) -> Door:
    clock = SystemClock()
    publisher = Publisher(
        enrolled=enrolled,
        outbox=outbox,
        status=lambda online: describe(outbox, clock, watch, online=online),
        mqtt=settings.broker.mqtt,
        broker=settings.broker.address,
        ca_file=settings.broker.ca_file,
        username=settings.broker.username,
        password_file=settings.broker.password_file,
    )
    agent = Agent(enrolled=enrolled, signer=signer, outbox=outbox, clock=clock, feedback=feedback, recorded=publisher.nudge)
    watch = Watch(readers, agent.handle)
    return Door(
        folder=settings.folder,
        enrolled=enrolled,
        outbox=outbox,
        clock=clock,
        fitted=fitted,
        publisher=publisher,
        agent=agent,
        watch=watch,
        readers=tuple(reader.name for reader in readers),
    )
