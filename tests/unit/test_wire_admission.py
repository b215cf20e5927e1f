"""What is a person told of a message that was refused, and how much of it could be read?"""

from datetime import UTC, datetime, timedelta

import pytest

from calltime_wire import admission, records
from calltime_wire.admission import AHEAD, EARLIEST, Claimed, KnownDoor
from calltime_wire.ed25519 import Ed25519Verifier
from calltime_wire.records import Boot, Sync
from calltime_wire.refusals import Reason, Refused
from fixtures.wire_records import DOOR, TOPIC, boot

ARRIVED = datetime(2026, 4, 7, 8, 30, tzinfo=UTC)
KNOWN = KnownDoor(verifier=Ed25519Verifier(DOOR.public_key))


def claimed(record: Boot) -> Claimed:
    read = admission.read(TOPIC, records.encode(record, DOOR).encode())
    assert isinstance(read, Claimed)
    return read


def at(moment: datetime, sync: Sync = "ntp") -> Claimed:
    plain = boot(1, None)
    fields = {name: getattr(plain, name) for name in ("specversion", "id", "source")}
    clock = records.Clock(boot=plain.data.clock.boot, up_ms=0, sync=sync, error_ms=0)
    return claimed(Boot(**fields, time=records.milliseconds(moment), data=records.BootData(seq=1, prev=None, clock=clock)))


def test_on_a_topic_of_no_door_nobody_is_named() -> None:
    refused = admission.read("calltime/v1/hall/records", b"")

    assert refused == Refused(reason=Reason.WRONG_TOPIC, says="'calltime/v1/hall/records' is not the record topic of a door.")


def test_what_cannot_be_read_is_put_down_to_the_door_of_the_topic() -> None:
    refused = admission.read(TOPIC, b"nonsense")

    assert isinstance(refused, Refused)
    assert (refused.reason, refused.device, refused.seq) == (Reason.MALFORMED, DOOR.device, None)
    assert refused.says == "A compact JWS has three parts between dots; this has 1."


def test_what_is_too_large_is_not_even_looked_at() -> None:
    refused = admission.read(TOPIC, b"\xff" * 5000)

    assert isinstance(refused, Refused)
    assert refused.says == "The message has 5,000 bytes; a record has at most 4,096."


def test_a_wrong_field_is_named() -> None:
    refused = admission.read(TOPIC, records.encode(boot(0, None), DOOR).encode())

    assert isinstance(refused, Refused)
    assert "$.data.seq" in refused.says


def test_a_record_of_an_unknown_door_can_be_replayed_when_it_is_enrolled() -> None:
    refused = admission.verify(claimed(boot(7, "A" * 43)), None, received_at=ARRIVED)

    assert refused == Refused(
        reason=Reason.UNKNOWN_DOOR,
        says="No door with this id is enrolled. Enrol it, then: calltime-gateway replay",
        device=DOOR.device,
        seq=7,
    )


def test_a_revoked_door_is_refused_whatever_its_signature() -> None:
    refused = admission.verify(claimed(boot(1, None)), KnownDoor(verifier=KNOWN.verifier, revoked=True), received_at=ARRIVED)

    assert refused is not None
    assert refused.reason is Reason.REVOKED_DOOR


@pytest.mark.parametrize("moment", [EARLIEST, ARRIVED, ARRIVED + AHEAD])
def test_a_time_within_the_bounds_is_taken(moment: datetime) -> None:
    assert admission.verify(at(moment), KNOWN, received_at=ARRIVED) is None


@pytest.mark.parametrize("moment", [EARLIEST - timedelta(milliseconds=1), ARRIVED + AHEAD + timedelta(milliseconds=1)])
def test_a_time_out_of_bounds_is_refused_unless_the_door_says_that_it_does_not_know(moment: datetime) -> None:
    refused = admission.verify(at(moment), KNOWN, received_at=ARRIVED)

    assert refused is not None
    assert refused.reason is Reason.TIME_OUT_OF_RANGE
    assert records.milliseconds(moment) in refused.says
    assert admission.verify(at(moment, sync="none"), KNOWN, received_at=ARRIVED) is None
