"""How is the door that runs here? `calltime-edge status`."""

from __future__ import annotations

import msgspec

from calltime_edge import door_lock, reporting
from calltime_edge.clock import Clock
from calltime_edge.commands import exits
from calltime_edge.reporting import Report
from calltime_edge.settings import Settings
from calltime_edge.speaking import count, duration, error, london, refuse, row, say, stands_for

FRESH_S = 45
"""A door speaks every ten seconds. One that has been silent for longer is stuck, and the service manager is about to notice."""


def status(settings: Settings, clock: Clock, *, as_json: bool) -> int:
    """Show what it said last. Ends with NOT_DONE when no door runs, when it has been silent for too long, or when nobody can tap."""
    try:
        report = reporting.find(settings.folder)
    except PermissionError as trouble:
        refuse(f"{trouble.filename} may not be read by you. Use sudo, or join its group: sudo adduser $USER calltime")
        return exits.NOT_DONE
    if report is None and door_lock.is_held(settings.folder):
        refuse("a door runs, and cannot record yet. See why: journalctl -u calltime-edge -n 20")
        return exits.NOT_DONE
    if report is None and not (settings.folder / "enrolment.json").exists():
        refuse(f"there is no enrolment in {settings.folder}. First: calltime-edge enrol CODE --server ADDRESS")
        return exits.NOT_DONE
    if report is None:
        refuse(
            f"no door runs with {settings.folder}. Start it: sudo systemctl start calltime-edge. "
            "If it ends at once, see why: journalctl -u calltime-edge -n 20"
        )
        return exits.NOT_DONE
    reading = clock.read()
    # By the uptime: the clock may have been set since.
    silent_s = (reading.up_ms - report.up_ms) // 1000 if reading.boot == report.boot else FRESH_S + 1
    if as_json:
        say(msgspec.json.encode({**msgspec.to_builtins(report), "silent_s": silent_s}).decode())
    else:
        _show(report, silent_s)
    return exits.WELL if silent_s <= FRESH_S and "ready" in report.status.readers.values() else exits.NOT_DONE


def _show(report: Report, silent_s: int) -> None:
    said = report.status
    say(row("door", f"{report.device}, {stands_for(carer=report.carer, home=report.home, line=report.line)}"))
    say(row("link", f"online, MQTT {report.mqtt}" if said.online else "offline: trying to reach the broker; taps are safe here meanwhile"))
    for address, state in report.brokers.items():
        say(row("broker", f"{address}: {state}"))
    say(row("waiting", f"{count(said.waiting)} without a receipt" if said.waiting else "nothing: every record was answered"))
    if report.set_aside:
        say(row("set aside", f"{count(report.set_aside)} that the office could not take: ask there why (calltime-server quarantine)"))
    if said.clock == "none":
        say(row("clock", "not set yet: taps are safe, and are placed in time when it is"))
    else:
        say(row("clock", f"{london(report.now)} London, set by {said.clock}, to within {error(report.error_ms)}"))
    for name, state in said.readers.items():
        say(row("reader", f"{name}: {state}"))
    if not said.readers:
        say(row("reader", "none was found yet"))
    if "ready" not in said.readers.values():
        say(row("", "nobody can tap: no reader is ready. See why: journalctl -u calltime-edge -n 50"))
    say(row("software", said.software))
    say(row("said", f"{duration(silent_s)} ago"))
    if silent_s > FRESH_S:
        say("The door is silent for too long. See why: journalctl -u calltime-edge -n 20")
