"""Of which late and missed visits is a provider told, and how does it want to be told?"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from calltime_server.store.connection import Connection, execute, fetch
from calltime_server.store.rows import as_value, as_values
from calltime_server.store.visit_log import LATE_MINUTES

LOOKED_FOR = timedelta(days=2)
"""An alert that nobody could be told of for so long is told nobody any more; the page has it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alerted:
    """A carer visit without a start. `started`: the carer came after all. `due_at` is when it became late, or missed."""

    alert: int
    kind: str
    visit_id: str
    carer_no: int
    provider: str
    due_at: datetime
    raised_at: datetime
    service_user: str | None
    planned_start: datetime | None
    started: datetime | None
    delivery: str | None

    @property
    def lasts(self) -> bool:
        """Whether it is news still: nobody has started the visit since, nobody has told why it is not made, and it is planned as before."""
        return self.delivery == "missed"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertSetting:
    """How one provider wants to be told. Within the quiet hours (on London's clocks, also over midnight) it is told nothing."""

    late_minutes: int = LATE_MINUTES
    email: str | None = None
    quiet_from: time | None = None
    quiet_until: time | None = None


def lock(connection: Connection) -> None:
    """Let no other process tell of alerts until this transaction ends."""
    execute(connection, "SELECT pg_advisory_xact_lock(hashtext('calltime alerts'))", {})


def raise_alerts(connection: Connection, *, today: date, now: datetime) -> int:
    """Write down every carer visit of today and yesterday that has become late or missed, each once; say how many.

    A day that has just had news is left until its log is up to date, for a minute at the most.
    """
    return execute(
        connection,
        """
        INSERT INTO alert (kind, visit_id, carer_no, provider, due_at, raised_at)
        SELECT CASE WHEN missed_from <= %(now)s THEN 'missed' ELSE 'late' END, visit_id, carer_no, provider,
               CASE WHEN missed_from <= %(now)s THEN missed_from ELSE late_from END, %(now)s
        FROM logged_visit v
        WHERE day BETWEEN %(today)s::date - 1 AND %(today)s AND delivery = 'missed' AND visit_id IS NOT NULL AND provider IS NOT NULL
        AND least(late_from, missed_from) <= %(now)s
        AND NOT EXISTS (SELECT FROM day_to_log m WHERE m.day = v.day AND m.since <= %(now)s AND m.since > %(now)s - interval '1 minute')
        ON CONFLICT (kind, visit_id, carer_no) DO NOTHING
        """,
        {"today": today, "now": now},
    )


def read_untold(connection: Connection, *, now: datetime) -> tuple[Alerted, ...]:
    """Those of which the provider was not told, by provider and time."""
    rows = fetch(
        connection,
        """
        SELECT alert, kind, a.visit_id, a.carer_no, a.provider, due_at, raised_at, v.service_user, v.planned_start, v.started, v.delivery
        FROM alert a LEFT JOIN logged_visit v ON v.visit_id = a.visit_id AND v.carer_no = a.carer_no
        WHERE raised_at > %(since)s AND NOT EXISTS (SELECT FROM alert_told t WHERE t.alert = a.alert)
        ORDER BY a.provider, due_at, a.visit_id, a.carer_no
        """,
        {"since": now - LOOKED_FOR},
    )
    return as_values(Alerted, rows)


def note_told(connection: Connection, alerts: Sequence[int], *, news: Sequence[int], now: datetime) -> None:
    """They are told, in the transaction that writes the messages. `news` are those of which the messages speak."""
    execute(
        connection,
        """
        INSERT INTO alert_told (alert, told_at, news)
        SELECT alert, %(now)s, alert = ANY(%(news)s::bigint[]) FROM unnest(%(alerts)s::bigint[]) AS alert
        """,
        {"alerts": list(alerts), "news": list(news), "now": now},
    )


def read_alerts(
    connection: Connection, *, since: datetime, provider: str | None = None, before: int | None = None, limit: int = 50
) -> tuple[Alerted, ...]:
    """Those that were raised since then, the latest first; whoever asks as a provider gets its own."""
    rows = fetch(
        connection,
        """
        SELECT alert, kind, a.visit_id, a.carer_no, a.provider, due_at, raised_at, v.service_user, v.planned_start, v.started, v.delivery
        FROM alert a LEFT JOIN logged_visit v ON v.visit_id = a.visit_id AND v.carer_no = a.carer_no
        WHERE raised_at >= %(since)s AND (%(provider)s::text IS NULL OR a.provider = %(provider)s)
        AND alert < coalesce(%(before)s::bigint, 9223372036854775807)
        ORDER BY alert DESC LIMIT %(limit)s
        """,
        {"since": since, "provider": provider, "before": before, "limit": limit},
    )
    return as_values(Alerted, rows)


def read_settings(connection: Connection) -> dict[str, AlertSetting]:
    """By provider how each wants to be told that has said so."""
    rows = fetch(
        connection,
        """
        SELECT DISTINCT ON (provider) provider, late_minutes, email, quiet_from, quiet_until FROM alert_setting
        ORDER BY provider, number DESC
        """,
        {},
    )
    return {row[0]: as_value(AlertSetting, row[1:]) for row in rows}


def set_alerts(connection: Connection, provider: str, setting: AlertSetting, *, by: str, now: datetime) -> None:
    """Note how this provider wants to be told from now on."""
    execute(
        connection,
        """
        INSERT INTO alert_setting (provider, late_minutes, email, quiet_from, quiet_until, noted_by, noted_at)
        VALUES (%(provider)s, %(late)s, %(email)s, %(from)s, %(until)s, %(by)s, %(now)s)
        """,
        {
            "provider": provider,
            "late": setting.late_minutes,
            "email": setting.email,
            "from": setting.quiet_from,
            "until": setting.quiet_until,
            "by": by,
            "now": now,
        },
    )
