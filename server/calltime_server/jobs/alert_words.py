"""In which words is a provider told of late and missed visits? By references alone: e-mail is read by whoever stands behind the reader."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

from calltime_server.store.alerts import Alerted
from calltime_server.visits.wall import LONDON

AT_MOST = 50
"""Visits in one e-mail; how many more there are is said."""


TEST_SUBJECT = "Calltime: a test"
TEST = "This is a test of Calltime. Alerts of late and missed visits arrive at this address."
TESTS_AN_HOUR = 5
"""Of a provider: nobody's mailbox is filled by tests."""


def subject_of(alerts: Sequence[Alerted], earlier: int) -> str:
    """Calltime: 1 visit missed, 2 visits late"""
    counts = [(sum(each.kind == kind for each in alerts), kind) for kind in ("missed", "late")]
    parts = [f"{_visits(count)} {kind}" for count, kind in counts if count]
    return f"Calltime: {', '.join(parts)}" if parts else f"Calltime: {_visits(earlier)} late or missed earlier"


def email_of(alerts: Sequence[Alerted], earlier: int, *, page: str) -> str:
    """The whole text."""
    lines = []
    for kind, says in (("missed", "Missed, nobody has tapped:"), ("late", "Late, nobody has tapped yet:")):
        of_kind = [each for each in alerts if each.kind == kind]
        if of_kind:
            lines += [says, *(f"- {_line(each)}" for each in of_kind[:AT_MOST])]
            lines += [f"- and {_visits(len(of_kind) - AT_MOST)} more"] if len(of_kind) > AT_MOST else []
            lines.append("")
    if earlier:
        lines += [f"{_visits(earlier)} became late or missed more than two hours before this office could look. The page shows them.", ""]
    lines += [
        f"See who is where: {page}",
        "",
        "A visit is told once when it is late and once when it is missed. Change when and where you are told under Settings, Alerts.",
    ]
    return "\n".join(lines)


def body_of(alerts: Sequence[Alerted], earlier: int, *, provider: str, page: str) -> dict[str, object]:
    """What a webhook is told of visits of one kind. `earlier`: how many were due long before the office could look."""
    visits = [
        {
            "visit_id": each.visit_id,
            "carer_no": each.carer_no,
            "service_user": each.service_user,
            "planned_start": _utc(each.planned_start),
            "due_at": _utc(each.due_at),
        }
        for each in alerts
    ]
    return {"provider": provider, "visits": visits, "earlier": earlier, "page": page}


def _line(alert: Alerted) -> str:
    planned = f"planned {_clock(alert.planned_start)}, " if alert.planned_start else ""
    which = f", carer {alert.carer_no}" if alert.carer_no > 1 else ""
    return f"visit {alert.visit_id}{which}, {planned}service user {alert.service_user}"


def _visits(count: int) -> str:
    return f"{count:,} visit{'' if count == 1 else 's'}"


def _clock(at: datetime) -> str:
    return f"{at.astimezone(LONDON):%H:%M on %-d %B}"


def _utc(at: datetime | None) -> str | None:
    return None if at is None else at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
