"""Does the real gateway, with a real database behind it, judge the golden messages as their files say?"""

import hashlib
from contextlib import closing
from datetime import UTC, datetime
from typing import Any

from calltime_gateway import flow, judging
from calltime_gateway.store import Store
from calltime_server.store.connection import connect
from calltime_server.store.enrolment import Place, add_door
from calltime_wire.receipts import Receipt
from calltime_wire.refusals import Reason
from contract import make_golden
from contract.golden_doors import OLD_PHONE, PHONE, READER, Signer
from contract.golden_files import arrival_of, each, payload_of
from contract.golden_sequences import A
from fixtures.post_room import rows

ENROLLED = datetime(2026, 4, 6, 12, 0, tzinfo=UTC)
ASKS_ANOTHER_DOOR = {Reason.REVOKED_DOOR}
"""Its door is another one's good door here."""


def test_bad_messages_are_quarantined_with_their_reasons_and_a_good_one_after_them_is_stored(database: str) -> None:
    enrol(database, PHONE, READER, OLD_PHONE)
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


@each("sequences")
def test_the_gateway_stores_a_sequence_as_its_file_says_and_answers_how_far_it_is(postgres_database: str, golden: dict[str, Any]) -> None:
    enrol(postgres_database, PHONE)
    verdicts, through = list[str](), 0
    with closing(Store(postgres_database)) as store:
        for arrival in golden["arrivals"]:
            readings = [judging.read(golden["topic"], arrival["payload"].encode())]
            judged, progress = flow.keep(readings, store=store, received_at=arrival_of(golden))
            verdicts.append("stored" if judged.new else judged.refused[0][1].reason if judged.refused else "known")
            through = progress[PHONE.device].through

    assert verdicts == [arrival["verdict"] for arrival in golden["arrivals"]]
    assert through == golden.get("through", through)


def enrol(dsn: str, *doors: Signer) -> None:
    with connect(dsn) as connection:
        for door in doors:
            place = Place(carer=door.device, home=None)
            assert add_door(connection, device=door.device, alg=door.alg, public_key=door.public_key, place=place, now=ENROLLED)


def stored(receipts: list[Receipt]) -> dict[str, int]:
    """What each door is told to be stored, where that is anything."""
    return {receipt.device: receipt.through for receipt in receipts if receipt.through}
