"""Do the Pi and the phone take a tap for the same? Both are held against one file of examples."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from calltime_edge.answers import AlreadyDone
from calltime_edge.clock import Reading
from calltime_edge.outbox import Move
from calltime_edge.tapping import Meeting, next_action
from calltime_wire.records import CarerSeen, Place

EXAMPLES: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "edge/phone/src/tapping.examples.json").read_text(encoding="utf-8")
)


@pytest.mark.parametrize("example", EXAMPLES, ids=[each["says"] for each in EXAMPLES])
def test_the_pi_takes_a_tap_for_what_the_phone_takes_it_for(example: dict[str, Any]) -> None:
    met = Meeting(place=Place(via="nfc", ref="t-1"), carer=CarerSeen(via="device", ref="C-017"), waiting=example["waiting"])
    last = example["last"] and Move(**{**example["last"], "at": datetime.fromisoformat(example["last"]["at"])}, carer="C-017", place="t-1")
    reading = Reading(**{**example["reading"], "now": datetime.fromisoformat(example["reading"]["now"])}, error_ms=0)

    action = next_action(met, last, reading)

    assert ({"already": action.action} if isinstance(action, AlreadyDone) else action) == example["expect"]
