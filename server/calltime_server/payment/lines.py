"""Which columns has a decided line?

One line for each carer visit that was planned, and one for each thing that a period came to beside the visits (kind other than visit): a
retainer, a budget paid in full, a block, what went to a bank or came from it. Those name their package, provider and period, and have an id
of their own in place of a visit's.
"""

import polars as pl

from calltime_server.visits.columns import INSTANT

KINDS = ("visit", "retainer", "budget", "block", "bank")
OUTCOMES = ("pay", "park", "refuse")

# After these stand, for every step of the terms in turn, `seconds_after_<step>`, and for those that park `seconds_parked_by_<step>`:
# null where they were not worked out.
LINES = pl.Schema(
    {
        "visit_id": pl.String(),
        "carer_no": pl.Int64(),  # 0 where the line is no visit
        "kind": pl.String(),
        "service_user": pl.String(),  # null for a block
        "provider": pl.String(),
        "payee": pl.String(),  # the provider, or the fund holder of the package
        "package": pl.String(),  # null: none was agreed
        "zone": pl.String(),
        "service": pl.String(),
        "carer": pl.String(),
        "period": pl.Date(),  # its first day; null where the terms have no period
        "planned_start": INSTANT,  # of a line that is no visit: the beginning of its period, or of the planned visit that it stands for
        "planned_minutes": pl.Int64(),
        "started": INSTANT,
        "ended": INSTANT,
        "start_device": pl.String(),
        "start_seq": pl.Int64(),
        "stop_device": pl.String(),
        "stop_seq": pl.Int64(),
        "grade": pl.Int64(),  # the lower one of both ends
        "delivery": pl.String(),  # of visits.columns.DELIVERIES; null where the line is no visit
        "contact_seconds": pl.Int64(),
        "waiting_seconds": pl.Int64(),
        "paid_minutes": pl.Int64(),
        "parked_minutes": pl.Int64(),  # of a line that is paid in part, or parked whole
        "pence": pl.Int64(),  # 0 unless something is paid
        "rounding_360000ths": pl.Int64(),  # of a penny, above nothing when rounded up
        "council_pence": pl.Int64(),  # with health_pence: pence
        "health_pence": pl.Int64(),
        "charge_pence": pl.Int64(),  # what the service user is charged of it
        "bank_minutes": pl.Int64(),  # into the bank of the package, or (below nothing) from it
        "outcome": pl.String(),
        "reason": pl.String(),
    }
)
