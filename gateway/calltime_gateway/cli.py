"""What can a person tell a gateway? To run, and to say whether it is well."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import UTC, datetime

from calltime_gateway import gaps, journal, key, overlapping, quarantine_commands, seen, settings
from calltime_gateway.figures import Figures
from calltime_gateway.floods import Floods
from calltime_gateway.inbox import Inbox
from calltime_gateway.overlapping import Postroom
from calltime_gateway.settings import Settings
from calltime_gateway.store import DatabaseAway, Misfitted, SchemaMissing, Store
from calltime_gateway.timeline import Timelines
from calltime_gateway.verifying import Verifying

log = logging.getLogger(__name__)

MIGRATE = "The database has not the tables of this version. Run: calltime-server migrate"

FRESH = 30.0
"""Seconds after which a heartbeat is too old."""

ENVIRONMENT = """\
environment:
  CALLTIME_DATABASE       libpq URI of the database; several hosts with commas between (no default)
  CALLTIME_BROKER         mqtts://host:port or mqtt://host:port; several with commas between, all are read (mqtt://127.0.0.1:1883)
  CALLTIME_BROKER_USER, CALLTIME_BROKER_PASSWORD_FILE   as whom to call the brokers (nobody)
  CALLTIME_BROKER_CA_FILE whom to trust for mqtts://    (the system's issuers)
  CALLTIME_MQTT           auto, 5 or 3.1.1              (auto: 5 where the broker answers it)
  CALLTIME_STATE          folder of the key and the heartbeat (/var/lib/calltime)
  CALLTIME_GATEWAY_KEY    private key, made at the first start (STATE/gateway.key)
  CALLTIME_GATEWAY_NAME   name of this gateway at the broker; each its own (gateway-1)
  CALLTIME_HEARTBEAT      touched while all is well     (STATE/gateway.heartbeat)
  CALLTIME_GATEWAY_HTTP   host:port of /metrics, /healthz and /readyz (none)
  CALLTIME_LOG            text or json                  (text)
"""


def main() -> None:
    """Read the command and obey."""
    parser = argparse.ArgumentParser(
        prog="calltime-gateway",
        description="The post room of Calltime: takes the doors' records from the broker and stores each exactly once.",
        epilog=ENVIRONMENT,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("run", help="take records until stopped (SIGTERM or Ctrl-C)")
    commands.add_parser("health", help="exit 0 when the gateway that runs here is well")
    look = commands.add_parser("quarantine", help="what could not be taken, why, and what to do")
    replay = commands.add_parser("replay", help="take again what is in quarantine for want of a door, where it has been enrolled since")
    quarantine_commands.understand(look, replay)
    commands.add_parser("gaps", help="the doors that wait for a receipt, because a record of theirs is missing")
    asked = parser.parse_args()
    try:
        chosen = settings.from_environment(os.environ)
    except settings.BadSettings as error:
        sys.exit(f"calltime-gateway: the settings are not right.\n{error}\nSee calltime-gateway --help.")
    match asked.command:
        case "run":
            sys.exit(_run(chosen))
        case "health":
            sys.exit(_health(chosen))
        case "quarantine":
            sys.exit(_tell(lambda: quarantine_commands.look(chosen.database, asked)))
        case "replay":
            sys.exit(_tell(lambda: quarantine_commands.replay(chosen.database, asked, now=_now())))
        case "gaps":
            sys.exit(_tell(lambda: gaps.told(chosen.database)))


def _run(chosen: Settings) -> int:
    journal.begin(chosen.log)
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        signer = key.load_or_make(chosen.key)
    except (key.UnreadableKey, OSError) as error:
        return _complain(f"The gateway's key cannot be used: {error}")
    figures = Figures()
    dsn, timelines = chosen.database, Timelines(chosen.heartbeat.with_name("gateway.timeline"))
    beside = Store(dsn, timelines=timelines)
    with closing(Store(dsn, now=_now, timelines=timelines)) as store, closing(Verifying(beside)) as verifying:
        room = Postroom(
            inbox=Inbox(chosen, figures),
            store=store,
            verifying=verifying,
            signer=signer,
            floods=Floods(time.monotonic),
            figures=figures,
            now=_now,
            beat=lambda: _beat(chosen, figures),
            stop=stop,
        )
        try:
            with seen.from_outside(chosen.http, figures):
                return _work(chosen, room, signer.public_key)
        except SchemaMissing:
            return _complain(MIGRATE)
        except Misfitted as error:
            return _complain(f"The database does not fit to this version ({error}). Run: calltime-server migrate. Then look at the rights.")
        except seen.Unservable as error:
            return _complain(str(error))


def _work(chosen: Settings, room: Postroom, public_key: bytes) -> int:
    if _register(room, public_key) is False:
        return _complain(
            f"The database knows another gateway key than {chosen.key}. Doors trust the receipts of that other key only: "
            "copy its file here (gateways of one installation share one key)."
        )
    room.inbox.open()
    try:
        with gaps.counted(chosen.database, room.figures):
            overlapping.run(room)
    finally:
        room.inbox.close()
    return 0


def _register(room: Postroom, public_key: bytes) -> bool | None:
    """Make the key known, waiting for a database that is away; None when told to stop meanwhile."""
    while not room.stop.is_set():
        try:
            with room.store.transaction() as desk:
                known = desk.register_key(public_key, at=_now())
        except DatabaseAway as error:
            log.warning("the database is away; trying again: %s", error)
            room.beat()
            room.stop.wait(1.0)
        else:
            room.figures.database(there=True)
            return known
    return None


def _beat(chosen: Settings, figures: Figures) -> None:
    figures.beat()
    chosen.heartbeat.parent.mkdir(parents=True, exist_ok=True)
    chosen.heartbeat.touch()


def _health(chosen: Settings) -> int:
    try:
        age = time.time() - chosen.heartbeat.stat().st_mtime
    except OSError:
        return _complain(f"There is no heartbeat at {chosen.heartbeat}: the gateway has not started, or runs with another CALLTIME_STATE.")
    if age > FRESH:
        return _complain(f"The last heartbeat is {age:.0f} s old: the gateway hangs or has ended. Its log says why.")
    print("well")
    return 0


def _tell(what: Callable[[], str]) -> int:
    """Print what the database has to say, or why it has nothing to say."""
    try:
        print(what())
    except SchemaMissing:
        return _complain(MIGRATE)
    except DatabaseAway as error:
        return _complain(f"The database cannot be reached ({str(error).strip()}). Check CALLTIME_DATABASE and that it runs.")
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _complain(says: str) -> int:
    print(f"calltime-gateway: {says}", file=sys.stderr)
    return 1
