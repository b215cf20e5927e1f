"""Which tag does an address name?

Any host is accepted: a door does not know where its council keeps the pages, and the server decides what a tag id is.
"""

import re

from calltime_edge.readers.sightings import Tag, Unreadable, Via

LONGEST_ADDRESS = 1024

# Scheme and host may be in capitals, because a QR code of capitals is smaller. The query is taken as it stands: a tag that proves
# itself is checked over exactly these characters.
_ADDRESS = re.compile(r"(?i:https)://[^/?#\s]+/t/(?P<ref>[A-Za-z0-9_-]{1,64})(?:\?(?P<proof>[!-\"$-~]*))?")

_WHAT = {"nfc": "The tag was read", "qr": "The code was read"}


def read_address(text: str, via: Via) -> Tag | Unreadable:
    """Read `https://<host>/t/<tag id>[?<proof>]`; anything else is Unreadable, and what it was is not repeated."""
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST_ADDRESS else None
    if found is None:
        # The text stays out of the message: it may be anything, somebody's private letter included.
        why = "but it holds no Calltime address (https://…/t/…)"
        return Unreadable(via=via, says=f"{_WHAT[via]}, {why}. Hold the Calltime tag of this home to the reader.")
    return Tag(via=via, ref=found["ref"], proof=found["proof"] or None)
