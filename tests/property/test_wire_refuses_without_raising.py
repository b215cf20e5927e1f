"""Can anything that is sent stop the reader? Whatever arrives becomes a value."""

import msgspec
from hypothesis import given
from hypothesis import strategies as some

from calltime_wire import admission, base64url, jws, receipts, status
from calltime_wire.admission import Claimed
from calltime_wire.chain import link
from calltime_wire.ed25519 import Ed25519Verifier
from calltime_wire.es256 import Es256Verifier
from calltime_wire.receipts import NotAReceipt
from calltime_wire.refusals import Refused
from contract.golden_doors import OLD_PHONE
from fixtures.wire_records import DOOR, TOPIC, boot

anything_in_json = some.recursive(
    some.none() | some.booleans() | some.integers() | some.floats(allow_nan=False, allow_infinity=False) | some.text(),
    lambda inner: some.lists(inner, max_size=3) | some.dictionaries(some.text(), inner, max_size=3),
    max_leaves=10,
)
GOOD = msgspec.to_builtins(boot(2, "A" * 43))


@given(some.text() | some.just(TOPIC), some.binary())
def test_random_bytes_become_a_refusal(topic: str, payload: bytes) -> None:
    assert isinstance(admission.read(topic, payload), Refused)


@given(some.binary())
def test_random_bytes_under_a_good_signature_become_a_refusal(payload: bytes) -> None:
    assert isinstance(admission.read(TOPIC, jws.sign(payload, DOOR).encode()), Refused)


@given(some.text(alphabet=".eyJhbGciOiJFZERTQSJ9-_=+/\n", max_size=80))
def test_text_that_looks_like_a_jws_becomes_a_refusal(text: str) -> None:
    assert isinstance(admission.read(TOPIC, text.encode()), Refused)


@given(some.sampled_from([*GOOD, "data.seq", "data.prev", "data.clock", "data.more"]), anything_in_json)
def test_a_record_with_anything_in_a_field_is_linked_or_refused(path: str, value: object) -> None:
    _, _, inner = path.partition(".")
    spoilt = {**GOOD, "data": {**GOOD["data"], inner: value}} if inner else {**GOOD, path: value}
    claimed = admission.read(TOPIC, jws.sign(msgspec.json.encode(spoilt), DOOR).encode())

    if isinstance(claimed, Claimed):
        assert link(claimed.record, claimed.digest).digest == claimed.digest


@given(some.sampled_from(["data", "type", "id", "more"]), some.integers(1, 1400), some.sampled_from(["[]", '{"":}']))
def test_brackets_of_any_depth_become_a_refusal(field: str, depth: int, bracket: str) -> None:
    half = len(bracket) - 1
    nest = bracket[:half] * depth + "0" + bracket[half:] * depth
    text = f'{{"{field}":{nest},"type":"calltime.tap.v1"}}'

    assert isinstance(admission.read(TOPIC, jws.sign(text.encode(), DOOR).encode()), Refused)


@given(some.binary())
def test_random_bytes_are_no_receipt_and_no_status(payload: bytes) -> None:
    for read in (
        lambda: receipts.decode(payload, device=DOOR.device, gateway=Ed25519Verifier(DOOR.public_key)),
        lambda: status.decode(payload),
    ):
        try:
            read()
        except (NotAReceipt, ValueError):
            continue
        raise AssertionError(f"{payload!r} was believed")


@given(some.binary(max_size=80), some.binary(max_size=80) | some.binary(min_size=64, max_size=64))
def test_random_bytes_are_no_signature(message: bytes, signature: bytes) -> None:
    assert not Ed25519Verifier(DOOR.public_key).verify(message, signature)
    assert not Es256Verifier(OLD_PHONE.public_key).verify(message, signature)


@given(some.binary())
def test_bytes_come_back_from_base64url(data: bytes) -> None:
    assert base64url.decode(base64url.encode(data)) == data


@given(some.text(max_size=12))
def test_base64url_has_one_spelling_for_the_same_bytes(text: str) -> None:
    try:
        data = base64url.decode(text)
    except ValueError:
        return

    assert base64url.encode(data) == text
