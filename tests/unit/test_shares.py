"""Does a share of what is taken back come to the same as the share of what was paid?"""

import polars as pl

from calltime_server.payment.shares import with_shares
from fixtures.care import example_terms


def test_a_share_is_rounded_alike_below_nothing() -> None:
    # Half of 101p is 50.5p, so 51p for the NHS and 50p for the council.
    columns = {"kind": "visit", "provider": "p", "service": "care", "fund_holder": None, "health_percent": 5000, "charge_percent": 2500}
    lines = pl.DataFrame({"pence": [101, -101, 0], **columns}, schema_overrides={"fund_holder": pl.String()})
    shared = with_shares(lines, example_terms())

    assert shared.select("health_pence", "council_pence", "charge_pence").rows() == [(51, 50, 25), (-51, -50, -25), (0, 0, 0)]
