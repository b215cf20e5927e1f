"""What did council and providers agree beside the plan: packages, blocks, and what is left in the bank?

Frames, one row for each; empty where nothing of the kind was agreed. A planned visit belongs to the package of the same service user,
provider and service in whose days it lies (there is one at most).
"""

from dataclasses import dataclass, field

import polars as pl

# All the care that was agreed for one service user with one provider, for one service. `agreed_minutes` and `contingency_minutes`
# (those that are authorised) are for one period of the terms; `outcome` is met, not_met or null: not known yet.
PACKAGES = pl.Schema(
    {
        "package": pl.String(),
        "service_user": pl.String(),
        "provider": pl.String(),
        "service": pl.String(),
        "starts": pl.Date(),
        "ends": pl.Date(),  # the last day; null: open
        "agreed_minutes": pl.Int64(),
        "contingency_minutes": pl.Int64(),
        "budget_pence": pl.Int64(),
        "outcome": pl.String(),
        "exceptional": pl.Boolean(),  # the council has agreed to pay above the budget
        "health_percent": pl.Int64(),  # the NHS's share in hundredths of a per cent: 2500 is 25 %; null: the terms' own
        "fund_holder": pl.String(),  # who is paid in place of the provider: an individual service fund, or a direct payment
        "charge_percent": pl.Int64(),  # what the service user is charged of the price, in hundredths of a per cent; null: the terms' own
    }
)

# Hours bought as a block, paid whatever is used of them.
BLOCKS = pl.Schema(
    {
        "block": pl.String(),
        "provider": pl.String(),
        "zone": pl.String(),
        "service": pl.String(),
        "starts": pl.Date(),
        "ends": pl.Date(),
        "minutes_per_week": pl.Int64(),
    }
)

# Minutes that stand in the bank of a package at the beginning of the span that is settled, by the period in which they were saved.
BANKED = pl.Schema({"package": pl.String(), "saved_in": pl.Date(), "minutes": pl.Int64()})


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreed:
    """PACKAGES, BLOCKS and BANKED, in any order."""

    packages: pl.DataFrame = field(default_factory=PACKAGES.to_frame)
    blocks: pl.DataFrame = field(default_factory=BLOCKS.to_frame)
    banked: pl.DataFrame = field(default_factory=BANKED.to_frame)
