"""What do people tell the office about visits, that no tap says?

Frames beside the taps: each has a row for every thing told, and is empty where nobody told anything.
"""

from dataclasses import dataclass, field

import polars as pl

from calltime_server.visits.columns import INSTANT

# What was reported of a planned visit: no_access, declined_at_door, cancelled_by_client, cancelled_by_council, or approved_later for one
# that was added to the plan after it was made. One row per visit; `by` is a role.
REPORTS = pl.Schema({"visit_id": pl.String(), "kind": pl.String(), "told_at": INSTANT, "by": pl.String(), "reason": pl.String()})
REPORTED = ("no_access", "declined_at_door", "cancelled_by_client", "cancelled_by_council", "approved_later")

# A service user who was not there from an hour on: hospital, respite, away, death. `until` is null while it lasts.
ABSENCES = pl.Schema({"service_user": pl.String(), "kind": pl.String(), "since": INSTANT, "until": INSTANT})
ABSENT = ("hospital", "respite", "away", "death")

# An end of a visit that was entered by hand, with the reason. It stands beside the taps as device `ENTERED_BY_HAND`, number `entry`,
# grade 0. `by` is a role.
ENTRIES = pl.Schema(
    {
        "entry": pl.Int64(),
        "time": INSTANT,
        "action": pl.String(),
        "carer": pl.String(),
        "service_user": pl.String(),
        "reason": pl.String(),
        "by": pl.String(),
        "entered_at": INSTANT,
    }
)
ENTERED_BY_HAND = "office"

# For which provider a carer works, from that day in London to the day before the carer's next `since`; for several, where they have the
# same day. On a day for which a carer is not named, the carer may have delivered any provider's visit.
EMPLOYED = pl.Schema({"carer": pl.String(), "provider": pl.String(), "since": pl.Date()})

# How long the way between two homes takes at the least. Where a pair is not named, nothing is known of it.
JOURNEYS = pl.Schema({"from_home": pl.String(), "to_home": pl.String(), "least_minutes": pl.Int64()})

# A visit that a provider's own system saw, as it stands; one end may be missing. Its ends stand beside the taps as device `BROUGHT_DEVICE`,
# number 2 × `brought` for the start and one more for the stop.
BROUGHT = pl.Schema(
    {
        "brought": pl.Int64(),
        "provider": pl.String(),
        "their_id": pl.String(),
        "service_user": pl.String(),
        "carer": pl.String(),
        "started": INSTANT,
        "ended": INSTANT,
        "brought_at": INSTANT,
    }
)
BROUGHT_DEVICE = "brought"

# What each end of such a visit proves, by agreement with its provider, from that day in London on. A null grade: they are not taken.
BROUGHT_GRADES = pl.Schema({"provider": pl.String(), "since": pl.Date(), "grade": pl.Int64()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """REPORTS, ABSENCES, ENTRIES, EMPLOYED, JOURNEYS, BROUGHT and BROUGHT_GRADES, in any order."""

    reports: pl.DataFrame = field(default_factory=REPORTS.to_frame)
    absences: pl.DataFrame = field(default_factory=ABSENCES.to_frame)
    entries: pl.DataFrame = field(default_factory=ENTRIES.to_frame)
    employed: pl.DataFrame = field(default_factory=EMPLOYED.to_frame)
    journeys: pl.DataFrame = field(default_factory=JOURNEYS.to_frame)
    brought: pl.DataFrame = field(default_factory=BROUGHT.to_frame)
    brought_grades: pl.DataFrame = field(default_factory=BROUGHT_GRADES.to_frame)
