"""How large can a record be, how is its time written, and which JSON is it not?"""

import uuid
from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest

from calltime_wire import base64url, one_reading, records
from calltime_wire.records import CarerSeen, Clock, Place, Position, Tap, TapData
from calltime_wire.status import Status
from fixtures.wire_records import DOOR

LARGEST = 2**53 - 1
CENTURY = 3_155_760_000_000


def test_the_largest_record_that_the_fields_allow_fits_into_a_message() -> None:
    record = Tap(
        specversion="1.0",
        id=str(uuid.UUID(int=0x019D66F4CAE070008000000000000001)),
        source=f"/doors/{DOOR.device}",
        time="2026-04-07T08:00:00.000Z",
        data=TapData(
            seq=LARGEST,
            prev=base64url.encode(bytes(32)),
            clock=Clock(boot=str(uuid.UUID(int=LARGEST)), up_ms=CENTURY, sync="gnss", error_ms=CENTURY),
            action="waiting",
            place=Place(via="reader", ref="p" * 64, proof='"' * 1024),  # a quotation mark takes two characters in JSON
            carer=CarerSeen(via="device", ref="c" * 64),
            position=Position(lat=-89.12345678901234, lon=-179.12345678901234, accuracy_m=1.2345678901234567e-300),
        ),
    )

    assert len(records.encode(record, DOOR)) <= records.MAX_RECORD_BYTES


def test_a_moment_is_written_in_utc_with_what_is_finer_than_milliseconds_dropped() -> None:
    summer = timezone(timedelta(hours=1))

    assert records.milliseconds(datetime(2026, 4, 7, 9, 0, 12, 345_999, tzinfo=summer)) == "2026-04-07T08:00:12.345Z"
    assert records.milliseconds(datetime(2026, 4, 7, 8, tzinfo=UTC)) == "2026-04-07T08:00:00.000Z"


STATUS = msgspec.json.Decoder(Status)
ONLINE = b'{"type":"calltime.status.v1","online":true,"software":"1","waiting":0,"clock":"ntp","readers":{"nfc":"ready"}}'


def test_json_may_hold_blanks() -> None:
    assert one_reading.decode(ONLINE.replace(b",", b" , "), STATUS) == one_reading.decode(ONLINE, STATUS)


@pytest.mark.parametrize(
    ("spoilt", "says"),
    [
        (ONLINE.replace(b'"online":true', b'"online":false,"online":true'), "A field stands twice in the same object"),
        (ONLINE.replace(b'"nfc":"ready"', b'"nfc":"gone","nfc":"ready"'), "A field stands twice in the same object"),
        (ONLINE.replace(b'"online"', b'"\\u006fnline":false,"online"'), "A field stands twice in the same object"),
        (b'{"type":' + b"[" * 3000, "nested deeper"),
    ],
    ids=["outside", "inside", "in another spelling", "nested"],
)
def test_json_that_can_be_read_in_two_ways_or_not_at_all_is_refused(spoilt: bytes, says: str) -> None:
    with pytest.raises(ValueError, match=says):
        one_reading.decode(spoilt, STATUS)
