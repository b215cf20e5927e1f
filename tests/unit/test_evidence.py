"""Is a signature judged as the wire judges it?"""

import json

import pytest

from calltime_server.evidence import Unreadable, device_of, from_base64url, payload_of, to_base64url, verify
from calltime_wire import base64url, jws
from calltime_wire.ed25519 import Ed25519Signer

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


def test_es256_is_said_not_to_be_checked() -> None:
    assert verify(SIGNED, alg="ES256", public_key=bytes(65)) == "not checked here"


def test_a_door_is_named_as_on_the_wire() -> None:
    assert device_of(DOOR.public_key) == DOOR.device


@pytest.mark.parametrize("text", ["e30=", "e31", "+/==", "a", "ä"])
def test_base64url_has_one_spelling_on_both_sides(text: str) -> None:
    with pytest.raises(Unreadable):
        from_base64url(text)
    with pytest.raises(ValueError, match="base64url"):
        base64url.decode(text)
