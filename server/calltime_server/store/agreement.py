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
    """`rows` asks for what stands now. They are in the order of `key`, two columns of text, and what is sought is part of these `words`."""

    shape: pl.Schema
    rows: LiteralString
    words: LiteralString
    key: LiteralString


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
        words="package, service_user, provider, service",
        key="package, ''::text",
    ),
    "block": _Kept(
        shape=BLOCKS,
        rows=_BLOCKS,
        words="block, provider, zone, service",
        key="block, ''::text",
    ),
    "provider": _Kept(
        shape=PROVIDERS,
        rows=_PROVIDERS,
        words="provider, kind, name, town",
        key="provider, ''::text",
    ),
    "carer_provider": _Kept(
        shape=EMPLOYED,
        rows=_CARERS,
        words="carer, provider",
        key="carer, since::text",
    ),
    "journey": _Kept(
        shape=JOURNEYS,
        rows=_JOURNEYS,
        words="from_home, to_home",
        key="from_home, to_home",
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
    where = "(" + kept.key + ") > (%(first)s, %(second)s) AND concat_ws(' ', " + kept.words + ") ILIKE %(like)s"
    query = "SELECT * FROM (" + kept.rows + ") AS latest WHERE " + where + " ORDER BY " + kept.key + " LIMIT %(limit)s"  # noqa: S608
    return read_frame(connection, query, asked, kept.shape)
