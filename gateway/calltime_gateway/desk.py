"""What is asked of the database in one transaction? All doors of a batch are locked first, in one order; then none of them moves."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from calltime_gateway import checking, printable, rows
from calltime_gateway.checking import Key
from calltime_gateway.judging import Reading
from calltime_gateway.progress import Progress, Range, follow, reach
from calltime_wire.admission import Claimed, KnownDoor
from calltime_wire.chain import Link
from calltime_wire.identity import DeviceId
from calltime_wire.records import Boot
from calltime_wire.refusals import Refused

if TYPE_CHECKING:
    from calltime_gateway.store import Connection

TOPIC = 200
"""So many characters of a topic are kept. Only a stranger's has more, and the index does not take all of it."""
RANGES = 100
"""So many ranges beyond a gap are told to a door at once: those that it just sent, then the nearest. No gap need close for the others."""
LOOKED_AT = 10_000
"""So many records and losses beyond a gap are looked at for one answer: the work for a door with many gaps has an end, too."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """An enrolled door as a batch finds it. `beyond`: something is stored or declared lost beyond the end of its closed chain."""

    door: KnownDoor
    progress: Progress
    beyond: bool


class Desk:
    """The statements of one transaction."""

    def __init__(self, connection: Connection) -> None:
        """The transaction is opened and ended by `Store.transaction`."""
        self._connection = connection

    def keys(self, devices: Collection[DeviceId]) -> dict[DeviceId, Key]:
        """Fetch the keys of the doors that are enrolled, revoked ones included."""
        found = self._connection.execute(
            "SELECT device, alg, public_key FROM door WHERE device = ANY(%(devices)s)", {"devices": list(devices)}
        )
        return {DeviceId(device): checking.key(alg, public_key) for device, alg, public_key in found}

    def standings(self, devices: Collection[DeviceId]) -> dict[DeviceId, Standing]:
        """Lock the enrolled ones of these doors, and say how they stand.

        The order of the lock keeps gateways that hold letters of the same doors from waiting for each other in a circle. What is read
        is read afterwards: the statement that waits for a lock would see the doors as they were before. A door that is enrolled between
        the two is not locked, so it is not known yet.
        """
        locked = self._connection.execute(
            "SELECT device FROM door_progress WHERE device = ANY(%(devices)s) ORDER BY device FOR UPDATE", {"devices": sorted(devices)}
        ).fetchall()
        found = self._connection.execute(
            """
            SELECT device, alg, public_key, revoked_at IS NOT NULL, through, digest,
                   EXISTS (SELECT FROM receipt WHERE receipt.device = door.device AND receipt.seq > through)
                   OR EXISTS (SELECT FROM declared_loss WHERE declared_loss.device = door.device AND last > through)
            FROM door JOIN door_progress USING (device) WHERE device = ANY(%(devices)s)
            """,
            {"devices": [device for (device,) in locked]},
        )
        return {
            DeviceId(device): Standing(
                door=KnownDoor(verifier=checking.key(alg, public_key), revoked=revoked),
                progress=Progress(through=through, digest=digest, also=()),
                beyond=beyond,
            )
            for device, alg, public_key, revoked, through, digest, beyond in found
        }

    def links(self, claimed: Iterable[Claimed], standings: Mapping[DeviceId, Standing]) -> dict[DeviceId, dict[int, Link]]:
        """Fetch the stored links of these records' numbers and of the neighbours.

        A door that goes on where its chain ends needs no look into the record: nothing but that end is there.
        """
        numbers: dict[DeviceId, set[int]] = defaultdict(set)
        for one in claimed:
            numbers[one.record.device].add(one.record.data.seq)
        links: dict[DeviceId, dict[int, Link]] = defaultdict(dict)
        spans: list[tuple[DeviceId, int, int]] = []
        for device, seqs in numbers.items():
            end = standings[device].progress
            if standings[device].beyond or min(seqs) <= end.through:
                spans += [(device, first, last) for first, last in _with_neighbours(seqs)]
            elif end.digest is not None:
                links[device][end.through] = Link(digest=end.digest, prev=None)
        for device, seq, digest, prev in self._links_in(spans) if spans else ():
            links[DeviceId(device)][seq] = Link(digest=digest, prev=prev)
        return links

    def _links_in(self, spans: Sequence[tuple[DeviceId, int, int]]) -> Iterable[tuple[Any, ...]]:
        return self._connection.execute(
            """
            SELECT receipt.device, seq, digest, prev
            FROM unnest(%(devices)s::text[], %(firsts)s::bigint[], %(lasts)s::bigint[]) AS wanted (device, first, last)
            JOIN receipt ON receipt.device = wanted.device AND seq BETWEEN first AND last
            """,
            {
                "devices": [device for device, _, _ in spans],
                "firsts": [first for _, first, _ in spans],
                "lasts": [last for _, _, last in spans],
            },
        )

    def add(self, new: Sequence[Claimed], *, received_at: datetime) -> None:
        """Write new records with all that belongs to them."""
        with self._connection.cursor() as cursor:
            for table, lines in rows.lines(new, received_at=received_at).items():
                with cursor.copy(f"COPY {table} FROM STDIN".encode("ascii")) as copy:
                    copy.write("".join(lines))

    def quarantine(self, refused: Sequence[tuple[Reading, Refused]], *, received_at: datetime) -> None:
        """Keep what could not be taken, with its raw bytes; the same message again only counts up.

        In one order everywhere, as the doors are locked: two gateways with the same bad messages would else wait for each other.
        """
        if not refused:
            return
        aside = [_set_aside(reading, refusal, received_at) for reading, refusal in refused]
        with self._connection.cursor() as cursor:
            cursor.executemany(
                """
                INSERT INTO quarantine (topic, payload, digest, reason, says, device, seq, first_at, last_at)
                VALUES (%(topic)s, %(payload)s, %(digest)s, %(reason)s, %(says)s, %(device)s, %(seq)s, %(at)s, %(at)s)
                ON CONFLICT (digest, reason, topic) DO UPDATE SET times = quarantine.times + 1, last_at = excluded.last_at
                """,
                sorted(aside, key=itemgetter("topic", "digest", "reason")),
            )

    def progress(self, standings: Mapping[DeviceId, Standing], new: Iterable[Claimed]) -> dict[DeviceId, Progress]:
        """Move each door's progress over what was added, and say how far it is."""
        added: dict[DeviceId, dict[int, bytes]] = defaultdict(dict)
        unclear = {device for device, standing in standings.items() if standing.beyond}
        for claimed in new:
            added[claimed.record.device][claimed.record.data.seq] = claimed.digest
            if isinstance(claimed.record, Boot) and claimed.record.data.lost:
                unclear.add(claimed.record.device)
        reached = {
            device: follow(standing.progress, added[device], at_most=RANGES)
            for device, standing in standings.items()
            if device not in unclear
        }
        if unclear:
            reached |= self._reached({device: standings[device].progress for device in unclear})
        self._move({device: to for device, to in reached.items() if to.through > standings[device].progress.through})
        return reached

    def _move(self, moved: Mapping[DeviceId, Progress]) -> None:
        if moved:
            self._connection.execute(
                """
                UPDATE door_progress SET through = reached.seq, digest = reached.digest
                FROM unnest(%(devices)s::text[], %(seqs)s::bigint[], %(digests)s::bytea[]) AS reached (device, seq, digest)
                WHERE reached.device = door_progress.device
                """,
                {
                    "devices": list(moved),
                    "seqs": [progress.through for progress in moved.values()],
                    "digests": [progress.digest for progress in moved.values()],
                },
            )

    def _reached(self, doors: Mapping[DeviceId, Progress]) -> dict[DeviceId, Progress]:
        """Say how far these doors are, from what stands in the record beyond the end of their chains."""
        beyond = self._beyond(doors)
        through = {device: reach(doors[device].through, stored=stored, lost=lost) for device, (stored, lost) in beyond.items()}
        moved = [(device, to, to) for device, to in through.items() if to > doors[device].through]
        digests = {DeviceId(device): digest for device, _, digest, _ in self._links_in(moved)} if moved else {}
        return {
            device: Progress(
                through=to,
                digest=digests.get(device, doors[device].digest),
                also=tuple(span for span in beyond[device][0] if span[0] > to),
            )
            for device, to in through.items()
        }

    def _beyond(self, doors: Mapping[DeviceId, Progress]) -> dict[DeviceId, tuple[list[Range], list[Range]]]:
        """Fetch the nearest ranges beyond that are stored, and that are declared lost."""
        found = self._connection.execute(
            """
            SELECT device, stored.ranges, lost.ranges
            FROM unnest(%(doors)s::text[], %(throughs)s::bigint[]) AS door (device, through) CROSS JOIN LATERAL (
                SELECT array_agg(ARRAY[first, last] ORDER BY first) AS ranges FROM (
                    SELECT min(seq) AS first, max(seq) AS last FROM (
                        SELECT seq, seq - row_number() OVER (ORDER BY seq) AS island FROM (
                            SELECT seq FROM receipt
                            WHERE receipt.device = door.device AND seq > through ORDER BY seq LIMIT %(looked_at)s
                        ) AS nearest
                    ) AS beyond
                    GROUP BY island ORDER BY 1 LIMIT %(ranges)s
                ) AS islands
            ) AS stored CROSS JOIN LATERAL (
                SELECT array_agg(ARRAY[first, last] ORDER BY first) AS ranges FROM (
                    SELECT first, last FROM declared_loss
                    WHERE declared_loss.device = door.device AND last > through ORDER BY first LIMIT %(looked_at)s
                ) AS nearest
            ) AS lost
            """,
            {
                "doors": list(doors),
                "throughs": [progress.through for progress in doors.values()],
                "looked_at": LOOKED_AT,
                "ranges": RANGES,
            },
        )
        return {
            DeviceId(device): ([(first, last) for first, last in stored or ()], [(first, last) for first, last in lost or ()])
            for device, stored, lost in found
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


def _with_neighbours(seqs: Iterable[int]) -> list[Range]:
    """Widen each number by one on either side, and join what then touches."""
    spans: list[Range] = []
    for seq in sorted(seqs):
        if spans and seq - 1 <= spans[-1][1] + 1:
            spans[-1] = (spans[-1][0], seq + 1)
        else:
            spans.append((seq - 1, seq + 1))
    return spans


def _set_aside(reading: Reading, refusal: Refused, at: datetime) -> dict[str, Any]:
    return {
        "topic": printable.text(reading.topic)[:TOPIC],
        "payload": reading.payload,
        "digest": hashlib.sha256(reading.payload).digest(),
        "reason": refusal.reason.value,
        "says": printable.text(refusal.says),
        "device": refusal.device,
        "seq": refusal.seq,
        "at": at,
    }
