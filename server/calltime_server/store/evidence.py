"""What did doors say, word for word? The signed records behind a line, and what could not be taken."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_value, as_values


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedTap:
    """A stored tap: the record itself, and the public key that signed it."""

    device: str
    seq: int
    time: datetime
    received_at: datetime
    jws: str
    alg: str
    public_key: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Quarantined:
    """A message that was not taken. `stored_since`: the very same record was taken later, when its door was enrolled."""

    id: int
    reason: str
    says: str
    device: str | None
    seq: int | None
    size: int
    first_at: datetime
    last_at: datetime
    times: int
    stored_since: bool


def read_tap(connection: Connection, device: str, seq: int) -> SignedTap | None:
    """Fetch one tap with its evidence."""
    rows = fetch(
        connection,
        """
        SELECT device, seq, time, received_at, jws, alg, public_key FROM every_tap JOIN door USING (device)
        WHERE device = %(device)s AND seq = %(seq)s
        """,
        {"device": device, "seq": seq},
    )
    if not rows:
        return None
    device, seq, time, received_at, jws, alg, public_key = rows[0]
    return SignedTap(device=device, seq=seq, time=time, received_at=received_at, jws=jws, alg=alg, public_key=bytes(public_key))


def read_taps_of_visit(connection: Connection, visit_id: str) -> dict[tuple[str, int], SignedTap]:
    """Fetch the taps behind a visit that whoever asks may see, by door and number."""
    rows = fetch(
        connection,
        "SELECT device, seq, time, received_at, jws, alg, public_key FROM taps_of_visit(%(visit)s) ORDER BY time, device, seq",
        {"visit": visit_id},
    )
    return {
        (device, seq): SignedTap(device=device, seq=seq, time=time, received_at=at, jws=jws, alg=alg, public_key=bytes(key))
        for device, seq, time, at, jws, alg, key in rows
    }


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """What the record holds; `latest` is when something was stored last."""

    doors: int
    taps: int
    quarantined: int
    latest: datetime | None


def count(connection: Connection) -> Counts:
    """Count what the record holds."""
    rows = fetch(
        connection,
        """
        SELECT (SELECT count(*) FROM door WHERE revoked_at IS NULL), (SELECT count(*) FROM every_tap), (SELECT count(*) FROM quarantine),
               (SELECT max(received_at) FROM receipt)
        """,
        {},
    )
    return as_value(Counts, rows[0])


def list_quarantined(connection: Connection, *, at_most: int) -> tuple[Quarantined, ...]:
    """List what was not taken, the latest first."""
    rows = fetch(
        connection,
        """
        SELECT id, reason, says, device, seq, octet_length(payload), first_at, last_at, times,
               EXISTS (SELECT FROM receipt WHERE receipt.device = quarantine.device
                       AND receipt.seq = quarantine.seq AND receipt.digest = quarantine.digest)
        FROM quarantine ORDER BY last_at DESC, id DESC LIMIT %(at_most)s
        """,
        {"at_most": at_most},
    )
    return as_values(Quarantined, rows)


def read_quarantined(connection: Connection, number: int) -> bytes | None:
    """Fetch the raw bytes of a quarantined message."""
    rows = fetch(connection, "SELECT payload FROM quarantine WHERE id = %(number)s", {"number": number})
    return bytes(rows[0][0]) if rows else None
