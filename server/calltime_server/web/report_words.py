"""How is a column of a report called on its page, with its unit, and which of its columns say anything?"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from calltime_server.web.language import N_

# In the CSV columns have the names on the left.
HEADINGS: Mapping[str, str] = {
    "as_planned": N_("As planned to the minute"),
    "as_planned_share": N_("As planned, of those entered"),
    "actual_pence": N_("Paid (£)"),
    "bought_minutes": N_("Bought time"),
    "breaks": N_("Breaks"),
    "by": N_("Entered by"),
    "by_hand": N_("Entered by hand"),
    "carer": N_("Carer"),
    "carers": N_("Carers who came"),
    "commissioned_pence": N_("Commissioned (£)"),
    "contact_seconds": N_("Contact time"),
    "early": N_("Early"),
    "electronic": N_("Both ends tapped"),
    "electronic_share": N_("Both ends tapped, of those made"),
    "entered": N_("Ends entered by hand"),
    "found": N_("How often"),
    "hour_pence": N_("Paid for an hour of work (£)"),
    "kind": N_("What"),
    "late": N_("Late"),
    "made": N_("Visits made"),
    "main_carer": N_("Carer who came most"),
    "main_share": N_("Visits by that carer, of all"),
    "missed": N_("Missed"),
    "name": N_("Package or block"),
    "on_time": N_("Punctual"),
    "on_time_share": N_("Punctual, of all"),
    "one_end": N_("One end missing"),
    "open_ends": N_("Contacts with an end missing"),
    "packages": N_("New packages"),
    "paid_minutes": N_("Paid time"),
    "paid_pence": N_("Paid (£)"),
    "parked_commissioned_pence": N_("Parked (£)"),
    "parked_minutes": N_("Parked time"),
    "part_of_plan": N_("Of the planned time"),
    "period": N_("Period from"),
    "planned_minutes": N_("Planned time"),
    "provider": N_("Provider"),
    "provider_kind": N_("Kind of provider"),
    "saving_pence": N_("Saved (£)"),
    "says": N_("The first of them"),
    "service_user": N_("Service user"),
    "share": N_("Share"),
    "travel_seconds": N_("On the way"),
    "used_minutes": N_("Used time"),
    "used_share": N_("Used, of what was bought"),
    "very_late": N_("More than 30 min late"),
    "visits": N_("Visits"),
    "waiting_seconds": N_("Waiting time"),
    "week": N_("Week from"),
    "working_seconds": N_("Working time"),
    "zone": N_("Zone"),
}
# What stands in a column as one of a few names.
VALUES: Mapping[str, str] = {
    "bank": N_("Bank"),
    "block": N_("Block"),
    "impossible_journey": N_("From home to home too fast"),
    "two_homes_at_once": N_("At two homes at once"),
    "unknown": N_("unknown"),
    "all zones": N_("all zones"),
    "fund_holder": N_("fund holder"),
    "lead": N_("lead"),
    "additional": N_("additional"),
    "framework": N_("framework"),
    "small": N_("small"),
}
OF_A_FEW = ("kind", "provider_kind", "zone")
DAYS = ("period", "week")


def shown_columns(came: Mapping[str, Any]) -> list[str]:
    """Those of which some row says anything: without periods in the terms, none has a period."""
    return [name for name in came["columns"] if any(row[name] is not None for row in came["rows"])]
