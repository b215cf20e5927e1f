"""How do brokers come to let in exactly the doors that are enrolled? Each is compared and brought in step, again and again."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Mapping, Sequence

from calltime_server.config import Account, Broker
from calltime_server.jobs.broker_control import Command, ControlTrouble, Desk, connected
from calltime_server.jobs.broker_files import DOOR
from calltime_server.store.broker_passwords import Credential, LetIn, read_let_in, state
from calltime_server.store.connection import DatabaseAway, connect

log = logging.getLogger(__name__)

LOOK_EVERY = 1.0
"""Seconds between two looks at who is enrolled. A door that was just enrolled, or revoked, waits so long."""
LIST_EVERY = 300
"""Looks after which a broker is asked anew whom it lets in: somebody may have changed it by hand."""
TOGETHER = 5
"""Commands in one message. The broker carries them out in one go, and no record passes meanwhile: with 10,000 doors each takes 0.1 s."""


class Enrolled:
    """Who is to be let in, as the office has it. Each broker's keeper asks once a second; what has not changed is read once for all."""

    def __init__(self, dsn: str) -> None:
        """Nothing is looked up before somebody asks."""
        self._dsn = dsn
        self._lock = threading.Lock()
        self._state: tuple[int, int] | None = None
        self._let_in: LetIn = {}

    def look(self) -> LetIn:
        """Return the doors with their credentials; the same object while nothing has changed. Raises DatabaseAway."""
        with self._lock, connect(self._dsn) as connection:
            now = state(connection)
            if now != self._state:
                self._state, self._let_in = now, read_let_in(connection)
            return self._let_in


class Keeper:
    """Keeps every broker in step, each in a thread of its own, so that one that is away keeps no other waiting."""

    def __init__(self, brokers: Sequence[Broker], account: Account, dsn: str) -> None:
        """Nothing is called before `start`."""
        self._account = account
        self._enrolled = Enrolled(dsn)
        self._stop = threading.Event()
        self._threads = [threading.Thread(target=self._keep, args=(broker,), name=f"keeper of {broker}") for broker in brokers]

    def start(self) -> None:
        """Begin."""
        for thread in self._threads:
            thread.start()

    def stop(self) -> None:
        """End, after what is under way."""
        self._stop.set()
        for thread in self._threads:
            thread.join()

    def _keep(self, broker: Broker) -> None:
        told = ""
        while not self._stop.is_set():
            try:
                self._enrolled.look()  # without the database there is nothing to say to a broker
                with connected(broker, self._account) as desk:
                    told = ""
                    self._attend(broker, desk)
            except (ControlTrouble, DatabaseAway) as error:
                # Once for each trouble, not once a second.
                log.log(logging.DEBUG if str(error) == told else logging.WARNING, "doors cannot be kept in step: %s", str(error).strip())
                told = str(error)
            except Exception:
                log.exception("the keeper of the broker %s stumbled; it begins again", broker)
            self._stop.wait(LOOK_EVERY)

    def _attend(self, broker: Broker, desk: Desk) -> None:
        """Keep one broker in step for as long as the line holds."""
        log.info("the broker %s lets the office in", broker)
        while not self._stop.is_set():
            self._keep_in_step(broker, desk, desk.doors())

    def _keep_in_step(self, broker: Broker, desk: Desk, there: dict[str, str]) -> None:
        changed = quiet = 0
        while quiet < LIST_EVERY and not self._stop.is_set():
            # Looked up after each few commands: who is revoked meanwhile goes before the many who come.
            commands = changes(there, self._enrolled.look())[:TOGETHER]
            if commands:
                desk.ask(commands)
                carry_out(commands, there)
                changed += len(commands)
                continue
            if changed:
                log.info("the broker %s is in step: changes=%d doors=%d", broker, changed, len(there))
            changed, quiet = 0, quiet + 1
            self._stop.wait(LOOK_EVERY)
            desk.check()


def changes(there: Mapping[str, str], wanted: LetIn) -> list[Command]:
    """Say what must be changed at a broker that has noted this beside its doors. Who is revoked goes first; the broker hangs up on them."""
    wrong = [device for device, note in there.items() if device not in wanted or note != str(wanted[device].serial)]
    out = [{"command": "deleteClient", "username": device} for device in wrong]
    missing = {device: credential for device, credential in wanted.items() if there.get(device) != str(credential.serial)}
    return out + [_let_in(device, credential) for device, credential in missing.items()]


def carry_out(commands: Iterable[Command], there: dict[str, str]) -> None:
    """Note what the broker has done."""
    for command in commands:
        if command["command"] == "deleteClient":
            del there[command["username"]]
        else:
            there[command["username"]] = command["textname"]


def _let_in(device: str, credential: Credential) -> Command:
    return {
        "command": "createClient",
        "username": device,
        "clientid": device,  # nobody else's: who has a client's name takes over its session
        "password": credential.password,
        "textname": str(credential.serial),
        "roles": [{"rolename": DOOR}],
    }
