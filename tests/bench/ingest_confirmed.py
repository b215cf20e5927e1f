"""Of how many records do the doors hold the office's word? As their last receipts say, signed by the key that doors pin."""

from __future__ import annotations

from bench.ingest_load import public_keys
from bench.ingest_reader import Heard
from bench.ingest_stage import Stage
from calltime_wire import receipts
from calltime_wire.ed25519 import Ed25519Verifier


def confirmed(stage: Stage, heard: Heard) -> int:
    """Add up what the counted doors may forget. Raises NotAReceipt for one that the gateway did not sign."""
    with stage.connect() as connection:
        key = connection.execute("SELECT public_key FROM gateway_key").fetchone()
    assert key is not None
    gateway = Ed25519Verifier(bytes(key[0]))
    counted = {_device(topic) for topic in public_keys(stage.load)}
    last = {_device(topic): said.encode("ascii") for topic, said in heard.last.items()}
    return sum(receipts.decode(said, device=device, gateway=gateway).through for device, said in last.items() if device in counted)


def _device(topic: str) -> str:
    return topic.split("/")[2]
