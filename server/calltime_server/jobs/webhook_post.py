"""How is a message posted to a webhook? Signed by Standard Webhooks, to a checked address, with little patience and no trust.

Somebody with an account wrote the address, so it might name what only this machine can reach. The name is resolved once, every address
that it has must be on the public internet (unless the setting allows private networks), and the connection is made to just that address
under the certificate of the name: a name that changes its mind between the look and the call gains nothing. No redirect is followed.
"""

from __future__ import annotations

import asyncio
import ipaddress
import re
import secrets
import socket
from base64 import b64encode
from datetime import UTC, datetime
from urllib.parse import SplitResult, urlsplit

import httpx
from standardwebhooks import Webhook

from calltime_server.store.messages import Due

WITHIN = 10
"""Seconds for all of it: looking up, connecting, being answered."""
_INSIDE = [ipaddress.ip_network(each) for each in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32", "100.64.0.0/10")]
"""Networks that lead into others, or that count as public and are not."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


def _(text: str) -> str:
    """Marks a sentence for the catalogue; it is translated where it is shown."""
    return text


class NotPosted(Exception):
    """The message was not taken; the text says why."""


def new_secret() -> str:
    """A secret in the form in which the standard's libraries take it."""
    return f"whsec_{b64encode(secrets.token_bytes(32)).decode()}"


def wrong_address(address: str, *, private: bool) -> str | None:
    """What is wrong with an address as it is written, without looking up its name. None: nothing."""
    try:
        parts = urlsplit(address)
        host, _port = parts.hostname, parts.port
    except ValueError:
        host, parts = None, urlsplit("")
    plain = address.isascii() and address.isprintable() and " " not in address
    if not host or len(address) > 500 or not plain or not _is_name(host):
        return _("This is not an address. Write it whole, as in https://finance.example.org/calltime.")
    if parts.username or parts.password or parts.fragment:
        return _("An address with a password or a # in it is not taken: it is shown on pages. The signature tells who sends.")
    if parts.scheme != "https" and not (parts.scheme == "http" and _is_loopback(host)):
        return _("Only https:// is taken, so that nobody reads the messages on the way.")
    literal = _literal(host)
    inside = _is_loopback(host) or (literal is not None and not _is_public(literal))
    if inside and not private:
        return _(
            "This address lies in a private network, or is of this server itself. "
            "Write one on the public internet, or ask whoever runs the server."
        )
    return None


def _is_name(host: str) -> bool:
    """Whether such a name can be asked for at all: of labels that are neither empty nor too long."""
    if _literal(host) is not None:
        return True
    return len(host) <= 253 and all(re.fullmatch(r"[a-z0-9_-]{1,63}", label, re.ASCII) for label in host.removesuffix(".").split("."))


async def post(due: Due, *, private: bool, now: datetime) -> str:
    """Post it and say what was answered. Raises NotPosted."""
    assert due.address is not None and due.secret is not None, "this message is not for a webhook"  # noqa: S101, PT018
    wrong = wrong_address(due.address, private=private)
    if wrong is not None:
        raise NotPosted(wrong)
    try:
        async with asyncio.timeout(WITHIN):
            return await _post(due, due.address, due.secret, private=private, now=now)
    except TimeoutError:
        raise NotPosted(f"There was no answer within {WITHIN} seconds.") from None
    except socket.gaierror as error:
        raise NotPosted("The name of the address is not known. Look whether it is spelled right, and add it anew if not.") from error
    except (httpx.HTTPError, httpx.InvalidURL, OSError, ValueError) as error:
        # The two that a person can mend are told apart; what else it was, the log of the server says.
        if "CERTIFICATE" in str(error):
            raise NotPosted("Its certificate is not trusted here, so nothing was sent. Have whoever runs the program renew it.") from error
        raise NotPosted("It could not be reached. Ask whoever runs the program whether it is up and lets this server in.") from error


async def _post(due: Due, address: str, secret: str, *, private: bool, now: datetime) -> str:
    parts = urlsplit(address)
    target = await _resolve(parts, private=private)
    named = f"msg_{due.message}"
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "Calltime-Webhooks/1",
        "webhook-id": named,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(secret).sign(named, now.astimezone(UTC), due.body),
    }
    shown = f"[{target}]" if target.version == 6 else str(target)
    port = f":{parts.port}" if parts.port else ""
    url = parts._replace(netloc=f"{shown}{port}").geturl()
    # No proxy of the environment: it would look the name up once more, and reach what we must not.
    async with httpx.AsyncClient(timeout=WITHIN, follow_redirects=False, trust_env=False) as client:
        extensions = {"sni_hostname": parts.hostname} if parts.scheme == "https" else {}
        request = client.build_request("POST", url, content=due.body.encode(), headers=headers, extensions=extensions)
        answer = await client.send(request, stream=True)
        try:
            # What it says beside the status is not read: it is of no use here, and may be without end.
            return _judged(answer.status_code)
        finally:
            await answer.aclose()


def _judged(status: int) -> str:
    if 200 <= status < 300:
        return f"It was taken: {status}."
    if 300 <= status < 400:
        raise NotPosted(f"It was answered {status}: go elsewhere. Write the address at which messages are taken; none is followed.")
    raise NotPosted(f"It was answered {status}.")


async def _resolve(parts: SplitResult, *, private: bool) -> Address:
    host = str(parts.hostname)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = [ipaddress.ip_address(str(each[4][0]).split("%")[0]) for each in found]
    if not private and not all(_is_public(each) for each in addresses):
        raise NotPosted(f"The name {host} leads into a private network. Nothing was sent. Ask whoever runs the server.")
    if parts.scheme == "http" and not all(each.is_loopback for each in addresses):
        raise NotPosted(f"The name {host} is not this machine, and only https:// is taken elsewhere. Nothing was sent.")
    return addresses[0]


def _is_public(address: Address) -> bool:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    checked: Address = mapped or address
    inside = any(checked.version == each.version and checked in each for each in _INSIDE)
    return checked.is_global and not checked.is_multicast and not inside


def _is_loopback(host: str) -> bool:
    literal = _literal(host)
    return host == "localhost" or (literal is not None and literal.is_loopback)


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
