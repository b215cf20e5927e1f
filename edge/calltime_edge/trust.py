"""Is the other end who it says it is? Its certificate is checked for issuer, name and dates, and there is no way round.

A door that does not know the time cannot check dates, so it does not get through: the time usually comes first, over the same network.
To accept any date would let in whoever holds a certificate that was withdrawn or stolen years ago.
"""

from __future__ import annotations

import ssl
from datetime import datetime
from pathlib import Path

# OpenSSL's X509_V_ERR_*, which Python's ssl passes on as `verify_code` and does not name.
_NOT_YET_VALID = 9
_EXPIRED = 10
_NO_ISSUER = {2, 18, 19, 20, 21}
_OTHER_NAME = {62, 64}


class NoIssuers(Exception):
    """The CA file cannot be used; the message says why and what next."""


class _ClosesItself(ssl.SSLSocket):
    """Does not stay open when the other end is not trusted: whoever opened it may only forget it."""

    def do_handshake(self, block: bool = False) -> None:
        """Shake hands, or close."""
        try:
            super().do_handshake(block)
        except BaseException:
            self.close()
            raise


def issuers(ca_file: Path | None) -> ssl.SSLContext:
    """Trust the issuers of this system, or only those in a file (PEM). Raises NoIssuers when that cannot be read."""
    try:
        context = ssl.create_default_context(cafile=ca_file)
    except OSError as error:
        raise NoIssuers(f"The CA file {ca_file} cannot be used ({error}). Put the issuer's certificate there (PEM).") from error
    context.sslsocket_class = _ClosesItself
    return context


def why_not(error: ssl.SSLCertVerificationError, *, host: str, ca_file: Path | None, now: datetime) -> str:
    """Say why the certificate of a host was not accepted, and what to do. `now`: the door's clock, UTC."""
    clock = f"the clock of this door, which stands at {now:%Y-%m-%d %H:%M} UTC"
    if error.verify_code == _NOT_YET_VALID:
        return (
            f"The certificate of {host} is not valid yet by {clock}. That is probably the clock: the network sets it (see timedatectl), "
            "and this door tries again by itself."
        )
    if error.verify_code == _EXPIRED:
        return (
            f"The certificate of {host} has expired by {clock}. If the clock is right, whoever runs {host} must renew the certificate. "
            "If not, set it: timedatectl shows what should."
        )
    if error.verify_code in _OTHER_NAME:
        return f"The certificate of the other end is not for {host}: this may be somebody else's machine. Check the address."
    if error.verify_code in _NO_ISSUER:
        trusted = f"not in the CA file {ca_file}" if ca_file else "not known to this system"
        return (
            f"The issuer of the certificate of {host} is {trusted}: somebody may stand in between. "
            "If it is an issuer of your own, name its certificate as ca_file in the settings."
        )
    return f"The certificate of {host} was not accepted ({error.verify_message}). Whoever runs {host} must look at it."
