"""With which password may which door call the brokers? One for each that is enrolled and not revoked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from calltime_server.store.connection import Connection, execute, fetch

BYTES = 24


@dataclass(frozen=True, slots=True, kw_only=True)
class Credential:
    """A password, and the number by which it is known without being shown."""

    password: str = field(repr=False)
    serial: int


LetIn: TypeAlias = Mapping[str, Credential]
"""Doors that the brokers are to let in."""


def password_of(connection: Connection, device: str) -> str:
    """Return the door's password, made now if it has none: a door whose answer was lost is told the same again."""
    execute(
        connection,
        "INSERT INTO broker_password (device, password) VALUES (%(device)s, %(made)s) ON CONFLICT (device) DO NOTHING",
        {"device": device, "made": secrets.token_urlsafe(BYTES)},
    )
    rows = fetch(connection, "SELECT password FROM broker_password WHERE device = %(device)s", {"device": device})
    return str(rows[0][0])


def forget(connection: Connection, device: str) -> None:
    """Forget a door's password: what it is told when it is enrolled again is another one."""
    execute(connection, "DELETE FROM broker_password WHERE device = %(device)s", {"device": device})


def state(connection: Connection) -> tuple[int, int]:
    """Return two numbers that change when a password comes or goes: cheap enough to be asked every second."""
    ((count, total),) = fetch(connection, "SELECT count(*), coalesce(sum(serial), 0)::bigint FROM broker_password", {})
    return count, total


def read_let_in(connection: Connection) -> LetIn:
    """Fetch every door that the brokers are to let in."""
    rows = fetch(connection, "SELECT device, password, serial FROM broker_password ORDER BY serial", {})
    return {device: Credential(password=password, serial=serial) for device, password, serial in rows}
