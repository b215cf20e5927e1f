"""Is this machine fit to be a door: a folder with room, a key, an enrolment, and a clock?"""

from __future__ import annotations

import shutil
import sqlite3
import tempfile
from pathlib import Path

from calltime_edge import door_key, enrolment, lasting
from calltime_edge.checking.finding import Finding
from calltime_edge.clock import Reading
from calltime_edge.door_key import LostDoorKey, UnreadableDoorKey
from calltime_edge.enrolment import Enrolled, NotEnrolled
from calltime_edge.outbox import RESERVE
from calltime_edge.outbox_looking import look_into
from calltime_edge.speaking import error, london, stands_for

BYTES_A_TAP = 2048
"""What a tap takes in the outbox at most, rounded up: about 1,200 bytes of it are the record."""
ROOM_FOR_TAPS = 10_000
"""A year of a busy home without a network. With less room, a door is fitted that may have to refuse taps one day."""


def folder(path: Path, *, may_be_lost: bool = False) -> Finding:
    """Can it be written, does what is written last, and for how many taps is there room?"""
    try:
        path.mkdir(parents=True, exist_ok=True, mode=0o700)
        with tempfile.TemporaryFile(dir=path) as trial:
            trial.write(b"?")
    except OSError as trouble:
        then = f"Give it to the user of the service: sudo chown -R calltime: {path}. If the disk is read-only, mount a writable one there."
        return Finding(what="folder", well=False, says=f"{path} cannot be written ({trouble.strerror}).", then=then)
    if not may_be_lost and (why := lasting.forgets(path)):
        then = "Give the records a partition of their own, as the README says under Read-only root; findmnt shows what is mounted."
        return Finding(what="folder", well=False, says=f"{why}.", then=then)
    free = max(0, shutil.disk_usage(path).free - RESERVE)
    taps, room = free // BYTES_A_TAP, f"{path}: {free // 1_000_000:,} MB free"
    if taps < ROOM_FOR_TAPS:
        return Finding(what="folder", well=False, says=f"{room}, only {taps:,} taps.", then="Make room, or take a larger card.")
    return Finding(what="folder", well=True, says=f"{room}, room for {taps // ROOM_FOR_TAPS * ROOM_FOR_TAPS:,} taps.")


def whose(path: Path) -> tuple[Finding, Enrolled | None]:
    """Is there a key, and for whom does it stand? Makes no key."""
    if not (path / "door.key").exists() and not (path / "outbox.sqlite").exists():
        then = "Ask the office for a one-time code, then: calltime-edge enrol CODE --server ADDRESS"
        return Finding(what="enrolment", well=False, says="This door is not enrolled yet.", then=then), None
    try:
        enrolled = enrolment.load(path, door_key.load_or_make(path))
    except (NotEnrolled, LostDoorKey, UnreadableDoorKey) as trouble:
        return Finding(what="enrolment", well=False, says=str(trouble)), None
    except OSError as trouble:
        then = "Run this command as root (sudo) or as the user of the service."
        return Finding(what="enrolment", well=False, says=f"{trouble.filename} cannot be read ({trouble.strerror}).", then=then), None
    says = f"{enrolled.device}, {stands_for(carer=enrolled.carer, home=enrolled.home, line=enrolled.line)}."
    return Finding(what="enrolment", well=True, says=says), enrolled


def memory(path: Path) -> Finding:
    """Can the records be read, and how many wait?"""
    try:
        with look_into(path) as outbox:
            if outbox is None:
                return Finding(what="records", well=True, says="None yet.")
            waiting, aside = outbox.count_waiting(), outbox.count_set_aside()
    except sqlite3.Error as trouble:
        then = "Start the door: it sets the damaged file aside and saves what can be saved. Then: calltime-edge log"
        return Finding(what="records", well=False, says=f"They cannot be read: {trouble}.", then=then)
    if aside:
        then = "Ask the office why (calltime-server quarantine): a door that was revoked, perhaps. calltime-edge log shows which."
        return Finding(what="records", well=False, says=f"The office could not take {aside:,} of them.", then=then)
    waits = "1 waits" if waiting == 1 else f"{waiting:,} wait"
    return Finding(what="records", well=True, says=f"{waits} for the office." if waiting else "The office has every one.")


def clock(reading: Reading) -> Finding:
    """Is the time known, and from whom?"""
    if reading.sync == "none":
        then = "Connect it to a network, wait a minute, look again: timedatectl. Taps without the time are safe, and are placed later."
        return Finding(what="clock", well=False, says=f"Not set: {london(reading.now)} is a guess.", then=then)
    says = f"{london(reading.now)} London, set by {reading.sync}, to within {error(reading.error_ms)}."
    return Finding(what="clock", well=True, says=says)
