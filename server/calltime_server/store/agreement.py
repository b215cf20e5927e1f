"""What stands of all that council and providers agreed: of each thing the row that was noted last?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, LiteralString, TypeAlias

import polars as pl

from calltime_server.payment.agreed import BLOCKS, PACKAGES
from calltime_server.store.connection import Connection, read_frame
from calltime_server.store.providers import PROVIDERS
from calltime_server.visits.told import EMPLOYED, JOURNEYS

Agreement: TypeAlias = Literal["package", "block", "provider", "carer_provider", "journey"]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Kept:
    """`rows` asks for what stands now; `behind` says which of them lie behind a place and hold what is sought, in this `order`."""

    shape: pl.Schema
    rows: LiteralString
    behind: LiteralString
    order: LiteralString


_PACKAGES: LiteralString = """
    SELECT DISTINCT ON (package) package, service_user, provider, service, starts, ends, agreed_minutes, contingency_minutes, budget_pence,
           outcome, exceptional, health_percent, fund_holder, charge_percent
    FROM package ORDER BY package, number DESC
"""
_BLOCKS: LiteralString = """
    SELECT DISTINCT ON (block) block, provider, zone, service, starts, ends, minutes_per_week FROM block ORDER BY block, number DESC
"""
_PROVIDERS: LiteralString = """
    SELECT DISTINCT ON (provider) provider, kind, name, street, town, postcode, country, vat_number
    FROM provider ORDER BY provider, number DESC
"""
_CARERS: LiteralString = """
    SELECT DISTINCT ON (carer, since) carer, provider, since FROM carer_provider ORDER BY carer, since, number DESC
"""
_JOURNEYS: LiteralString = """
    SELECT DISTINCT ON (from_home, to_home) from_home, to_home, least_minutes FROM journey ORDER BY from_home, to_home, number DESC
"""
_KEPT: Mapping[Agreement, _Kept] = {
    "package": _Kept(
        shape=PACKAGES,
        rows=_PACKAGES,
        behind="(package, '') > (%(first)s, %(second)s) AND concat_ws(' ', package, service_user, provider, service) ILIKE %(like)s",
        order="package",
    ),
    "block": _Kept(
        shape=BLOCKS,
        rows=_BLOCKS,
        behind="(block, '') > (%(first)s, %(second)s) AND concat_ws(' ', block, provider, zone, service) ILIKE %(like)s",
        order="block",
    ),
    "provider": _Kept(
        shape=PROVIDERS,
        rows=_PROVIDERS,
        behind="(provider, '') > (%(first)s, %(second)s) AND concat_ws(' ', provider, kind, name, town) ILIKE %(like)s",
        order="provider",
    ),
    "carer_provider": _Kept(
        shape=EMPLOYED,
        rows=_CARERS,
        behind="(carer, since::text) > (%(first)s, %(second)s) AND concat_ws(' ', carer, provider) ILIKE %(like)s",
        order="carer, since",
    ),
    "journey": _Kept(
        shape=JOURNEYS,
        rows=_JOURNEYS,
        behind="(from_home, to_home) > (%(first)s, %(second)s) AND concat_ws(' ', from_home, to_home) ILIKE %(like)s",
        order="from_home, to_home",
    ),
}


def read_standing(connection: Connection, what: Agreement) -> pl.DataFrame:
    """Read all that stands, in the shape of `said_csv.FORMS`."""
    kept = _KEPT[what]
    return read_frame(connection, kept.rows, {}, kept.shape)


def read_some(connection: Connection, what: Agreement, *, sought: str, behind: tuple[str, str], limit: int) -> pl.DataFrame:
    """Read the next rows in order behind this key (two empty texts: from the beginning); `sought` is part of their words."""
    kept = _KEPT[what]
    like = "%" + sought.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_") + "%"
    asked = {"first": behind[0], "second": behind[1], "like": like, "limit": limit}
    query = " ".join(("SELECT * FROM (", kept.rows, ") AS latest WHERE", kept.behind, "ORDER BY", kept.order, "LIMIT %(limit)s"))
    return read_frame(connection, query, asked, kept.shape)
