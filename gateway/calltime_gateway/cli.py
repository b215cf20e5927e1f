"""What can a person tell a gateway? To run, and to say whether it is well."""

from __future__ import annotations

import argparse
import logging
import os
import signal
import sys
import threading
import time
from collections import Counter
from datetime import UTC, datetime

from calltime_gateway import flow, key, settings
from calltime_gateway.inbox import Inbox
from calltime_gateway.settings import Settings
from calltime_gateway.store import DatabaseAway, SchemaMissing, Store

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
    commands.add_parser("replay", help="take again what is in quarantine for want of a door, where it has been enrolled since")
    command = parser.parse_args().command
    try:
        chosen = settings.from_environment(os.environ)
    except settings.BadSettings as error:
        sys.exit(f"calltime-gateway: the settings are not right.\n{error}\nSee calltime-gateway --help.")
    sys.exit({"run": _run, "health": _health, "replay": _replay}[command](chosen))


def _run(chosen: Settings) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s %(message)s")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    try:
        signer = key.load_or_make(chosen.key)
    except (key.UnreadableKey, OSError) as error:
        return _complain(f"The gateway's key cannot be used: {error}")
    store, inbox = Store(chosen.database), Inbox(chosen)
    try:
        registered = _register(store, signer.public_key, stop)
    except SchemaMissing:
        return _complain("The database has not the tables of this version. Run: calltime-server migrate")
    if registered is False:
        return _complain(
            f"The database knows another gateway key than {chosen.key}. Doors trust the receipts of that other key only: "
            "copy its file here (gateways of one installation share one key)."
        )
    inbox.open()
    try:
        flow.run(inbox, store, signer, now=_now, beat=lambda: _beat(chosen), stop=stop)
    finally:
        inbox.close()
        store.close()
    return 0


def _register(store: Store, public_key: bytes, stop: threading.Event) -> bool | None:
    """Make the key known, waiting for a database that is away; None when told to stop meanwhile."""
    while not stop.is_set():
        try:
            with store.transaction() as desk:
                return desk.register_key(public_key, at=_now())
        except DatabaseAway as error:
            logging.getLogger(__name__).warning("the database is away; trying again: %s", error)
            stop.wait(1.0)
    return None


def _beat(chosen: Settings) -> None:
    chosen.heartbeat.parent.mkdir(parents=True, exist_ok=True)
    chosen.heartbeat.touch()


def _health(chosen: Settings) -> int:
    try:
        age = time.time() - chosen.heartbeat.stat().st_mtime
    except OSError:
        return _complain(f"There is no heartbeat at {chosen.heartbeat}: the gateway has not started, or runs with another CALLTIME_STATE.")
    if age > FRESH:
        return _complain(f"The last heartbeat is {age:.0f} s old: the gateway hangs, or its database is away. Its log says which.")
    print("well")
    return 0


def _replay(chosen: Settings) -> int:
    store = Store(chosen.database)
    try:
        judged = flow.replay(store)
    except SchemaMissing:
        return _complain("The database has not the tables of this version. Run: calltime-server migrate")
    except DatabaseAway as error:
        return _complain(f"The database cannot be reached ({str(error).strip()}). Check CALLTIME_DATABASE and that it runs.")
    finally:
        store.close()
    why = Counter(refused.reason.value for _, refused in judged.refused)
    still = "".join(f"; {reason}: {number}" for reason, number in sorted(why.items()))
    print(f"{len(judged.new)} messages are stored now, {len(judged.refused)} are refused still{still}.")
    return 0


def _now() -> datetime:
    return datetime.now(UTC)


def _complain(says: str) -> int:
    print(f"calltime-gateway: {says}", file=sys.stderr)
    return 1
