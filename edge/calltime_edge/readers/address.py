"""Which tag does an address name?

Any host is accepted: a door does not know where its council keeps the pages, and the server decides what a tag id is.
"""

import re

from calltime_edge.readers.sightings import Tag, Unreadable, Via, Why

LONGEST_ADDRESS = 1024

# Scheme and host may be in capitals, because a QR code of capitals is smaller. The query is taken as it stands: a tag that proves
# itself is checked over exactly these characters.
_ADDRESS = re.compile(r"(?i:https)://[^/?#\s]+/t/(?P<ref>[A-Za-z0-9_-]{1,64})(?P<waiting>/waiting)?(?:\?(?P<proof>[!-\"$-~]*))?")


def read_address(text: str, via: Via) -> Tag | Unreadable:
    """Read `https://<host>/t/<tag id>[/waiting][?<proof>]`; anything else is Unreadable, and what it was is not repeated."""
    found = _ADDRESS.fullmatch(text) if len(text) <= LONGEST_ADDRESS else None
    if found is None:
        return Unreadable(via=via, why=Why.NO_ADDRESS)
    return Tag(via=via, ref=found["ref"], proof=found["proof"] or None, waiting=found["waiting"] is not None)
