"""Which of this door's own records are still in the bytes of a damaged file?

A record is one piece of text that proves itself by its signature, and lies whole in one page. So no structure of the file is needed to find
it: neither that of the database nor that of its log.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import msgspec

from calltime_wire import base64url, jws, records
from calltime_wire.ed25519 import Ed25519Signer, Ed25519Verifier
from calltime_wire.records import MAX_RECORD_BYTES, Record

log = logging.getLogger(__name__)

_HEADER = base64url.encode(msgspec.json.encode(jws.Header(alg="EdDSA")))
# Looked for at every header, and not from the end of the last find: what is damaged there may reach into the next record.
_RECORD = re.compile(rb"(?=(" + _HEADER.encode("ascii") + rb"\.[A-Za-z0-9_-]{1,%d}\.[A-Za-z0-9_-]{86}))" % MAX_RECORD_BYTES)
_BLOCK = 2**20
_SECTOR = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """Text that reads as a record of this door. Nobody has checked the signature yet."""

    record: Record
    compact: str
    digest: bytes
    parts: jws.Parts

    @property
    def seq(self) -> int:
        """Its number."""
        return self.record.data.seq

    def is_signed_by(self, verifier: Ed25519Verifier) -> bool:
        """Check the signature."""
        return jws.is_signed_by(self.parts, verifier)


def find(path: Path, signer: Ed25519Signer) -> Iterator[Found]:
    """Go through a file for records of this door; one that lies there in several places comes as often."""
    with path.open("rb", buffering=0) as file:
        end = b""
        for block in _blocks(file, path):
            window = end + block
            for match in _RECORD.finditer(window):
                found = _read(match[1].decode("ascii"), signer)
                if found is not None:
                    yield found
            end = window[-MAX_RECORD_BYTES:]


def _read(compact: str, signer: Ed25519Signer) -> Found | None:
    try:
        parts = jws.split(compact)
        record = records.decode(parts.payload)
    except ValueError:
        return None
    if record.device != signer.device:
        return None
    return Found(record=record, compact=compact, digest=jws.digest(compact), parts=parts)


def _blocks(file: BinaryIO, path: Path) -> Iterator[bytes]:
    """Read on after what the disk cannot read, sector by sector."""
    size, at = path.stat().st_size, 0
    while at < size:
        length = _BLOCK
        try:
            file.seek(at)
            block = file.read(length)
        except OSError as error:
            log.warning("%s cannot be read at byte %d (%s); going on behind it", path, at, error)
            length, block = _SECTOR, b"\0"
        yield block
        at += len(block) if length == _BLOCK else length
        if not block:
            return
