"""Which columns have the frames of what was signed, stored and posted, as they go into a bundle?"""

import polars as pl

from calltime_server.visits.columns import INSTANT

# Every record of the doors concerned, from the first that is needed to the last: the signed text, and when it was stored.
RECORDS = pl.Schema({"device": pl.String(), "seq": pl.Int64(), "received_at": INSTANT, "jws": pl.String()})
# What a gateway stored a record as; digests in base64url. `prev` is null where the record names none.
RECEIPTS = pl.Schema({"device": pl.String(), "seq": pl.Int64(), "digest": pl.String(), "prev": pl.String()})
# For whom each door is enrolled; the key in base64url.
DOORS = pl.Schema({"device": pl.String(), "alg": pl.String(), "public_key": pl.String(), "carer": pl.String(), "home": pl.String()})
# At whose home each tag hangs.
TAGS = pl.Schema({"tag": pl.String(), "service_user": pl.String()})
# Every entry of a run in the ledger. `reverses` is the line that it takes back, `of_run` the run that had posted that, and `was` its pence.
POSTED = pl.Schema(
    {
        "line": pl.Int64(),
        "visit_id": pl.String(),
        "carer_no": pl.Int64(),
        "pence": pl.Int64(),
        "reverses": pl.Int64(),
        "of_run": pl.Int64(),
        "was": pl.Int64(),
    }
)
