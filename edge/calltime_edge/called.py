"""Which calls have had their tap already? A telephone company that heard no answer asks again, and one call is one tap."""

from __future__ import annotations

from calltime_edge.answers import Confirmed
from calltime_edge.outbox import KEPT_FOR_THE_LOG, Outbox
from calltime_wire import jws, records
from calltime_wire.records import Tap

REMEMBERED = 5000
"""Calls: a company that asks again does so within minutes."""
CALL = "call="


def recorded_calls(outbox: Outbox) -> dict[str, Confirmed]:
    """Read from the door's own records, after a restart in the middle of a call, what was confirmed in the latest ones."""
    calls: dict[str, Confirmed] = {}
    for _, _, compact in reversed(outbox.log(KEPT_FOR_THE_LOG)):
        try:
            record = records.decode(jws.split(compact).payload)
        except ValueError:  # not legible, which `examine` finds
            continue
        if isinstance(record, Tap) and (record.data.place.proof or "").startswith(CALL):
            data = record.data
            answer = Confirmed(seq=data.seq, action=data.action, at=record.at, queued=0)
            remember(calls, str(data.place.proof).removeprefix(CALL), answer)
    return calls


def remember(calls: dict[str, Confirmed], call: str, answer: Confirmed) -> None:
    """Keep what was answered, and let the oldest go."""
    calls[call] = answer
    while len(calls) > REMEMBERED:
        del calls[next(iter(calls))]
