"""What does each column of a ledger line mean, and what may stand in it? As a JSON Schema for the file of JSON Lines."""

from __future__ import annotations

from typing import Any

import polars as pl

from calltime_server.jobs.finance.run import RUN_LINES
from calltime_server.payment.lines import KINDS, OUTCOMES
from calltime_server.visits.columns import DELIVERIES

SAYS = {
    "line": "Number of the line in the ledger. It is never used again.",
    "run": "Number of the payment run in which the line was written.",
    "reverses": "The line that this one takes back, whole. Its pence, minutes and seconds are those of that line with the other sign.",
    "visit_id": "The planned visit; for a line that is no visit, an id of its own.",
    "carer_no": "Which of the carers asked for, from 1; 0 for a line that is no visit.",
    "kind": "What is paid for: a visit, a retainer, a budget paid in full, a block of hours, or time from a bank.",
    "service_user": "The council's reference of the service user; null for a block.",
    "provider": "The council's reference of the provider.",
    "payee": "Who is paid: the provider, or the fund holder of the package.",
    "package": "The package of care; null where none was agreed.",
    "zone": "The zone of the contract.",
    "service": "The kind of care.",
    "carer": "The provider's reference of the carer who came; null where nobody did.",
    "period": "First day of the period of the terms in which the line was counted; null where the terms have no period.",
    "planned_start": "When the visit was to begin; for a line that is no visit, the beginning of its period.",
    "planned_minutes": "How long it was to last.",
    "started": "When contact began: the first tap.",
    "ended": "When contact ended: the last tap.",
    "start_device": "The door of the first tap; “office”: entered by hand; “brought”: seen by the provider's own system.",
    "start_seq": "The number of the first tap at its door.",
    "stop_device": "The door of the last tap, or “office” or “brought”.",
    "stop_seq": "The number of the last tap at its door.",
    "grade": "How well the taps are proved: the lower grade of both ends.",
    "delivery": "What became of the visit; null for a line that is no visit.",
    "contact_seconds": "Time in contact, in whole seconds.",
    "waiting_seconds": "Time waited at the door before contact; not part of it.",
    "paid_minutes": "Minutes that are paid for.",
    "parked_minutes": "Minutes that are neither paid nor refused yet.",
    "pence": "What is paid, in pence. All lines of a run together are what the run pays.",
    "rounding_360000ths": "What rounding to whole pence added, in 360,000ths of a penny; below nothing where it took away.",
    "council_pence": "The council's share of the pence. With health_pence it comes to pence.",
    "health_pence": "The share of the NHS.",
    "charge_pence": "What the service user is charged for it. It does not lessen what is paid.",
    "bank_minutes": "Minutes saved into the bank of the package; below nothing: drawn from it.",
    "outcome": "pay, park (something is open) or refuse (a clause says no).",
    "reason": "Why it is parked or refused, in one word; null where it is paid.",
    "explanation": "How the line came about, in sentences that name the clauses.",
}
_NEVER_NULL = {
    *("line", "run", "visit_id", "carer_no", "kind", "provider", "planned_start", "planned_minutes", "contact_seconds", "waiting_seconds"),
    *("paid_minutes", "parked_minutes", "pence", "council_pence", "health_pence", "charge_pence", "bank_minutes", "outcome", "explanation"),
}
_WORDS = {"kind": KINDS, "outcome": OUTCOMES, "delivery": DELIVERIES}


def lines_schema() -> dict[str, Any]:
    """A JSON Schema (2020-12) of one line."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A ledger line of Calltime",
        "description": "One line of a file run-NUMBER-lines.jsonl. Instants are in UTC, days are those of London, money is in pence.",
        "type": "object",
        "properties": {name: _column(name, kind) for name, kind in RUN_LINES.items()},
        "required": RUN_LINES.names(),
        "additionalProperties": False,
    }


def _column(name: str, kind: pl.DataType) -> dict[str, Any]:
    type_, more = _type(kind)
    if name in _WORDS:
        more = {"enum": [*_WORDS[name], *([] if name in _NEVER_NULL else [None])]}
    return {"description": SAYS[name], "type": type_ if name in _NEVER_NULL else [type_, "null"], **more}


def _type(kind: pl.DataType) -> tuple[str, dict[str, Any]]:
    match kind:
        case pl.Int64():
            return "integer", {}
        case pl.Date():
            return "string", {"format": "date"}
        case pl.Datetime():
            return "string", {"format": "date-time", "pattern": "Z$"}
        case _:
            return "string", {}
