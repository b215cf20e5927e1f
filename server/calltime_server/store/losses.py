"""Which records will never come? Those that a door has declared lost and that are not stored all the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from calltime_server.store.connection import Connection, fetch
from calltime_server.store.rows import as_values


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """What a door said in one boot record that it has lost, as far as it is not stored.

    `last_tap` is when its last tap before the missing numbers was made, None where there is none. `told_at` is when the office heard of it.
    """

    device: str
    carer: str | None
    home: str | None
    line: str | None
    missing: int
    last_tap: datetime | None
    told_at: datetime


def list_losses(connection: Connection) -> tuple[Loss, ...]:
    """List the losses of all doors, revoked ones included, the latest first. A number that is lost twice counts with the first loss."""
    rows = fetch(
        connection,
        """
        WITH declared AS (
            SELECT device, declared_by, min(received_at) AS told_at, range_agg(int8range(first, last, '[]')) AS numbers
            FROM declared_loss GROUP BY device, declared_by
        ), still AS (
            SELECT device, declared_by, told_at, numbers
                - coalesce((SELECT range_agg(int8range(first, last, '[]')) FROM declared_loss AS earlier
                            WHERE earlier.device = declared.device AND earlier.declared_by < declared.declared_by), '{}')
                - coalesce((SELECT range_agg(int8range(seq, seq, '[]')) FROM receipt
                            WHERE receipt.device = declared.device AND seq < declared.declared_by), '{}') AS numbers
            FROM declared
        )
        SELECT device, carer, home, line, (SELECT sum(upper(span) - lower(span)) FROM unnest(numbers) AS span)::bigint,
               (SELECT time FROM tap WHERE tap.device = still.device AND seq < lower(numbers) ORDER BY seq DESC LIMIT 1), told_at
        FROM still JOIN door USING (device) WHERE NOT isempty(numbers) ORDER BY told_at DESC, device, declared_by DESC
        """,
        {},
    )
    return as_values(Loss, rows)
