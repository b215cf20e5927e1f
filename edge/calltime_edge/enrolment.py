"""For whom does this door stand, and how did it come to be known? By a one-time code, once; the answer is kept in the door's folder."""

from __future__ import annotations

import http.client
import json
import os
import ssl
import urllib.error
import urllib.request
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from calltime_edge import trust
from calltime_edge.door_key import sync_folder
from calltime_wire import base64url, broker_address, enrolment
from calltime_wire.ed25519 import Ed25519Signer, Ed25519Verifier

TIMEOUT = 20.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What the server told this door: whose device, which home's reader or which telephone line it is, which gateway to believe, where the
    brokers are.

    `password` goes with the door's own id as the user name; None where the brokers ask for none.
    """

    device: str
    gateway: Ed25519Verifier
    broker: str
    password: str | None = field(default=None, repr=False)
    carer: str | None = None
    home: str | None = None
    line: str | None = None


class NotEnrolled(RuntimeError):
    """This door is not enrolled, or could not be; the message says what, why and what next."""


class NotALine(RuntimeError):
    """What was asked needs a telephone line that can be used; the message says what, why and what next."""


def enrol(code: str, *, server: str, signer: Ed25519Signer, folder: Path, ca_file: Path | None = None) -> Enrolled:
    """Bring the code and the public key to the server and keep its answer. Raises NotEnrolled.

    `ca_file`: the issuers to trust for https, instead of the system's.
    """
    if not server.startswith(("http://", "https://")):
        raise NotEnrolled(f"The server must be an address such as https://care.example.org, not {server!r}.")
    try:
        request = urllib.request.Request(  # noqa: S310  # http or https, as checked
            f"{server.rstrip('/')}/api/v1/enrolments",
            data=json.dumps({"request": enrolment.encode(code, signer.public_key, signer)}).encode("ascii"),
            headers={"Content-Type": "application/json"},
        )
        with urllib.request.urlopen(request, timeout=TIMEOUT, context=_issuers(ca_file)) as response:  # noqa: S310  # http or https, as checked
            answer = msgspec.json.decode(response.read(), type=enrolment.Answer)
        enrolled = _check(answer, signer)
    except urllib.error.HTTPError as error:
        raise NotEnrolled(_why(error)) from error
    except (OSError, ValueError, http.client.HTTPException) as error:
        reason = getattr(error, "reason", None)
        if isinstance(reason, ssl.SSLCertVerificationError):
            raise NotEnrolled(trust.why_not(reason, host=server, ca_file=ca_file, now=datetime.now(UTC))) from error
        raise NotEnrolled(
            f"The server {server} did not answer as expected ({reason or error}). Check its address and this door's network."
        ) from error
    _keep(folder, answer)
    return enrolled


def load(folder: Path, signer: Ed25519Signer) -> Enrolled:
    """Read what was kept. Raises NotEnrolled."""
    path = folder / "enrolment.json"
    try:
        return _check(msgspec.json.decode(path.read_bytes(), type=enrolment.Answer), signer)
    except FileNotFoundError:
        raise NotEnrolled(
            "This door is not enrolled yet. Ask for a one-time code, then: calltime-edge enrol CODE --server ADDRESS"
        ) from None
    except ValueError as error:
        raise NotEnrolled(f"{path} is damaged ({error}). Enrol this door again with a new code.") from error


def _issuers(ca_file: Path | None) -> ssl.SSLContext:
    try:
        return trust.issuers(ca_file)
    except trust.NoIssuers as error:
        raise NotEnrolled(str(error)) from error


def _check(answer: enrolment.Answer, signer: Ed25519Signer) -> Enrolled:
    """Raise NotEnrolled, or ValueError for what has not the shape of a key or of an address."""
    if answer.device != signer.device:
        raise NotEnrolled(f"The enrolment is for door {answer.device}, and this is door {signer.device}. Enrol this door with a new code.")
    if [answer.carer, answer.home, answer.line].count(None) != 2:
        raise NotEnrolled("The enrolment names neither one carer nor one home nor one line. Enrol this door with a new code.")
    try:
        broker_address.parse_all(answer.broker)
    except ValueError as error:
        raise NotEnrolled(
            f"The server names {answer.broker!r} as the broker, {error}. "
            "Set CALLTIME_BROKER right at the server, then enrol this door with a new code."
        ) from None
    gateway = Ed25519Verifier(base64url.decode(answer.gateway_key))
    return Enrolled(
        device=answer.device,
        gateway=gateway,
        broker=answer.broker,
        password=answer.password,
        carer=answer.carer,
        home=answer.home,
        line=answer.line,
    )


def _keep(folder: Path, answer: enrolment.Answer) -> None:
    """Write the whole file beside its place, sync it, then move it there, durably: half an enrolment is never read."""
    draft = folder / "enrolment.json.new"
    draft.touch(mode=0o600)  # there is a password in it
    with draft.open("wb") as file:
        file.write(msgspec.json.encode(answer))
        file.flush()
        os.fsync(file.fileno())
    draft.replace(folder / "enrolment.json")
    sync_folder(folder)


def _why(error: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(error.read())["detail"])
    except (ValueError, KeyError, TypeError):
        return f"The server refused the enrolment ({error.code} {error.reason}). Ask for a new code."
