"""As whom does the gateway call a broker, and whose certificate does it take for that broker's? Both are read anew at each call."""

from __future__ import annotations

import ssl
from dataclasses import dataclass
from pathlib import Path

from calltime_wire.broker_address import BrokerAddress

# OpenSSL's X509_V_ERR_*, which Python's ssl passes on as `verify_code` and does not name.
_OUT_OF_DATE = {9, 10}
_NO_ISSUER = {2, 18, 19, 20, 21}
_OTHER_NAME = {62, 64}


class Unusable(Exception):
    """A file that access needs cannot be used; the message says which, why and what next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """A broker, and how the gateway proves itself to it and it to the gateway."""

    broker: BrokerAddress
    client: str
    username: str | None = None
    password_file: Path | None = None
    ca_file: Path | None = None

    def password(self) -> str | None:
        """Read the first line of the file; None where there is none to tell. Raises Unusable."""
        if self.password_file is None:
            return None
        try:
            return (self.password_file.read_text(encoding="utf-8").splitlines() or [""])[0]
        except OSError as error:
            why = error.strerror
        except UnicodeDecodeError:  # its own words would quote the password
            why = "it is not UTF-8"
        then = "Put the password into its first line and let the gateway's user read it."
        raise Unusable(f"The file of CALLTIME_BROKER_PASSWORD_FILE, {self.password_file}, cannot be used ({why}). {then}")

    def trust(self) -> ssl.SSLContext:
        """Trust the issuers of this system, or those in the CA file alone; there is no way round. Raises Unusable."""
        try:
            context = ssl.create_default_context(cafile=self.ca_file)
        except OSError as error:
            then = "Put the issuer's certificate there (PEM)."
            raise Unusable(f"The file of CALLTIME_BROKER_CA_FILE, {self.ca_file}, cannot be used ({error}). {then}") from error
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        context.sslsocket_class = _ClosedWhenNotTrusted
        return context

    def why_not(self, error: ssl.SSLCertVerificationError) -> str:
        """Say why the broker's certificate was not accepted, and what to do."""
        host, code = self.broker.host, error.verify_code
        if code in _OUT_OF_DATE:
            return f"The certificate of {host} is not valid today ({error.verify_message}). Renew it, or set the clock of this machine."
        if code in _OTHER_NAME:
            return f"The certificate of the other end is not for {host}: it may be somebody else's machine. Check CALLTIME_BROKER."
        if code in _NO_ISSUER:
            trusted = f"not in {self.ca_file}" if self.ca_file else "not known to this system"
            then = "If it is an issuer of your own, name its certificate in CALLTIME_BROKER_CA_FILE."
            return f"The issuer of the certificate of {host} is {trusted}: somebody may stand in between. {then}"
        return f"The certificate of {host} is not accepted ({error.verify_message}). Whoever runs {host} must look at it."


class _ClosedWhenNotTrusted(ssl.SSLSocket):
    """Is closed when the handshake fails: paho would only forget it."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands, or close."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise
