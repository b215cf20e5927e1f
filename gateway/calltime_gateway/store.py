"""How is a batch kept? In one transaction, doors locked in order, each record once. The one file of the gateway that imports psycopg."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from operator import itemgetter
from typing import Any

import psycopg

from calltime_gateway.judging import Reading
from calltime_gateway.progress import Progress, Range, reach
from calltime_wire.admission import Claimed, KnownDoor
from calltime_wire.chain import Link, link
from calltime_wire.ed25519 import Ed25519Verifier
from calltime_wire.es256 import Es256Verifier
from calltime_wire.identity import DeviceId
from calltime_wire.records import Boot, ClockSet, Tap
from calltime_wire.refusals import Refused

AWAY = ("08", "57P", "53")
"""Beginnings of the SQLSTATEs of a lost connection, of a server that stops or starts, and of one without room, memory or connections."""
OF_THE_CONTENT = (psycopg.DataError, psycopg.IntegrityError, psycopg.errors.ProgramLimitExceeded)
"""What a message can be to blame for. Anything else, such as a column or a right that is missing, is a fault of the installation."""
TOPIC = 200
"""So many characters of a topic are kept. Only a stranger's has more, and the index does not take all of it."""
RANGES = 100
"""So many ranges beyond a gap are told to a door at once: those that it just sent, then the nearest. No gap need close for the others."""
LOOKED_AT = 10_000
"""So many records and losses beyond a gap are looked at for one answer: the work for a door with many gaps has an end, too."""
SchemaMissing = psycopg.errors.UndefinedTable
"""The database has not been migrated."""

TAP = (
    "time, device, seq, action, place_via, place_ref, place_proof, carer_via, carer_ref, lat, lon, accuracy_m,"
    " boot, up_ms, sync, error_ms, received_at, jws"
)


class DatabaseAway(RuntimeError):
    """The database cannot be reached, or went away in mid-transaction: nothing of the batch is stored, and waiting helps."""


class Unstorable(RuntimeError):
    """The database does not take what a message holds: nothing of the batch is stored, and waiting does not help."""


class Desk:
    """The statements of one transaction."""

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        """The transaction is opened and ended by `Store.transaction`."""
        self._connection = connection

    def doors(self, devices: Iterable[DeviceId]) -> dict[DeviceId, KnownDoor]:
        """Fetch the doors that are enrolled, revoked ones included."""
        rows = self._connection.execute(
            "SELECT device, alg, public_key, revoked_at IS NOT NULL FROM door WHERE device = ANY(%(devices)s)",
            {"devices": list(devices)},
        )
        return {
            DeviceId(device): KnownDoor(verifier=Ed25519Verifier(key) if alg == "EdDSA" else Es256Verifier(key), revoked=revoked)
            for device, alg, key, revoked in rows
        }

    def links(self, claimed: Sequence[Claimed]) -> dict[DeviceId, dict[int, Link]]:
        """Lock the doors of these records, then fetch the stored links of their numbers and of the neighbours.

        The order of the lock keeps gateways that hold records of the same doors from waiting for each other in a circle.
        """
        wanted = {(c.record.device, c.record.data.seq + step) for c in claimed for step in (-1, 0, 1)}
        self._connection.execute(
            "SELECT FROM door_progress WHERE device = ANY(%(devices)s) ORDER BY device FOR UPDATE",
            {"devices": sorted({device for device, _ in wanted})},
        )
        rows = self._connection.execute(
            """
            SELECT device, seq, digest, prev FROM receipt
            JOIN unnest(%(devices)s::text[], %(seqs)s::bigint[]) AS wanted (device, seq) USING (device, seq)
            """,
            {"devices": [device for device, _ in wanted], "seqs": [seq for _, seq in wanted]},
        )
        links: dict[DeviceId, dict[int, Link]] = defaultdict(dict)
        for device, seq, digest, prev in rows:
            links[DeviceId(device)][seq] = Link(digest=digest, prev=prev)
        return links

    def add(self, new: Sequence[Claimed], *, received_at: datetime) -> None:
        """Write new records: the receipt of each, the tap or the clock record, and what a boot declares lost."""
        with self._connection.cursor() as cursor:
            with cursor.copy("COPY receipt (device, seq, digest, prev, received_at) FROM STDIN") as copy:
                for claimed in new:
                    own = link(claimed.record, claimed.digest)
                    copy.write_row((claimed.record.device, claimed.record.data.seq, own.digest, own.prev, received_at))
            for timed, statement in ((True, f"COPY tap ({TAP}) FROM STDIN"), (False, f"COPY untimed_tap ({TAP}) FROM STDIN")):
                with cursor.copy(statement) as copy:
                    for claimed in new:
                        if isinstance(claimed.record, Tap) and (claimed.record.data.clock.sync != "none") is timed:
                            copy.write_row((*_tap(claimed.record), received_at, claimed.compact))
            with cursor.copy(
                "COPY clock_record (time, device, seq, kind, boot, up_ms, sync, error_ms, received_at, jws) FROM STDIN",
            ) as copy:
                for claimed in new:
                    if not isinstance(claimed.record, Tap):
                        copy.write_row((*_clock_record(claimed.record), received_at, claimed.compact))
            with cursor.copy("COPY declared_loss (device, declared_by, first, last, received_at) FROM STDIN") as copy:
                for claimed in new:
                    for first, last in claimed.record.data.lost if isinstance(claimed.record, Boot) else ():
                        copy.write_row((claimed.record.device, claimed.record.data.seq, first, last, received_at))

    def quarantine(self, refused: Sequence[tuple[Reading, Refused]], *, received_at: datetime) -> None:
        """Keep what could not be taken, with its raw bytes; the same message again only counts up.

        In one order everywhere, as the doors are locked: two gateways with the same bad messages would else wait for each other.
        """
        rows = [_set_aside(reading, refusal, received_at) for reading, refusal in refused]
        with self._connection.cursor() as cursor:
            cursor.executemany(
                """
                INSERT INTO quarantine (topic, payload, digest, reason, says, device, seq, first_at, last_at)
                VALUES (%(topic)s, %(payload)s, %(digest)s, %(reason)s, %(says)s, %(device)s, %(seq)s, %(at)s, %(at)s)
                ON CONFLICT (digest, reason, topic) DO UPDATE SET times = quarantine.times + 1, last_at = excluded.last_at
                """,
                sorted(rows, key=itemgetter("topic", "digest", "reason")),
            )

    def quarantined(self) -> list[tuple[str, bytes, datetime]]:
        """Fetch as (topic, bytes, first arrival) what lacked a door and is not in the record, each door's in the order of its chain."""
        rows = self._connection.execute(
            """
            SELECT DISTINCT ON (device, seq, digest) topic, payload, first_at FROM quarantine
            WHERE reason IN ('unknown door', 'revoked door')
              AND NOT EXISTS (SELECT FROM receipt WHERE receipt.device = quarantine.device
                              AND receipt.seq = quarantine.seq AND receipt.digest = quarantine.digest)
            ORDER BY device, seq, digest, first_at
            """
        )
        return [(topic, bytes(payload), first_at) for topic, payload, first_at in rows]

    def progress(self, devices: Iterable[DeviceId]) -> dict[DeviceId, Progress]:
        """Move each door's progress over the gaps that were closed, and say how far it is. Unknown doors are left out."""
        beyond = self._beyond(list(devices))
        reached = {device: reach(through, stored=stored, lost=lost) for device, (through, stored, lost) in beyond.items() if stored}
        # Another gateway may have moved a door meanwhile that was not locked, because all that came of it was bad.
        self._connection.execute(
            """
            UPDATE door_progress SET through = receipt.seq, digest = receipt.digest
            FROM unnest(%(doors)s::text[], %(seqs)s::bigint[]) AS reached (device, seq) JOIN receipt USING (device, seq)
            WHERE reached.device = door_progress.device AND reached.seq > through
            """,
            {"doors": list(reached), "seqs": list(reached.values())},
        )
        rows = self._connection.execute(
            "SELECT device, through, digest FROM door_progress WHERE device = ANY(%(doors)s)", {"doors": list(beyond)}
        )
        return {
            DeviceId(device): Progress(through=through, digest=digest, also=tuple(span for span in beyond[device][1] if span[0] > through))
            for device, through, digest in rows
        }

    def _beyond(self, doors: list[DeviceId]) -> dict[str, tuple[int, list[Range], list[Range]]]:
        """Fetch how far each door was, and the nearest ranges beyond that are stored, and that are declared lost."""
        rows = self._connection.execute(
            """
            SELECT device, through, stored.ranges, lost.ranges FROM door_progress CROSS JOIN LATERAL (
                SELECT array_agg(ARRAY[first, last] ORDER BY first) AS ranges FROM (
                    SELECT min(seq) AS first, max(seq) AS last FROM (
                        SELECT seq, seq - row_number() OVER (ORDER BY seq) AS island FROM (
                            SELECT seq FROM receipt
                            WHERE receipt.device = door_progress.device AND seq > through ORDER BY seq LIMIT %(looked_at)s
                        ) AS nearest
                    ) AS beyond
                    GROUP BY island ORDER BY 1 LIMIT %(ranges)s
                ) AS islands
            ) AS stored CROSS JOIN LATERAL (
                SELECT array_agg(ARRAY[first, last] ORDER BY first) AS ranges FROM (
                    SELECT first, last FROM declared_loss
                    WHERE declared_loss.device = door_progress.device AND last > through ORDER BY first LIMIT %(looked_at)s
                ) AS nearest
            ) AS lost
            WHERE device = ANY(%(doors)s)
            """,
            {"doors": doors, "looked_at": LOOKED_AT, "ranges": RANGES},
        )
        return {
            device: (through, [(first, last) for first, last in stored or ()], [(first, last) for first, last in lost or ()])
            for device, through, stored, lost in rows
        }

    def register_key(self, public_key: bytes, *, at: datetime) -> bool:
        """Make the key known to the office, which hands it to doors. False: the installation has another key already.

        Raises SchemaMissing, also where the newest of our tables is missing: better at the start than at the first record.
        """
        self._connection.execute("SELECT FROM declared_loss LIMIT 0")
        self._connection.execute("LOCK TABLE gateway_key IN EXCLUSIVE MODE")
        self._connection.execute(
            "INSERT INTO gateway_key (public_key, registered_at) SELECT %(key)s, %(at)s WHERE NOT EXISTS (SELECT FROM gateway_key)",
            {"key": public_key, "at": at},
        )
        row = self._connection.execute("SELECT FROM gateway_key WHERE public_key = %(key)s", {"key": public_key}).fetchone()
        return row is not None


