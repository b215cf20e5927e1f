"""What do the visits of a day come to, by provider, zone and service? Counted when the day is logged, so that a year is read at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from calltime_server.store.connection import Connection, execute
from calltime_server.store.mending import ELSEWHERE


def count_days(connection: Connection, days: Sequence[date]) -> None:
    """Count these days anew from the visit log, in the transaction that wrote it. As the office.

    Electronic is what a door tapped. What a provider's own system brought stands apart, and is amended once it was corrected.
    """
    _count_queues(connection, days)
    execute(connection, "DELETE FROM logged_figures WHERE day = ANY(%(days)s)", {"days": list(days)})
    execute(
        connection,
        """
        WITH seen AS (
            SELECT *, carer_no IS NOT NULL AS of_plan, started IS NOT NULL AND ended IS NOT NULL AS whole,
                   extract(epoch FROM started - planned_start)::bigint AS behind, contact_seconds - 60 * planned_minutes AS longer,
                   coalesce(start_device = 'brought', false) OR coalesce(stop_device = 'brought', false) AS elsewhere,
                   CASE WHEN delivery IN ('no_access', 'declined_at_door', 'cancelled_in_notice', 'cancelled_short_notice',
                                          'cancelled_by_council')
                        THEN (SELECT r.by_provider IS NOT NULL FROM visit_report r WHERE r.visit_id = logged_visit.visit_id
                              ORDER BY r.number DESC LIMIT 1) END AS told_by_itself,
                   amended OR EXISTS (
                       SELECT FROM brought_visit b
                       WHERE b.brought IN (CASE WHEN start_device = 'brought' THEN start_seq / 2 END,
                                           CASE WHEN stop_device = 'brought' THEN stop_seq / 2 END)
                       AND EXISTS (SELECT FROM brought_visit before WHERE before.provider = b.provider
                                   AND before.their_id = b.their_id AND before.brought < b.brought)) AS changed
            FROM logged_visit WHERE day = ANY(%(days)s)
        )
        INSERT INTO logged_figures (
            day, provider, zone, service, planned, planned_minutes, made, contact_seconds, electronic, amended, no_start, no_stop, missed,
            told, started, early, on_time, late, very_late, short, under_15, under_5, as_planned, over_5, over_15,
            not_planned, not_planned_seconds, brought, reported, missing_seconds, extra_seconds)
        SELECT day, provider, coalesce(zone, ''), coalesce(service, ''),
            count(*) FILTER (WHERE of_plan),
            coalesce(sum(planned_minutes) FILTER (WHERE of_plan), 0),
            count(*) FILTER (WHERE of_plan AND whole),
            coalesce(sum(contact_seconds) FILTER (WHERE of_plan AND whole), 0),
            count(*) FILTER (WHERE of_plan AND whole AND NOT changed AND NOT elsewhere),
            count(*) FILTER (WHERE of_plan AND whole AND changed),
            count(*) FILTER (WHERE of_plan AND delivery = 'no_start'),
            count(*) FILTER (WHERE of_plan AND delivery = 'no_stop'),
            count(*) FILTER (WHERE of_plan AND delivery = 'missed'),
            count(*) FILTER (WHERE of_plan AND NOT whole AND delivery NOT IN ('no_start', 'no_stop', 'missed')),
            count(*) FILTER (WHERE of_plan AND started IS NOT NULL),
            count(*) FILTER (WHERE of_plan AND behind < -900),
            count(*) FILTER (WHERE of_plan AND behind BETWEEN -900 AND 900),
            count(*) FILTER (WHERE of_plan AND behind > 900),
            count(*) FILTER (WHERE of_plan AND behind > 1800),
            count(*) FILTER (WHERE of_plan AND whole AND contact_seconds < 45 * planned_minutes),
            count(*) FILTER (WHERE of_plan AND whole AND longer < -900),
            count(*) FILTER (WHERE of_plan AND whole AND longer >= -900 AND longer < -300),
            count(*) FILTER (WHERE of_plan AND whole AND longer BETWEEN -300 AND 300),
            count(*) FILTER (WHERE of_plan AND whole AND longer > 300 AND longer <= 900),
            count(*) FILTER (WHERE of_plan AND whole AND longer > 900),
            count(*) FILTER (WHERE NOT of_plan),
            coalesce(sum(contact_seconds) FILTER (WHERE NOT of_plan), 0),
            count(*) FILTER (WHERE of_plan AND whole AND NOT changed AND elsewhere),
            count(*) FILTER (WHERE of_plan AND NOT whole AND told_by_itself),
            coalesce(sum(CASE WHEN whole THEN greatest(-longer, 0) ELSE 60 * planned_minutes END) FILTER (WHERE of_plan), 0),
            coalesce(sum(greatest(longer, 0)) FILTER (WHERE of_plan AND whole), 0)
        FROM seen GROUP BY day, provider, coalesce(zone, ''), coalesce(service, '')
        """,
        {"days": list(days)},
    )


def _count_queues(connection: Connection, days: Sequence[date]) -> None:
    """How many rows of each queue there are, of each provider, and of all together (an empty provider)."""
    execute(connection, "DELETE FROM logged_queue WHERE day = ANY(%(days)s)", {"days": list(days)})
    execute(
        connection,
        """
        INSERT INTO logged_queue (day, provider, kind, rows)
        SELECT day, CASE WHEN grouping(provider) = 1 THEN '' ELSE provider END, kind, count(*) FROM (
            SELECT day, provider, lacks AS kind FROM logged_visit WHERE day = ANY(%(days)s) AND lacks IS NOT NULL
            UNION ALL SELECT day, provider, kind FROM logged_problem WHERE day = ANY(%(days)s) AND kind <> ALL (%(elsewhere)s)
        ) AS waiting GROUP BY GROUPING SETS ((day, provider, kind), (day, kind)) HAVING grouping(provider) = 1 OR provider IS NOT NULL
        """,
        {"days": list(days), "elsewhere": ELSEWHERE},
    )
