"""Which columns have the frames that flow through visits and payment, and in which order do they stand?

A null reference of a carer or a service user means: not known to us.
"""

import polars as pl

INSTANT = pl.Datetime("ms", "UTC")

# One row per planned visit; `carers` is how many are asked for at once.
PLAN = pl.Schema(
    {
        "visit_id": pl.String(),
        "service_user": pl.String(),
        "provider": pl.String(),
        "zone": pl.String(),
        "service": pl.String(),
        "planned_start": INSTANT,
        "planned_minutes": pl.Int64(),
        "carers": pl.Int64(),
    }
)

# One row per tap. `place_ref` and `carer_ref` are what was tapped: for sentences when it is not known whose it is.
TAPS = pl.Schema(
    {
        "device": pl.String(),
        "seq": pl.Int64(),
        "time": INSTANT,
        "action": pl.String(),  # start, stop, waiting
        "carer": pl.String(),
        "service_user": pl.String(),
        "grade": pl.Int64(),
        "place_ref": pl.String(),
        "carer_ref": pl.String(),
    }
)

# One row per contact of a carer with a service user; one end may be missing (null), then `contact_seconds` is 0.
CONTACTS = pl.Schema(
    {
        "carer": pl.String(),
        "service_user": pl.String(),
        "started": INSTANT,
        "ended": INSTANT,
        "start_device": pl.String(),
        "start_seq": pl.Int64(),
        "start_grade": pl.Int64(),
        "stop_device": pl.String(),
        "stop_seq": pl.Int64(),
        "stop_grade": pl.Int64(),
        "contact_seconds": pl.Int64(),  # whole seconds, what is over is dropped
        "waiting_seconds": pl.Int64(),  # at this door before the start, kept apart from contact
    }
)

# One row per planned visit and carer asked for, then one per contact that nobody planned (its plan columns are null).
VISITS = pl.Schema(
    {
        **PLAN,
        "carer_no": pl.Int64(),  # 1 to `carers`
        **{name: kind for name, kind in CONTACTS.items() if name != "service_user"},
        "together_seconds": pl.Int64(),  # in which all carers asked for were there; null where one did not come with both taps
        "delivery": pl.String(),  # one of DELIVERIES
        "stopped_at": INSTANT,  # from here on an absence stops pay (null: none does)
        "absence": pl.String(),  # its kind (null: none)
        "told_at": INSTANT,  # when the office was told why this visit was not made (null: nothing was told)
    }
)

# Both taps are there. Short and over are by more than the tolerance of the terms' [matching].
DELIVERED = ("delivered", "delivered_short", "delivered_over", "not_planned_approved")
# What became of a carer visit. The last six without both taps, and told by people; "absent" is what an absence explains.
DELIVERIES = (
    *DELIVERED,
    *("no_stop", "no_start", "missed", "not_planned"),
    *("no_access", "declined_at_door", "cancelled_in_notice", "cancelled_short_notice", "cancelled_by_council", "absent"),
)

# One row per thing that somebody should look at, by device, number, kind and visit.
PROBLEMS = pl.Schema(
    {
        "kind": pl.String(),
        "device": pl.String(),
        "seq": pl.Int64(),
        "visit_id": pl.String(),
        "carer": pl.String(),
        "service_user": pl.String(),
        "says": pl.String(),
    }
)


def require(frame: pl.DataFrame, schema: pl.Schema, *, name: str) -> pl.DataFrame:
    """The frame with its columns in the documented order; a frame of another shape is a broken promise of the caller."""
    if dict(frame.schema) != dict(schema):
        raise ValueError(f"{name} has the columns {dict(frame.schema)}, but must have {dict(schema)}")
    return frame.select(schema.names())
