"""Which TimescaleDB is in this database, if any? Whoever uses a feature that not all editions have asks here first."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from calltime_server.store.connection import Connection, fetch


class Edition(Enum):
    """What a database can do beyond PostgreSQL."""

    NONE = "none"
    """PostgreSQL alone: `tap` is an ordinary table."""
    APACHE = "apache"
    """Hypertables and chunks, such as Debian's package. Anything more is answered with an error."""
    COMMUNITY = "community"
    """Columnar compression, continuous aggregates and jobs of its own as well, such as the image timescale/timescaledb."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """`postgresql` and `timescaledb` are version numbers; `timescaledb` is None where the database has not the extension."""

    edition: Edition
    postgresql: str
    timescaledb: str | None


def edition_of_tap(connection: Connection) -> Edition:
    """Say what may be done with `tap`: where it is an ordinary table, because TimescaleDB came after it, nothing more than without."""
    edition = find_edition(connection).edition
    if edition is Edition.NONE:
        return edition
    rows = fetch(connection, "SELECT FROM timescaledb_information.hypertables WHERE hypertable_name = 'tap'", {})
    return edition if rows else Edition.NONE


def find_edition(connection: Connection) -> Found:
    """Ask the database itself."""
    rows = fetch(
        connection,
        """
        SELECT current_setting('server_version'), current_setting('timescaledb.license', true),
               (SELECT extversion FROM pg_extension WHERE extname = 'timescaledb')
        """,
        {},
    )
    postgresql, licence, timescaledb = rows[0]
    with_extension = Edition.COMMUNITY if licence == "timescale" else Edition.APACHE
    edition = Edition.NONE if timescaledb is None else with_extension
    return Found(edition=edition, postgresql=postgresql, timescaledb=timescaledb)
