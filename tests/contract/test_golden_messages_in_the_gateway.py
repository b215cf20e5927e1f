"""Does the real gateway, with a real database behind it, set every bad golden message aside and go on?"""

import hashlib
from contextlib import closing
from datetime import UTC, datetime

from calltime_gateway import flow, judging
from calltime_gateway.store import Store
from calltime_server.store.connection import connect
from calltime_server.store.enrolment import Place, add_door
from calltime_wire.receipts import Receipt
from calltime_wire.refusals import Reason
from contract import make_golden
from contract.golden_doors import OLD_PHONE, PHONE, READER
from contract.golden_files import arrival_of, payload_of
from contract.golden_sequences import A
from fixtures.post_room import rows

ENROLLED = datetime(2026, 4, 6, 12, 0, tzinfo=UTC)
ASKS_ANOTHER_DOOR = {Reason.REVOKED_DOOR}
"""Its door is another one's good door here."""


def test_bad_messages_are_quarantined_with_their_reasons_and_a_good_one_after_them_is_stored(database: str) -> None:
    with connect(database) as connection:
        for door in (PHONE, READER, OLD_PHONE):
            place = Place(carer=door.device, home=None)
            assert add_door(connection, device=door.device, alg=door.alg, public_key=door.public_key, place=place, now=ENROLLED)
    bad = [golden for golden in make_golden.contents("bad") if golden["expect"]["reason"] not in ASKS_ANOTHER_DOOR]
    letters = [(golden["topic"], payload_of(golden)) for golden in bad]
    good = f"calltime/v1/{PHONE.device}/records", A[0].encode()

    with closing(Store(database)) as store:
        readings = [judging.read(topic, payload) for topic, payload in [*letters, good]]
        judged, progress = flow.keep(readings, store=store, received_at=arrival_of(bad[0]))
        receipts = list(flow.answers(readings, judged, progress))

    wanted = {
        (topic, hashlib.sha256(payload).digest(), golden["expect"]["reason"]) for golden, (topic, payload) in zip(bad, letters, strict=True)
    }
    assert set(rows(database, "SELECT topic, digest, reason FROM quarantine")) == wanted
    assert rows(database, "SELECT device, seq FROM receipt") == [(PHONE.device, 1)]
    assert stored(receipts) == {PHONE.device: 1}


def stored(receipts: list[Receipt]) -> dict[str, int]:
    """What each door is told to be stored, where that is anything."""
    return {receipt.device: receipt.through for receipt in receipts if receipt.through}
