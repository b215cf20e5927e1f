"""What do the doors say? Taps signed beforehand, each door's in its chain, encoded as packets in the order in which they are sent.

Beside each signed packet stands the same tap as unsigned JSON, for the scripts that check nothing. Tap i says that it happened i
milliseconds after the first, so that its time names it and the newest time in a table says how far the table is.
"""

from __future__ import annotations

import hashlib
import multiprocessing
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Literal

import msgspec
import psycopg

from bench import ingest_wire
from calltime_wire import base64url, jws, records, topics
from calltime_wire.ed25519 import Ed25519Signer
from calltime_wire.records import CarerSeen, Clock, Place, Tap, TapData

STREAMS = 8
"""Sockets over which the doors speak; a door keeps to one."""
SIGNERS = 2
BOOT = "0199b8a0-0000-7000-8000-000000000001"
EARLY = timedelta(minutes=1)
"""The tap of the door that only warms up lies so long before the first that counts."""

Kind = Literal["signed", "plain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """`run`: so many records in a row are of one door. `kinds`: which files are made."""

    folder: Path
    doors: int
    records: int
    run: int
    base: datetime
    kinds: tuple[Kind, ...] = ("signed", "plain")
    streams: int = STREAMS

    def file(self, kind: Kind, stream: int) -> Path:
        """Packets of one socket."""
        return self.folder / f"{kind}.{stream}"

    def files(self, kind: Kind) -> list[Path]:
        return [self.file(kind, stream) for stream in range(self.streams)]

    def index(self, time: datetime) -> int:
        """Which record has this time."""
        return (time - self.base) // timedelta(milliseconds=1)


class Door:
    """A door that only taps."""

    def __init__(self, name: str) -> None:
        self._signer = Ed25519Signer(hashlib.sha256(name.encode("ascii")).digest())
        self.public_key, self.device = self._signer.public_key, self._signer.device
        self.topic = topics.records(self.device)
        self._seq, self._prev = 0, None

    _prev: str | None

    def tap(self, at: datetime) -> tuple[bytes, bytes]:
        """Say the next tap: as signed, and as unsigned JSON."""
        self._seq += 1
        clock = Clock(boot=BOOT, up_ms=self._seq * 1000, sync="ntp", error_ms=5)
        place, carer = Place(via="nfc", ref=f"tag-{self._seq % 500}"), CarerSeen(via="badge", ref="04A2B3C4D5E680")
        data = TapData(seq=self._seq, prev=self._prev, clock=clock, action="start" if self._seq % 2 else "stop", place=place, carer=carer)
        tap = Tap(
            specversion="1.0",
            id=f"0199b8a0-0000-7000-8000-{self._seq:012x}",
            source=f"/doors/{self.device}",
            time=records.milliseconds(at),
            data=data,
        )
        plain = msgspec.json.encode(tap)
        compact = jws.sign(plain, self._signer)
        self._prev = base64url.encode(jws.digest(compact))
        return compact.encode("ascii"), plain


WARM = "the door that warms up"


def make(load: Load) -> Load:
    """Sign and write the load, in processes of their own."""
    load.folder.mkdir()
    with multiprocessing.get_context("spawn").Pool(SIGNERS) as pool:
        pool.starmap(_write_stream, [(load, stream) for stream in range(load.streams)], chunksize=1)
    return load


def warming(load: Load) -> dict[Kind, bytes]:
    """One packet of a door that is not counted."""
    door = Door(WARM)
    signed, plain = door.tap(load.base - EARLY)
    return {"signed": ingest_wire.publish(door.topic, signed, 0), "plain": ingest_wire.publish(door.topic, plain, 0)}


def public_keys(load: Load) -> dict[str, bytes]:
    """The key of each door that is counted, by the topic of its records."""
    return {door.topic: door.public_key for door in (Door(_name(number)) for number in range(load.doors))}


def enrol(dsn: str, load: Load) -> None:
    """Make the doors known, straight into the tables: one by one through the office it would take longer than what is measured."""
    doors = [Door(_name(number)) for number in range(load.doors)] + [Door(WARM)]
    with psycopg.connect(dsn) as connection, connection.cursor() as cursor:
        with cursor.copy("COPY door (device, alg, public_key, carer, enrolled_at) FROM STDIN") as copy:
            for door in doors:
                copy.write_row((door.device, "EdDSA", door.public_key, f"carer of {door.device}", load.base))
        cursor.execute("INSERT INTO door_progress (device) SELECT device FROM door ON CONFLICT DO NOTHING")


def _name(number: int) -> str:
    return f"door {number} of the bench"


def _write_stream(load: Load, stream: int) -> None:
    doors = [Door(_name(number)) for number in range(stream, load.doors, load.streams)]
    files = {kind: load.file(kind, stream).open("wb") for kind in load.kinds}
    for number, door in enumerate(_turns(doors, load.run, count=len(range(stream, load.records, load.streams)))):
        signed, plain = door.tap(load.base + timedelta(milliseconds=number * load.streams + stream))
        for kind, file in files.items():
            file.write(ingest_wire.publish(door.topic, signed if kind == "signed" else plain, number))
    for file in files.values():
        file.close()


def _turns(doors: list[Door], run: int, *, count: int) -> Iterator[Door]:
    for number in range(count):
        yield doors[number // run % len(doors)]
