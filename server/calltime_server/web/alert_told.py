"""Who was told of an alert, and if nobody, why? One sentence for each way that it took, or for what it waits."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby

from calltime_server.jobs.alerts import quiet_ends
from calltime_server.store.alert_ways import Way, list_hooked, read_ways
from calltime_server.store.alerts import LOOKED_FOR, Alerted, AlertSetting, read_settings
from calltime_server.store.connection import Connection
from calltime_server.web.language import N_
from calltime_server.web.office import Office


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A sentence with the time that it speaks of (`at`), and what was answered (`why`, in English)."""

    words: str
    at: datetime | None = None
    why: str = ""


SENT = (N_("Sent to a webhook on %(at)s."), N_("Sent by e-mail on %(at)s."))
"""To a webhook, by e-mail; so are those below."""
WAITS = (N_("Not sent to a webhook yet. The next try is on %(at)s."), N_("Not sent by e-mail yet. The next try is on %(at)s."))
GIVEN_UP = (N_("Could not be sent to a webhook."), N_("Could not be sent by e-mail."))
DISABLED = N_("Not sent to a webhook: it was disabled before.")
NO_MAIL = N_("Not sent by e-mail: no e-mail can leave this server.")
NO_WAY = N_("Nobody was told: there was no e-mail address for alerts, and no webhook for it.")
SETTLED = N_("Nobody had to be told: by then it was settled, or told as missed.")
TOO_OLD = N_("Nobody was told: it was found more than two days ago, and only what is newer is told.")
QUIET = N_("Will be told when the quiet hours end, on %(at)s.")
SOON = N_("Will be told within a minute.")
LASTS_NOT = N_("Nobody has to be told: it was settled before.")
NO_WAY_NOW = N_("Nobody will be told: there is no e-mail address for alerts, and no webhook for it.")
NO_MAIL_NOW = N_("Nobody will be told: no e-mail can leave this server, and there is no webhook for it.")


def told_of(connection: Connection, alerts: Sequence[Alerted], office: Office) -> dict[int, tuple[Line, ...]]:
    """For each alert by its number how the telling stands."""
    found = read_ways(connection, [each.alert for each in alerts])
    ways = {alert: tuple(its) for alert, its in groupby(found, key=lambda way: way.alert)}
    settings, hooked = read_settings(connection), list_hooked(connection)
    lines = {}
    for each in alerts:
        if each.alert in ways:
            lines[each.alert] = tuple(_written(ways[each.alert], office))
        else:
            setting = settings.get(each.provider, AlertSetting())
            lines[each.alert] = (_to_come(each, setting, office, hooked=(each.provider, each.kind) in hooked),)
    return lines


def _written(ways: tuple[Way, ...], office: Office) -> Iterator[Line]:
    for way in ways:
        if way.message is None:
            yield Line(words=NO_WAY if way.news else SETTLED)
        elif way.sent_at is not None:
            yield Line(words=SENT[way.by_email], at=way.sent_at)
        elif way.given_up_at is not None:
            yield Line(words=GIVEN_UP[way.by_email], why=way.says)
        elif way.by_email and not office.sends_mail:
            yield Line(words=NO_MAIL)
        elif way.disabled:
            yield Line(words=DISABLED)
        else:
            # Before the first try there is nothing that was answered.
            yield Line(words=WAITS[way.by_email], at=way.next_at, why=way.says) if way.tried else Line(words=SOON)


def _to_come(alert: Alerted, setting: AlertSetting, office: Office, *, hooked: bool) -> Line:
    now = office.now()
    if not alert.lasts:
        return Line(words=LASTS_NOT)
    if alert.raised_at <= now - LOOKED_FOR:
        return Line(words=TOO_OLD)
    if not hooked and not setting.email:
        return Line(words=NO_WAY_NOW)
    if not hooked and not office.sends_mail:
        return Line(words=NO_MAIL_NOW)
    ends = quiet_ends(setting, now)
    return Line(words=QUIET, at=ends) if ends else Line(words=SOON)