class Store:
    """The gateway's one connection to the database."""

    def __init__(self, dsn: str) -> None:
        """Nothing is connected before it is needed."""
        self._dsn = dsn
        self._connection: psycopg.Connection[tuple[Any, ...]] | None = None

    @contextmanager
    def transaction(self) -> Iterator[Desk]:
        """Open one transaction; it is committed when the block ends well. Raises DatabaseAway, Unstorable, or psycopg's own."""
        connection = self._connected()
        try:
            with connection.transaction():
                yield Desk(connection)
        except psycopg.Error as error:
            if connection.closed or (error.sqlstate or "").startswith(AWAY):
                self.close()
                raise DatabaseAway(str(error).strip()) from error
            if isinstance(error, OF_THE_CONTENT):
                raise Unstorable(error.diag.message_primary or str(error)) from error
            raise

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        if self._connection is None or self._connection.closed:
            try:
                self._connection = psycopg.connect(self._dsn, connect_timeout=5, autocommit=True)
            except psycopg.OperationalError as error:
                raise DatabaseAway(str(error).strip()) from error
        return self._connection

    def close(self) -> None:
        """Let the connection go."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _tap(record: Tap) -> tuple[Any, ...]:
    data, clock, position = record.data, record.data.clock, record.data.position
    where = (None, None, None) if position is None else (position.lat, position.lon, position.accuracy_m)
    return (
        *(record.at, record.device, data.seq, data.action, data.place.via, data.place.ref, data.place.proof),
        *(data.carer.via, data.carer.ref, *where, clock.boot, clock.up_ms, clock.sync, clock.error_ms),
    )


def _clock_record(record: Boot | ClockSet) -> tuple[Any, ...]:
    data, clock = record.data, record.data.clock
    kind = "boot" if isinstance(record, Boot) else "clock"
    return (record.at, record.device, data.seq, kind, clock.boot, clock.up_ms, clock.sync, clock.error_ms)


def _set_aside(reading: Reading, refusal: Refused, at: datetime) -> dict[str, Any]:
    return {
        "topic": _printable(reading.topic)[:TOPIC],
        "payload": reading.payload,
        "digest": hashlib.sha256(reading.payload).digest(),
        "reason": refusal.reason.value,
        "says": _printable(refusal.says),
        "device": refusal.device,
        "seq": refusal.seq,
        "at": at,
    }


def _printable(text: str) -> str:
    """Spell out what does not print: a text may quote a stranger's message, PostgreSQL takes no NUL, and a terminal obeys an escape."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in text)
