"""Does this person's device hold the passkey? It is a second factor, beside the password. The one file that imports webauthn."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import webauthn
from webauthn.helpers import base64url_to_bytes, parse_authentication_credential_json
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from calltime_server.rights import Person
from calltime_server.store import credentials
from calltime_server.store.connection import Connection


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Where the browser is: a passkey is for one site. `host` is what passkeys are bound to, `origin` the whole beginning of an address."""

    host: str
    origin: str


def ask_for_new(connection: Connection, who: Person, email: str, site: Site) -> tuple[str, bytes]:
    """What the browser is told so that the device makes a passkey (JSON), and the challenge that it must sign."""
    options = webauthn.generate_registration_options(
        rp_id=site.host,
        rp_name="Calltime",
        user_name=email,
        user_id=f"calltime {who.id}".encode(),
        user_display_name=who.name,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED, user_verification=UserVerificationRequirement.DISCOURAGED
        ),
        exclude_credentials=_known(connection, who.id),
    )
    return webauthn.options_to_json(options), options.challenge


def take_new(connection: Connection, who: Person, answer: str, challenge: bytes | None, site: Site, *, called: str, now: datetime) -> bool:
    """Keep the passkey that the device made. False: what came is not what was asked for."""
    if challenge is None:
        return False
    try:
        made = webauthn.verify_registration_response(
            credential=answer, expected_challenge=challenge, expected_rp_id=site.host, expected_origin=site.origin
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return False
    return credentials.add_passkey(
        connection,
        who.id,
        credential=made.credential_id,
        public_key=made.credential_public_key,
        sign_count=made.sign_count,
        called=called,
        now=now,
    )


def ask_for_one(connection: Connection, person: int, site: Site) -> tuple[str, bytes]:
    """What the browser is told so that the device shows a passkey of this person (JSON), and the challenge."""
    options = webauthn.generate_authentication_options(
        rp_id=site.host, allow_credentials=_known(connection, person), user_verification=UserVerificationRequirement.DISCOURAGED
    )
    return webauthn.options_to_json(options), options.challenge


def take_one(connection: Connection, person: int, answer: str, challenge: bytes | None, site: Site, *, now: datetime) -> bool:
    """Whether this is an answer of one of this person's passkeys to this challenge."""
    if challenge is None:
        return False
    try:
        shown = parse_authentication_credential_json(answer)
        passkey = next((each for each in credentials.passkeys_of(connection, person) if each.credential == shown.raw_id), None)
        if passkey is None:
            return False
        seen = webauthn.verify_authentication_response(
            credential=shown,
            expected_challenge=challenge,
            expected_rp_id=site.host,
            expected_origin=site.origin,
            credential_public_key=passkey.public_key,
            credential_current_sign_count=passkey.sign_count,
        )
    except (WebAuthnException, ValueError, KeyError, TypeError):
        return False
    credentials.use_passkey(connection, passkey.credential, sign_count=seen.new_sign_count, now=now)
    return True


def named(text: str) -> bytes:
    """The passkey that a form names."""
    try:
        return base64url_to_bytes(text)
    except ValueError:
        return b""


def name_of(credential: bytes) -> str:
    """How a form names a passkey."""
    name: str = webauthn.helpers.bytes_to_base64url(credential)
    return name


def _known(connection: Connection, person: int) -> list[PublicKeyCredentialDescriptor]:
    return [PublicKeyCredentialDescriptor(id=each.credential) for each in credentials.passkeys_of(connection, person)]
