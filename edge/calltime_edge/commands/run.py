"""How is a door put together from its settings, and set to work? `calltime-edge run`."""

from __future__ import annotations

import os
import signal
from datetime import UTC, datetime

from calltime_edge import door_key, door_lock, enrolment, feedback, opening, reporting
from calltime_edge.agent import Agent
from calltime_edge.clock import SystemClock
from calltime_edge.commands import exits
from calltime_edge.door import ENDING, Door, describe
from calltime_edge.enrolment import Enrolled
from calltime_edge.feedback import Fitted
from calltime_edge.notifying import Notifier
from calltime_edge.outbox import Outbox
from calltime_edge.publisher import Publisher
from calltime_edge.readers import making
from calltime_edge.readers.sightings import Reader
from calltime_edge.settings import Settings
from calltime_edge.speaking import refuse
from calltime_edge.watching import Watch
from calltime_wire.ed25519 import Ed25519Signer


def run(settings: Settings) -> int:
    """Watch the readers until SIGTERM or SIGINT; end with START_AGAIN when the outbox turns out to be damaged."""
    readers = make_readers(settings)
    if not readers:
        refuse("no reader was named. Name one in the settings, or: calltime-edge run --nfc /dev/serial0")
        return exits.NOT_UNDERSTOOD
    signer = door_key.load_or_make(settings.folder)
    enrolled = enrolment.load(settings.folder, signer)
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
        opened = opening.open_outbox(settings.folder / "outbox.sqlite", signer, now=datetime.now(UTC))
        door = _put_together(settings, signer, enrolled, opened.outbox, readers)
        door.agent.begin(lost=opened.lost)
        well = door.work(Notifier(os.environ), reporting.place(settings.folder, os.environ))
    return exits.WELL if well else exits.START_AGAIN


def make_readers(settings: Settings) -> list[Reader]:
    """Make the readers that the settings name. None is opened yet."""
    return [making.make(each.kind, each.port, hold_seconds=settings.hold_seconds, baud=each.baud) for each in settings.readers]


def fit(settings: Settings) -> Fitted:
    """Make buzzer, lights and display as the settings have them."""
    wired = settings.feedback
    return feedback.make(
        language=settings.language,
        buzzer_pin=wired.buzzer_pin,
        green_pin=wired.green_pin,
        amber_pin=wired.amber_pin,
        red_pin=wired.red_pin,
        display=None if wired.display == "none" else wired.display,
        display_address=wired.display_address,
    )


def password(settings: Settings) -> str | None:
    """Read the first line of its file. Raises OSError, which names the file."""
    file = settings.broker.password_file
    return None if file is None else (file.read_text(encoding="utf-8").splitlines() or [""])[0]


def _put_together(settings: Settings, signer: Ed25519Signer, enrolled: Enrolled, outbox: Outbox, readers: list[Reader]) -> Door:
    clock, fitted = SystemClock(), fit(settings)
    publisher = Publisher(
        enrolled=enrolled,
        outbox=outbox,
        status=lambda online: describe(outbox, clock, watch, online=online),
        mqtt=settings.broker.mqtt,
        broker=settings.broker.address,
        ca_file=settings.broker.ca_file,
        username=settings.broker.username,
        password=password(settings),
    )
    agent = Agent(enrolled=enrolled, signer=signer, outbox=outbox, clock=clock, feedback=fitted, recorded=publisher.nudge)
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
