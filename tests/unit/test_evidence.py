"""Is a signature judged as the wire judges it?"""

import json

import pytest

from calltime_server.evidence import ORDER, Unreadable, device_of, from_base64url, payload_of, to_base64url, verify
from calltime_wire import base64url, jws
from calltime_wire.ed25519 import Ed25519Signer
from fixtures.plain_doors import Es256Signer

DOOR = Ed25519Signer(b"\x01" * 32)
SIGNED = jws.sign(b'{"a":1}', DOOR)

# RFC 8037, appendix A: a published key and a published signature.
RFC_KEY = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
RFC_JWS = (
    "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc."
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
)


def test_the_published_example_verifies() -> None:
    assert verify(RFC_JWS, alg="EdDSA", public_key=from_base64url(RFC_KEY)) == "verifies"
    assert payload_of(RFC_JWS) == b"Example of Ed25519 signing"


def test_what_a_door_signs_verifies_with_its_key_and_no_other() -> None:
    assert verify(SIGNED, alg="EdDSA", public_key=DOOR.public_key) == "verifies"
    assert verify(SIGNED, alg="EdDSA", public_key=Ed25519Signer(b"\x02" * 32).public_key) == "does not verify"


def test_one_changed_letter_does_not_verify() -> None:
    header, _, signature = SIGNED.split(".")

    assert verify(f"{header}.{to_base64url(b'{}')}.{signature}", alg="EdDSA", public_key=DOOR.public_key) == "does not verify"


@pytest.mark.parametrize("header", [{"alg": "none"}, {"alg": "EdDSA", "crit": ["b64"]}, ["EdDSA"]])
def test_a_header_that_says_anything_else_does_not_verify(header: object) -> None:
    text = f"{to_base64url(json.dumps(header).encode())}.{to_base64url(b'{}')}"

    assert verify(f"{text}.{to_base64url(DOOR.sign(text.encode()))}", alg="EdDSA", public_key=DOOR.public_key) == "does not verify"


@pytest.mark.parametrize("text", ["", "a.b", "....", "ä.ö.ü", "e30.e30.", "e30.e30.e30", "=.=.="])
def test_what_is_no_jws_does_not_verify(text: str) -> None:
    assert verify(text, alg="EdDSA", public_key=DOOR.public_key) == "does not verify"


# RFC 7515, appendix A.3: a published key, and the published signature over a published text. Its s is the upper one of the two.
RFC_POINT = (
    b"\x04" + from_base64url("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU") + from_base64url("x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0")
)
RFC_ES256 = (
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)


def other_s(compact: str) -> str:
    """The other of the two signatures that fit: anybody can make it without the key."""
    signed, _, written = compact.rpartition(".")
    signature = from_base64url(written)
    s = ORDER - int.from_bytes(signature[32:], "big")
    return f"{signed}.{to_base64url(signature[:32] + s.to_bytes(32, 'big'))}"


def test_the_published_example_of_es256_verifies_with_the_lower_s_alone() -> None:
    assert verify(other_s(RFC_ES256), alg="ES256", public_key=RFC_POINT) == "verifies"
    assert verify(RFC_ES256, alg="ES256", public_key=RFC_POINT) == "does not verify"


def test_what_a_phone_signs_with_es256_verifies_with_its_key_and_no_other() -> None:
    phone, other = Es256Signer(7), Es256Signer(8)
    signed = jws.sign(b'{"a":1}', phone)

    assert verify(signed, alg="ES256", public_key=phone.public_key) == "verifies"
    assert verify(signed, alg="ES256", public_key=other.public_key) == "does not verify"
    assert verify(other_s(signed), alg="ES256", public_key=phone.public_key) == "does not verify"


def test_the_enrolled_algorithm_decides() -> None:
    phone = Es256Signer(7)

    assert verify(jws.sign(b"{}", phone), alg="EdDSA", public_key=DOOR.public_key) == "does not verify"
    assert verify(SIGNED, alg="ES256", public_key=phone.public_key) == "does not verify"
    assert verify(SIGNED, alg="none", public_key=DOOR.public_key) == "does not verify"


@pytest.mark.parametrize(
    "key", [b"", bytes(65), b"\x04" + bytes(64), Es256Signer(7).public_key[:33], b"\x02" + Es256Signer(7).public_key[1:33]]
)
def test_a_key_that_is_no_uncompressed_point_verifies_nothing(key: bytes) -> None:
    assert verify(jws.sign(b"{}", Es256Signer(7)), alg="ES256", public_key=key) == "does not verify"


def test_a_door_is_named_as_on_the_wire() -> None:
    assert device_of(DOOR.public_key) == DOOR.device


@pytest.mark.parametrize("text", ["e30=", "e31", "+/==", "a", "ä"])
def test_base64url_has_one_spelling_on_both_sides(text: str) -> None:
    with pytest.raises(Unreadable):
        from_base64url(text)
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
