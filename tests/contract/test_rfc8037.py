"""Do our Ed25519 and our JWS agree with the example that RFC 8037 publishes in its appendix A?"""

import hashlib
import json

from calltime_wire import base64url, jws
from calltime_wire.ed25519 import Ed25519Signer, Ed25519Verifier

PRIVATE = "nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A"
PUBLIC = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
THUMBPRINT = "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k"
PAYLOAD = b"Example of Ed25519 signing"
SIGNING_INPUT = "eyJhbGciOiJFZERTQSJ9.RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"
SIGNATURE = "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"
COMPACT = f"{SIGNING_INPUT}.{SIGNATURE}"


def test_the_published_signature_verifies() -> None:
    parts = jws.split(COMPACT)

    assert parts.payload == PAYLOAD
    assert parts.signing_input == SIGNING_INPUT.encode()
    assert jws.is_signed_by(parts, Ed25519Verifier(base64url.decode(PUBLIC)))


def test_the_published_private_key_makes_the_published_jws() -> None:
    signer = Ed25519Signer(base64url.decode(PRIVATE))

    assert base64url.encode(signer.public_key) == PUBLIC
    assert jws.sign(PAYLOAD, signer) == COMPACT


def test_the_public_key_has_the_published_thumbprint() -> None:
    # RFC 7638: SHA-256 over the required members of the key, in the order of their names.
    key = json.dumps({"crv": "Ed25519", "kty": "OKP", "x": PUBLIC}, separators=(",", ":"))

    assert base64url.encode(hashlib.sha256(key.encode()).digest()) == THUMBPRINT


def test_the_signature_verifies_for_no_other_message() -> None:
    parts = jws.split(COMPACT)

    assert not Ed25519Verifier(base64url.decode(PUBLIC)).verify(parts.signing_input + b"x", parts.signature)
