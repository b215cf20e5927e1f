"""As whom does a door call its brokers? As the settings say, else with the password of its enrolment and its own id as the name."""

from __future__ import annotations

from pathlib import Path

from calltime_edge.broker_link import Caller
from calltime_edge.enrolment import Enrolled
from calltime_wire import broker_address
from calltime_wire.identity import DeviceId


def callers(
    enrolled: Enrolled,
    *,
    brokers: str | None = None,
    ca_file: Path | None = None,
    username: str | None = None,
    password_file: Path | None = None,
) -> tuple[Caller, ...]:
    """One for each broker. `brokers`, one address or more, replaces the enrolment's. Raises ValueError.

    A user name or a password file that was set stands instead of the enrolment's password: it is of another broker's making.
    """
    device = DeviceId(enrolled.device)
    own = username is None and password_file is None
    password = enrolled.password if own else None
    return tuple(
        Caller(
            device=device,
            broker=broker,
            ca_file=ca_file,
            username=device if username is None and (password or password_file) else username,
            password=password,
            password_file=password_file,
        )
        for broker in broker_address.parse_all(brokers or enrolled.broker)
    )
