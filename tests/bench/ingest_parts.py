"""What can nobody avoid who does this work? Its parts, each measured alone: the broker's hop, the signatures, and the writing of the rows.

µs of processor time a record. The hop: our bare publisher through the broker to a bare reader that only acknowledges (the broker and
that reader count; the publisher is the doors'). The signatures: PyNaCl over the same records, their keys ready. The rows: COPY of the
same lines of text, taken from the gateway's own tables, into the same tables of a fresh database, with a commit for each thousand.
"""

from __future__ import annotations

import time
from itertools import islice

from nacl.signing import VerifyKey
from psycopg import sql

from bench import ingest_wire
from bench.ingest_load import Load, public_keys
from bench.ingest_processes import listening, publishing
from bench.ingest_stage import Stage
from calltime_wire import base64url

BATCH = 1000
TABLES = ("receipt", "tap")
VERIFIED = 10_000
"""So many signatures are checked at most."""


def hop(stage: Stage) -> float:
    """Send the signed load to a reader that only acknowledges."""
    load, before = stage.load, stage.cpu()["broker"]
    with listening(stage, "calltime/v1/+/records") as reader, publishing(stage, "signed") as publisher:
        publisher.let(load.records)
        publisher.result()
        heard = reader.result()
    if heard.messages != load.records:
        raise RuntimeError(f"Of {load.records} messages {heard.messages} came through the broker.")
    return (stage.cpu()["broker"] - before + heard.cpu_seconds) / load.records * 1e6


def verifying(load: Load) -> float:
    """Check signatures of the load, and nothing else."""
    keys = {topic: VerifyKey(key) for topic, key in public_keys(load).items()}
    packets = load.file("signed", 0).read_bytes()
    signed = [_signed(packets[body:end]) for _, body, end in islice(ingest_wire.split(packets), VERIFIED)]
    began = time.thread_time()
    for topic, said, signature in signed:
        keys[topic].verify(said, signature)
    return (time.thread_time() - began) / len(signed) * 1e6


def rows(stage: Stage) -> dict[str, list[bytes]]:
    """Take what the gateway wrote, as lines of text."""
    lines = {}
    with stage.connect() as connection, connection.cursor() as cursor:
        for table in TABLES:
            with cursor.copy(sql.SQL("COPY (SELECT * FROM {}) TO STDOUT").format(sql.Identifier(table))) as copy:
                lines[table] = b"".join(copy).splitlines(keepends=True)
    return lines


def writing(stage: Stage, lines: dict[str, list[bytes]]) -> float:
    """Write these lines into the same tables of this database."""
    count, before, began = len(lines[TABLES[0]]), stage.cpu()["database"], time.thread_time()
    with stage.connect() as connection:
        for first in range(0, count, BATCH):
            with connection.transaction(), connection.cursor() as cursor:
                for table in TABLES:
                    with cursor.copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                        copy.write(b"".join(lines[table][first : first + BATCH]))
    ours = time.thread_time() - began
    return (stage.cpu()["database"] - before + ours) / count * 1e6


def _signed(body: bytes) -> tuple[str, bytes, bytes]:
    """Topic, what was signed, and the signature of a PUBLISH."""
    end = 2 + int.from_bytes(body[:2], "big")
    said, _, signature = body[end + 2 :].rpartition(b".")
    return body[2:end].decode("ascii"), said, base64url.decode(signature.decode("ascii"))
