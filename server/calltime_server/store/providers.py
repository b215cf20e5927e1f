"""Who is paid, as it must stand on an invoice?"""

from __future__ import annotations

import polars as pl

from calltime_server.store.asked import list_providers
from calltime_server.store.connection import Connection, fetch, read_frame

PROVIDERS = pl.Schema(
    {
        "provider": pl.String(),
        "kind": pl.String(),
        "name": pl.String(),
        "street": pl.String(),
        "town": pl.String(),
        "postcode": pl.String(),
        "country": pl.String(),
        "vat_number": pl.String(),
    }
)


def known_providers(connection: Connection) -> tuple[str, ...]:
    """Whoever ever had a planned visit, or stands in the list of providers other than as a fund holder; by reference."""
    rows = fetch(connection, "SELECT DISTINCT provider FROM provider WHERE kind <> 'fund_holder'", {})
    return tuple(sorted({*list_providers(connection), *(provider for (provider,) in rows)}))


def read_providers(connection: Connection) -> pl.DataFrame:
    """Read what stands of each provider and fund holder now, as a PROVIDERS frame by reference."""
    return read_frame(
        connection,
        """
        SELECT DISTINCT ON (provider) provider, kind, name, street, town, postcode, country, vat_number
        FROM provider ORDER BY provider, number DESC
        """,
        {},
        PROVIDERS,
    )
