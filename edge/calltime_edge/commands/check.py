"""Is this door fitted well? One screen that an installer can follow, with what next for whatever is not: `calltime-edge check`."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from calltime_edge import calling, door_lock, reporting
from calltime_edge.answers import AlreadyDone, Answer, BadgeNext, Confirmed, NotStored, NotUnderstood
from calltime_edge.checking import link, place, readers
from calltime_edge.checking.finding import Finding
from calltime_edge.clock import Clock
from calltime_edge.commands import exits
from calltime_edge.commands.run import fit, make_readers
from calltime_edge.enrolment import Enrolled
from calltime_edge.readers.sightings import Why
from calltime_edge.settings import Settings
from calltime_edge.speaking import say
from calltime_wire.status import ReaderState

STOP_FIRST = "sudo systemctl stop calltime-edge; calltime-edge check; sudo systemctl start calltime-edge"
BETWEEN_SIGNALS_S = 3.0


def check(settings: Settings, clock: Clock, *, file: Path, tag_within: float | None, signals: bool, may_be_lost: bool = False) -> int:
    """Look at everything.

    `file`: where the settings are from. `tag_within`: seconds to wait for a tag, None to do without. `signals`: play each one once.
    `may_be_lost`: as for `run`.
    """
    all_well = True
    for finding in _findings(settings, clock, file=file, tag_within=tag_within, may_be_lost=may_be_lost):
        say(str(finding))
        all_well &= finding.well is not False
    if signals:
        say("\nEach signal once:")
        _play(settings)
    say("\nAll is well." if all_well else "\nNot all is well yet. Do what stands behind each →, then look again: calltime-edge check")
    return exits.WELL if all_well else exits.NOT_DONE


def _findings(settings: Settings, clock: Clock, *, file: Path, tag_within: float | None, may_be_lost: bool) -> Iterator[Finding]:
    yield Finding(
        what="settings", well=True, says=f"{file} can be used." if file.exists() else f"{file} is not there: all is as by default."
    )
    yield place.folder(settings.folder, may_be_lost=may_be_lost)
    whose, enrolled = place.whose(settings.folder)
    yield whose
    yield place.memory(settings.folder)
    yield place.clock(clock.read())
    runs = door_lock.is_held(settings.folder)
    if runs:
        yield from _of_the_running_door(settings)
        return
    if enrolled is not None:
        yield from _link(settings, enrolled)
    else:
        yield Finding(what="broker", well=None, says="Not looked for: where it is comes with the enrolment.")
    yield from _readers(settings, enrolled, tag_within=tag_within)


def _of_the_running_door(settings: Settings) -> Iterator[Finding]:
    """A reader cannot be opened twice, and a broker lets nobody in twice by one name: the running door is asked instead."""
    report = reporting.find(settings.folder)
    if report is None:
        yield Finding(what="door", well=False, says="It runs, and has said nothing yet.", then=STOP_FIRST)
        return
    online = report.status.online
    yield Finding(
        what="broker",
        well=online,
        says="The running door is connected." if online else "The running door is not connected.",
        then="" if online else f"Wait a minute and look again. If it stays so: {STOP_FIRST}",
    )
    if len(report.brokers) > 1:
        for address, state in report.brokers.items():
            yield Finding(what="broker", well=True if state == "in use" else None, says=f"{address}: {state}.")
    yield from _readers_of_the_running_door(settings, report.status.readers)
    yield Finding(what="tag", well=None, says="Not tried: the running door has the readers. To try one here:", then=STOP_FIRST)


def _readers_of_the_running_door(settings: Settings, states: Mapping[str, ReaderState]) -> Iterator[Finding]:
    wanted = [reader.name for reader in make_readers(settings)]
    for name in dict.fromkeys([*states, *wanted]):
        state = states.get(name, "not looked for yet")
        then = "" if state == "ready" else f"journalctl -u calltime-edge -n 50 says why. To try it here: {STOP_FIRST}"
        yield Finding(what="reader", well=state == "ready", says=f"{name}: {state}.", then=then)
    if not states and not wanted:
        yield Finding(what="reader", well=False, says="None was looked for yet.", then="Wait a moment, and look again.")


def _link(settings: Settings, enrolled: Enrolled) -> Iterator[Finding]:
    """By each broker on its own: a door that has lost one works on, and whoever fits it can still have that one mended."""
    broker = settings.broker
    callers = calling.callers(
        enrolled, brokers=broker.address, ca_file=broker.ca_file, username=broker.username, password_file=broker.password_file
    )
    for caller in callers:
        yield from link.link(caller, broker.mqtt)


def _readers(settings: Settings, enrolled: Enrolled | None, *, tag_within: float | None) -> Iterator[Finding]:
    if enrolled is not None and enrolled.line is not None:
        yield Finding(what="reader", well=None, says="Not looked for: a telephone line has none.")
        return
    if not settings.readers:
        yield Finding(what="reader", well=False, says="No reader is named.", then="Name each under [[reader]] in the settings.")
        return
    with readers.listening(make_readers(settings)) as at_work:
        found = list(readers.found(at_work))
        yield from found
        if tag_within is None or not any(each.well for each in found):
            yield Finding(what="tag", well=None, says="Not tried.")
            return
        say(f"  Now hold a tag or a badge to the reader ({tag_within:.0f} s) …")
        yield readers.held(at_work, enrolled, within=tag_within)


def _play(settings: Settings) -> None:
    """Each signal once, named before it comes. Whatever is not heard or seen is not wired as the settings say."""
    now = datetime.now(UTC)
    fitted = fit(settings)
    try:
        for answer in _each_answer(now):
            fitted.show(answer)
            threading.Event().wait(BETWEEN_SIGNALS_S)
    finally:
        fitted.close()


def _each_answer(now: datetime) -> Sequence[Answer]:
    return (
        Confirmed(seq=1, action="start", at=now, queued=0),
        Confirmed(seq=2, action="stop", at=now, queued=0),
        Confirmed(seq=3, action="waiting", at=now, queued=0),
        BadgeNext(),
        AlreadyDone(action="start", at=now),
        NotUnderstood(why=Why.NO_ADDRESS),
        NotStored(because="only a trial"),
    )
