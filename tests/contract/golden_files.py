"""How does a test read the golden messages? One parameter a file, named after it."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from typing import Any

import pytest

from calltime_wire import base64url
from calltime_wire.admission import KnownDoor
from calltime_wire.ed25519 import Ed25519Verifier
from calltime_wire.es256 import Es256Verifier
from calltime_wire.jws import Verifier
from contract.make_golden import FOLDER


def each(room: str) -> pytest.MarkDecorator:
    """Run a test with the content of every file of a room, as `golden`."""
    paths = sorted((FOLDER / room).glob("*.json"))
    return pytest.mark.parametrize("golden", [pytest.param(json.loads(path.read_bytes()), id=path.stem) for path in paths])


def payload_of(golden: dict[str, Any]) -> bytes:
    """Fetch the bytes of the message."""
    if "payload_base64" in golden:
        return base64.b64decode(golden["payload_base64"])
    return bytes(golden["payload"], "utf-8")


def door_of(golden: dict[str, Any]) -> KnownDoor | None:
    """Enrol the door of the example."""
    door = golden["door"]
    return None if door is None else KnownDoor(verifier=verifier_of(door), revoked=door.get("revoked", False))


def verifier_of(described: dict[str, Any]) -> Verifier:
    """Take the public key as it is described."""
    key = base64url.decode(described["public_key"])
    return Ed25519Verifier(key) if described["alg"] == "EdDSA" else Es256Verifier(key)


def arrival_of(golden: dict[str, Any]) -> datetime:
    """Fetch the moment of arrival."""
    return datetime.fromisoformat(golden["received_at"])
