"""Does our side of the wire do with every golden message what its file expects?"""

from typing import Any

import msgspec
import pytest

from calltime_wire import admission, base64url, chain, door_settings, receipts, status
from calltime_wire.admission import Claimed
from calltime_wire.chain import Link
from calltime_wire.door_settings import DoorSettings, NotSettings
from calltime_wire.ed25519 import Ed25519Verifier
from calltime_wire.receipts import NotAReceipt
from calltime_wire.refusals import Reason, Refused
from contract import make_golden
from contract.golden_doors import GATEWAY, PHONE
from contract.golden_files import arrival_of, door_of, each, payload_of, verifier_of

BY_CHAIN = {Reason.FORK, Reason.CHAIN_BROKEN}


def admit(golden: dict[str, Any], payload: bytes) -> Claimed | Refused:
    """Read a message and hold it against the door of the example."""
    claimed = admission.read(golden["topic"], payload)
    if isinstance(claimed, Refused):
        return claimed
    return admission.verify(claimed, door_of(golden), received_at=arrival_of(golden)) or claimed


@each("good")
def test_a_good_message_is_taken(golden: dict[str, Any]) -> None:
    claimed = admit(golden, payload_of(golden))

    assert isinstance(claimed, Claimed), claimed
    assert msgspec.json.decode(msgspec.json.encode(claimed.record)) == golden["expect"]["record"]
    assert base64url.encode(claimed.digest) == golden["expect"]["digest"]


@each("bad")
def test_a_bad_message_is_refused_for_its_reason(golden: dict[str, Any]) -> None:
    refused = admit(golden, payload_of(golden))

    assert isinstance(refused, Refused)
    assert refused.reason == golden["expect"]["reason"]
    assert refused.says


@each("sequences")
def test_records_are_judged_in_the_order_of_their_arrival(golden: dict[str, Any]) -> None:
    stored: dict[int, Link] = {}
    verdicts = []
    for arrival in golden["arrivals"]:
        claimed = admit(golden, arrival["payload"].encode())
        assert isinstance(claimed, Claimed), claimed
        verdicts.append(judge(claimed, stored))

    assert verdicts == [arrival["verdict"] for arrival in golden["arrivals"]]


def judge(claimed: Claimed, stored: dict[int, Link]) -> str:
    """Store what fits; return the verdict in the word of the files."""
    seq, own = claimed.record.data.seq, chain.link(claimed.record, claimed.digest)
    refused = chain.check(claimed.record, own, stored)
    if refused is not None:
        return refused.reason
    if seq in stored:
        return "known"
    stored[seq] = own
    return "stored"


@each("receipts/good")
def test_a_good_receipt_is_believed(golden: dict[str, Any]) -> None:
    receipt = receipts.decode(payload_of(golden), device=golden["device"], gateway=verifier_of(golden["gateway"]))

    assert msgspec.json.decode(msgspec.json.encode(receipt)) == golden["expect"]["receipt"]


@each("receipts/bad")
def test_a_bad_receipt_is_not_believed(golden: dict[str, Any]) -> None:
    with pytest.raises(NotAReceipt):
        receipts.decode(payload_of(golden), device=golden["device"], gateway=verifier_of(golden["gateway"]))


@each("settings/good")
def test_good_settings_are_believed(golden: dict[str, Any]) -> None:
    settings = door_settings.decode(payload_of(golden), device=golden["device"], gateway=verifier_of(golden["gateway"]))

    assert msgspec.to_builtins(settings) == golden["expect"]["settings"]


@each("settings/bad")
def test_bad_settings_are_not_believed(golden: dict[str, Any]) -> None:
    with pytest.raises(NotSettings):
        door_settings.decode(payload_of(golden), device=golden["device"], gateway=verifier_of(golden["gateway"]))


def test_settings_are_read_as_they_were_written() -> None:
    settings = DoorSettings(device=PHONE.device, revision=7, language="en", feedback="sound only", position=True)
    gateway = Ed25519Verifier(GATEWAY.public_key)

    assert door_settings.decode(door_settings.encode(settings, GATEWAY).encode(), device=PHONE.device, gateway=gateway) == settings


@each("status/good")
def test_a_good_status_is_read(golden: dict[str, Any]) -> None:
    assert msgspec.to_builtins(status.decode(payload_of(golden))) == golden["expect"]["status"]


@each("status/bad")
def test_a_bad_status_is_refused(golden: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"."):
        status.decode(payload_of(golden))


def test_every_reason_of_quarantine_has_an_example() -> None:
    shown = {golden["expect"]["reason"] for golden in make_golden.contents("bad")}
    shown |= {arrival["verdict"] for golden in make_golden.contents("sequences") for arrival in golden["arrivals"]}

    assert shown == {*Reason, "stored", "known"}
    assert not BY_CHAIN & {golden["expect"]["reason"] for golden in make_golden.contents("bad")}


def test_the_files_are_those_that_the_script_makes_byte_for_byte() -> None:
    found = {str(path.relative_to(make_golden.FOLDER)): path.read_bytes() for path in make_golden.FOLDER.rglob("*.json")}

    assert found == make_golden.files()
