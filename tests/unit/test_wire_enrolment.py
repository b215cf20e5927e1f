"""Does a door's introduction prove that it holds its key, and can a door be told nonsense?"""

import msgspec
import pytest

from calltime_wire import base64url, enrolment, jws
from calltime_wire.ed25519 import Ed25519Signer, Ed25519Verifier
from calltime_wire.enrolment import Answer, NotARequest
from calltime_wire.es256 import ORDER, Es256Verifier
from contract.golden_doors import OLD_PHONE
from fixtures.wire_records import DOOR


def test_a_request_is_signed_by_the_key_that_it_brings() -> None:
    request, key, parts = enrolment.decode(enrolment.encode("7KQ2M9XD", DOOR.public_key, DOOR))

    assert (request.code, request.alg, key) == ("7KQ2M9XD", "EdDSA", DOOR.public_key)
    assert enrolment.device_of(key) == DOOR.device
    assert jws.is_signed_by(parts, Ed25519Verifier(key))


def test_a_request_with_somebody_elses_key_is_not_signed_by_it() -> None:
    _, key, parts = enrolment.decode(enrolment.encode("7KQ2M9XD", DOOR.public_key, Ed25519Signer(bytes(32))))

    assert not jws.is_signed_by(parts, Ed25519Verifier(key))


@pytest.mark.parametrize("text", ["", "é", "a.b.c", jws.sign(b"{}", DOOR), jws.sign(b'{"type":' + b"[" * 2000, DOOR)])
def test_anything_else_is_no_request(text: str) -> None:
    with pytest.raises(NotARequest, match="This is not an enrolment request"):
        enrolment.decode(text)


@pytest.mark.parametrize("field", ["carer", "home"])
def test_a_door_is_not_enrolled_for_somebody_whom_no_record_could_name(field: str) -> None:
    answer = {"device": DOOR.device, "gateway_key": "", "broker": "mqtt://localhost", field: "Mary Miller"}

    with pytest.raises(msgspec.ValidationError, match=field):
        msgspec.convert(answer, Answer)


@pytest.mark.parametrize("key", [b"", bytes(31), bytes(33)])
def test_an_ed25519_key_has_32_bytes(key: bytes) -> None:
    with pytest.raises(ValueError, match=f"this has {len(key)}"):
        Ed25519Verifier(key)
    with pytest.raises(ValueError, match=f"this has {len(key)}"):
        Ed25519Signer(key)


@pytest.mark.parametrize("key", [b"", OLD_PHONE.public_key[1:], b"\x02" + OLD_PHONE.public_key[1:33], b"\x04" + bytes(64)])
def test_an_es256_key_is_an_uncompressed_point_of_the_curve(key: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        Es256Verifier(key)


def test_only_the_lower_s_of_an_es256_signature_is_taken() -> None:
    signature = OLD_PHONE.sign(b"message")
    upper = ORDER - int.from_bytes(signature[32:], "big")

    assert Es256Verifier(OLD_PHONE.public_key).verify(b"message", signature)
    assert not Es256Verifier(OLD_PHONE.public_key).verify(b"message", signature[:32] + upper.to_bytes(32, "big"))


@pytest.mark.parametrize("text", ["A", "AA==", "A A", "AB", "_w\n", "é", "AA=", "+/+/"])
def test_what_is_not_the_one_spelling_of_some_bytes_is_no_base64url(text: str) -> None:
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
