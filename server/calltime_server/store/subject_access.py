"""What is held about one service user or carer? Every kind of record, with what would tell of others left out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, LiteralString

from calltime_server.store.connection import Connection

Kind = Literal["service_user", "carer"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One kind of record: its rows under their columns. `says` is what it is, for the person who reads it."""

    name: str
    says: str
    columns: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


_OF_SERVICE_USER: tuple[tuple[str, str, LiteralString], ...] = (
    (
        "planned-visits",
        "When somebody was to come, for how long, from which provider.",
        (
            "SELECT visit_id, provider, zone, service, planned_start, planned_minutes, carers "
            "FROM planned_visit WHERE service_user = %(who)s "
            "ORDER BY planned_start, visit_id"
        ),
    ),
    (
        "visits",
        "What became of them: when carers started and ended, as far as it is known.",
        (
            "SELECT day, visit_id, carer_no, provider, zone, service, planned_start, planned_minutes, started, ended, contact_seconds, "
            "waiting_seconds, CASE WHEN delivery = 'missed' AND missed_from > %(now)s THEN 'to_come' ELSE delivery END AS delivery, "
            "amended FROM logged_visit WHERE service_user = %(who)s ORDER BY day, place"
        ),
    ),
    (
        "taps",
        "Taps at the home or of a visit away from it, with the signed record of each as it came.",
        (
            "SELECT e.time, e.action, e.place_via, e.place_ref, e.lat, e.lon, e.accuracy_m, e.received_at, e.jws FROM every_tap e "
            "WHERE e.place_ref IN (SELECT tag FROM tag WHERE service_user = %(who)s UNION ALL SELECT %(who)s) "
            "ORDER BY e.time, e.device, e.seq"
        ),
    ),
    (
        "entries",
        "Starts and ends that people entered by hand, with their reason.",
        (
            "SELECT e.time, e.action, e.reason, e.words, e.noted_at, w.noted_at AS withdrawn_at, w.reason AS why_withdrawn FROM entry e "
            "LEFT JOIN entry_withdrawn w USING (entry) WHERE e.service_user = %(who)s ORDER BY e.entry"
        ),
    ),
    (
        "reports",
        "What was told of visits: no access, declined, cancelled, approved later.",
        (
            "SELECT visit_id, kind, told_at, reason, noted_at FROM visit_report WHERE visit_id IN "
            "(SELECT visit_id FROM planned_visit WHERE service_user = %(who)s) ORDER BY number"
        ),
    ),
    (
        "absences",
        "When you were away.",
        "SELECT kind, since, until, noted_at FROM absence WHERE service_user = %(who)s ORDER BY number",
    ),
    (
        "packages",
        "What care was agreed, and who pays which share.",
        (
            "SELECT package, provider, service, starts, ends, agreed_minutes, contingency_minutes, budget_pence, outcome, exceptional, "
            "health_percent, fund_holder, charge_percent, noted_at FROM package WHERE service_user = %(who)s ORDER BY number"
        ),
    ),
    (
        "payment-lines",
        "What was paid for visits to you, or not, and why.",
        (
            "SELECT line, run, reverses, visit_id, carer_no, provider, planned_start, planned_minutes, started, ended, contact_seconds, "
            "paid_minutes, pence, outcome, reason FROM ledger_line WHERE service_user = %(who)s ORDER BY line"
        ),
    ),
    (
        "alerts",
        "Late and missed visits of which the provider was told.",
        (
            "SELECT kind, visit_id, due_at, raised_at FROM alert WHERE visit_id IN "
            "(SELECT visit_id FROM planned_visit WHERE service_user = %(who)s) ORDER BY alert"
        ),
    ),
    ("tags", "Tags that hang at the home.", "SELECT tag, made_at FROM tag WHERE service_user = %(who)s ORDER BY made_at, tag"),
    (
        "called",
        "What carers' phones show instead of your reference.",
        "SELECT called, noted_by, noted_at FROM home_called WHERE service_user = %(who)s",
    ),
    (
        "audit",
        "When somebody looked at or changed these records, in which role. Lists of a day are not in it: whoever opened one saw everybody.",
        (
            "SELECT at, role, provider, did, about ->> 'visit' AS visit FROM audit "
            "WHERE about @> jsonb_build_object('service_user', %(who)s::text) "
            "OR about @> jsonb_build_object('service_users', jsonb_build_array(%(who)s::text)) "
            "OR left(about ->> 'visit', 200) IN (SELECT left(visit_id, 200) FROM planned_visit WHERE service_user = %(who)s) "
            "ORDER BY number"
        ),
    ),
)
_OF_CARER: tuple[tuple[str, str, LiteralString], ...] = (
    (
        "visits",
        "Visits that you made, when they were planned, and when you started and ended.",
        (
            "SELECT day, visit_id, carer_no, provider, zone, service, planned_start, planned_minutes, started, ended, contact_seconds, "
            "waiting_seconds, CASE WHEN delivery = 'missed' AND missed_from > %(now)s THEN 'to_come' ELSE delivery END AS delivery, "
            "amended FROM logged_visit WHERE carer = %(who)s ORDER BY day, place"
        ),
    ),
    (
        "taps",
        "What you tapped, on your own device, by your badge or by telephone, with the signed record of each as it came.",
        (
            "SELECT e.time, e.action, e.place_via, e.carer_via, e.lat, e.lon, e.accuracy_m, e.received_at, e.jws FROM every_tap e "
            "WHERE e.device IN (SELECT device FROM door WHERE carer = %(who)s) "
            "OR (e.carer_via IN ('badge', 'pin') "
            "AND e.carer_ref IN (SELECT uid FROM badge WHERE carer = %(who)s UNION ALL SELECT %(who)s)) "
            "ORDER BY e.time, e.device, e.seq"
        ),
    ),
    (
        "entries",
        "Starts and ends that people entered for you by hand, with their reason.",
        (
            "SELECT e.time, e.action, e.reason, e.words, e.noted_at, w.noted_at AS withdrawn_at, w.reason AS why_withdrawn FROM entry e "
            "LEFT JOIN entry_withdrawn w USING (entry) WHERE e.carer = %(who)s ORDER BY e.entry"
        ),
    ),
    (
        "payment-lines",
        "What your provider was paid for your visits, or not, and why.",
        (
            "SELECT line, run, reverses, visit_id, carer_no, provider, planned_start, planned_minutes, started, ended, contact_seconds, "
            "paid_minutes, pence, outcome, reason FROM ledger_line WHERE carer = %(who)s ORDER BY line"
        ),
    ),
    (
        "devices",
        "Devices that are enrolled for you.",
        "SELECT device, enrolled_at, revoked_at FROM door WHERE carer = %(who)s ORDER BY 2, 1",
    ),
    ("badges", "Your badges.", "SELECT uid, valid_from FROM badge WHERE carer = %(who)s ORDER BY valid_from, uid"),
    ("providers", "For whom you work.", "SELECT provider, since, noted_at FROM carer_provider WHERE carer = %(who)s ORDER BY number"),
    (
        "accounts",
        "Accounts by which you sign in.",
        "SELECT name, email, language, made_at, seen_at, disabled_at FROM person WHERE carer = %(who)s ORDER BY person",
    ),
    (
        "audit",
        "When somebody looked at or changed these records, in which role, and what you did here yourself.",
        (
            "SELECT at, role, provider, did, about ->> 'visit' AS visit FROM audit "
            "WHERE about @> jsonb_build_object('carer', %(who)s::text) "
            "OR about @> jsonb_build_object('carers', jsonb_build_array(%(who)s::text)) "
            "OR person IN (SELECT person FROM person WHERE carer = %(who)s) ORDER BY number"
        ),
    ),
)


def read_held(connection: Connection, kind: Kind, who: str, *, now: datetime) -> tuple[Held, ...]:
    """All that is held about this service user or carer. As the office: no single role sees all of it."""
    return tuple(_read(connection, *each, who=who, now=now) for each in (_OF_SERVICE_USER if kind == "service_user" else _OF_CARER))


def _read(connection: Connection, name: str, says: str, query: LiteralString, *, who: str, now: datetime) -> Held:
    cursor = connection.execute(query, {"who": who, "now": now})
    columns = tuple(column.name for column in cursor.description or ())
    return Held(name=name, says=says, columns=columns, rows=tuple(cursor.fetchall()))
