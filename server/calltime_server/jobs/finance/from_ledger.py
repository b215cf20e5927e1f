"""How does a payment run come from the ledger to those who make its files?"""

from __future__ import annotations

from calltime_server.jobs.finance.run import PaidRun, Party
from calltime_server.store.connection import Connection
from calltime_server.store.handed_over import RunFacts, read_carers
from calltime_server.store.ledger import read_run
from calltime_server.store.providers import read_providers


def paid_run(connection: Connection, facts: RunFacts) -> PaidRun:
    """Read its lines, and who is paid."""
    providers = read_providers(connection).drop("kind").rename({"provider": "reference"})
    return PaidRun(
        number=facts.run,
        first=facts.first,
        last=facts.last,
        issued=facts.at,
        lines=read_run(connection, facts.run),
        carers=read_carers(connection, facts.run),
        parties={row["reference"]: Party(**row) for row in providers.iter_rows(named=True)},
    )


def written(names: list[str]) -> str:
    """What is noted of an export. A council may have hundreds of invoices: the first files are named, the others counted."""
    others = f" and {len(names) - 10:,} more" if len(names) > 10 else ""
    return f"written: {', '.join(names[:10])}{others}"
