"""At which instants do London's clocks show a time of day?"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

LONDON = ZoneInfo("Europe/London")


def instants(on: date, wall: time) -> list[datetime]:
    """In UTC, the earlier first: one, two on an autumn Sunday (01:00 to 02:00), none on a spring one."""
    shown = datetime.combine(on, wall)
    candidates = {shown.replace(tzinfo=LONDON, fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sorted(at for at in candidates if at.astimezone(LONDON).replace(tzinfo=None) == shown)
