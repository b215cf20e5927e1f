"""Does every record arrive as it was sent, and does nothing else arrive in its place?"""

from datetime import UTC, datetime

from hypothesis import given
from hypothesis import strategies as some

from calltime_wire import admission, jws, records
from calltime_wire.admission import Claimed, KnownDoor
from calltime_wire.ed25519 import Ed25519Verifier
from calltime_wire.records import Record
from calltime_wire.refusals import Refused
from fixtures.wire_records import DOOR, TOPIC, any_record, boot

KNOWN = KnownDoor(verifier=Ed25519Verifier(DOOR.public_key))
ARRIVED = datetime(2026, 4, 7, 8, 30, tzinfo=UTC)
SENT = records.encode(boot(2, "A" * 43), DOOR).encode()


@given(any_record)
def test_what_is_read_is_what_was_written(record: Record) -> None:
    compact = records.encode(record, DOOR)
    claimed = admission.read(TOPIC, compact.encode())

    assert isinstance(claimed, Claimed), claimed
    assert claimed.record == record
    assert claimed.compact == compact
    assert claimed.digest == jws.digest(compact)


@given(some.integers(0, len(SENT) - 1), some.integers(0, 255))
def test_a_message_with_one_byte_changed_is_refused(position: int, byte: int) -> None:
    changed = bytearray(SENT)
    changed[position] = byte
    if changed == SENT:
        return

    assert isinstance(admitted(bytes(changed)), Refused)


@given(some.integers(0, len(SENT)), some.binary(min_size=1, max_size=3))
def test_a_message_with_something_put_in_is_refused(position: int, more: bytes) -> None:
    assert isinstance(admitted(SENT[:position] + more + SENT[position:]), Refused)


@given(some.integers(0, len(SENT) - 1))
def test_a_message_cut_short_is_refused(length: int) -> None:
    assert isinstance(admitted(SENT[:length]), Refused)


def admitted(payload: bytes) -> Claimed | Refused:
    claimed = admission.read(TOPIC, payload)
    return claimed if isinstance(claimed, Refused) else admission.verify(claimed, KNOWN, received_at=ARRIVED) or claimed
