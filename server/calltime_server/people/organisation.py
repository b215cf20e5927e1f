"""How does an organisation vouch for its own people? By OpenID Connect: a code with PKCE, and a signed token. No right is taken from it."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import httpx
from authlib.oauth2 import OAuth2Client, OAuth2Error  # type: ignore[import-untyped]
from authlib.oidc.core import CodeIDToken  # type: ignore[import-untyped]
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from calltime_server.config import Organisation
from calltime_server.people.sessions import digest_of
from calltime_server.store import coming_in, credentials
from calltime_server.store.coming_in import Elsewhere
from calltime_server.store.connection import Connection
from calltime_server.store.credentials import Account

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA", "Ed25519")
"""Those with a public key; never one for which the client's own secret would be the key."""
GONE_AT_MOST = timedelta(minutes=10)
CLOCKS_DIFFER = 60
_TIMEOUT = httpx.Timeout(8)
_AWAY = "The organisation's sign-in cannot be reached, or did not take this. Try again in a minute."


class NotVouched(Exception):
    """The organisation's sign-in did not say who this is; the message says why, for the person and for who runs the office."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """Whom the organisation vouches for."""

    name: str
    email: str


def discover(organisation: Organisation) -> str:
    """Where the organisation signs people in. Asked before any connection is held: it may take its time. Raises NotVouched."""
    return _address(_discover(organisation), "authorization_endpoint")


def send(connection: Connection, organisation: Organisation, endpoint: str, *, redirect: str, back: str, now: datetime) -> tuple[str, str]:
    """Where the browser goes, and what it holds meanwhile. `endpoint` comes from `discover`."""
    holds = secrets.token_urlsafe(32)
    going = Elsewhere(state=secrets.token_urlsafe(24), nonce=secrets.token_urlsafe(24), verifier=secrets.token_urlsafe(48), back=back)
    coming_in.send_elsewhere(connection, digest_of(holds), going, now=now)
    with httpx.Client() as session:
        client = _client(organisation, session, redirect=redirect)
        there, _ = client.create_authorization_url(endpoint, state=going.state, nonce=going.nonce, code_verifier=going.verifier)
    return str(there), holds


def receive(organisation: Organisation, going: Elsewhere | None, *, state: str, code: str, redirect: str, now: datetime) -> Subject:
    """Who came back. Raises NotVouched."""
    if going is None or not hmac.compare_digest(going.state.encode(), state.encode()):
        raise NotVouched("This way back is over, or was begun in another browser. Begin again.")
    told = _discover(organisation)
    answer = _exchange(organisation, _address(told, "token_endpoint"), going, code=code, redirect=redirect)
    token = answer.get("id_token")
    if not isinstance(token, str):
        raise NotVouched("The organisation's sign-in gave no identity token. Tell whoever runs the office.")
    return _subject(_claims(organisation, told, token, nonce=going.nonce, now=now))


def account_of(connection: Connection, organisation: Organisation, subject: Subject) -> Account | None:
    """The account of whom the organisation vouches for; the first time by the e-mail address, if the account is for that way in."""
    known = credentials.account_of_subject(connection, organisation.issuer, subject.name)
    if known is not None:
        return known
    account = credentials.account_of_email(connection, subject.email) if subject.email else None
    if account is None or account.issuer != organisation.issuer:
        return None
    return account if credentials.bind_subject(connection, account.who.id, subject.name) else None


def _client(organisation: Organisation, session: httpx.Client, *, redirect: str) -> OAuth2Client:
    # Authlib's own client, on a session of ours: its httpx integration asks for another library than the rest of the office uses.
    return OAuth2Client(
        session,
        client_id=organisation.client_id,
        scope="openid email profile",
        redirect_uri=redirect,
        code_challenge_method="S256",
    )


def _exchange(organisation: Organisation, address: str, going: Elsewhere, *, code: str, redirect: str) -> dict[str, Any]:
    """What the organisation gives for the code."""
    try:
        with httpx.Client(timeout=_TIMEOUT) as session:
            client = _client(organisation, session, redirect=redirect)
            proof = httpx.BasicAuth(organisation.client_id, organisation.client_secret())
            return dict(client.fetch_token(address, code=code, code_verifier=going.verifier, auth=proof))
    except (httpx.HTTPError, OAuth2Error, ValueError, TypeError) as error:
        raise NotVouched(_AWAY) from error


def _discover(organisation: Organisation) -> dict[str, Any]:
    """What the organisation says of its sign-in; asked each time, so that changed keys and addresses need no restart."""
    told = _asked(f"{organisation.issuer.rstrip('/')}/.well-known/openid-configuration")
    if told.get("issuer") != organisation.issuer:
        raise NotVouched(
            f"The organisation's sign-in calls itself {told.get('issuer')!r}, and not what CALLTIME_OIDC_ISSUER says. "
            "Whoever runs the server corrects that."
        )
    return told


def _address(told: dict[str, Any], name: str) -> str:
    address = str(told.get(name, ""))
    parts = urlsplit(address)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1", "::1"):
        raise NotVouched(f"The organisation's sign-in names no encrypted address as its {name}. Tell whoever runs the office.")
    return address


def _asked(address: str) -> dict[str, Any]:
    try:
        answer = httpx.get(address, timeout=_TIMEOUT)
        answer.raise_for_status()
        told = answer.json()
    except (httpx.HTTPError, ValueError) as error:
        raise NotVouched(_AWAY) from error
    return told if isinstance(told, dict) else {}


def _claims(organisation: Organisation, told: dict[str, Any], token: str, *, nonce: str, now: datetime) -> dict[str, Any]:
    """What a token says whose signature is the organisation's, and which was made for us, now, and for this browser."""
    try:
        keys = KeySet.import_key_set(_asked(_address(told, "jwks_uri")))  # type: ignore[arg-type]
        signed = jwt.decode(token, keys, algorithms=ALGORITHMS)
        claims = CodeIDToken(
            signed.claims,
            signed.header,
            options={
                "iss": {"essential": True, "value": organisation.issuer},
                "aud": {"essential": True, "value": organisation.client_id},
                "sub": {"essential": True},  # and not blank
            },
            params={"nonce": nonce, "client_id": organisation.client_id},
        )
        claims.validate(now=int(now.timestamp()), leeway=CLOCKS_DIFFER)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise NotVouched("The organisation's sign-in answered with a token that does not hold. Begin again.") from error
    return dict(claims)


def _subject(claims: dict[str, Any]) -> Subject:
    email = claims.get("email")
    sure = claims.get("email_verified") is True and isinstance(email, str)
    return Subject(name=str(claims["sub"]), email=str(email).lower() if sure else "")
