"""How is the environment read into what the server is told? All faults are reported at once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from calltime_server.config import EXAMPLE_TERMS, LOOPBACK, Account, BadConfig, Broker, Config, Keeping, Mail, Organisation, Phones

LEAST_YEARS, MOST_YEARS = 7, 100
"""A claim under a contract can be made for six years (Limitation Act 1980, section 5; a deed: twelve); and one year to notice."""


def from_environment(environment: Mapping[str, str]) -> Config:
    """Read the variables that `calltime-server --help` lists, or raise BadConfig."""
    faults: list[str] = []
    brokers = environment.get("CALLTIME_BROKER", "mqtt://127.0.0.1:1883")
    for_doors = environment.get("CALLTIME_BROKER_FOR_DOORS", "")
    if for_doors:
        _brokers("CALLTIME_BROKER_FOR_DOORS", for_doors, faults)
    config = Config(
        database=environment.get("CALLTIME_DATABASE", ""),
        brokers=_brokers("CALLTIME_BROKER", brokers, faults),
        account=_account(environment),
        broker=for_doors or brokers,
        public_url=environment.get("CALLTIME_PUBLIC_URL", "https://localhost").rstrip("/"),
        terms=Path(environment.get("CALLTIME_TERMS", EXAMPLE_TERMS)),
        keep_years=_whole(environment["CALLTIME_KEEP_YEARS"]) if environment.get("CALLTIME_KEEP_YEARS") else None,
        finance=Path(environment["CALLTIME_FINANCE"]) if environment.get("CALLTIME_FINANCE") else None,
        mail=_mail(environment, faults),
        hooks_private=environment.get("CALLTIME_HOOKS_PRIVATE", "") == "allowed",
        keeping=_keeping(environment, faults),
        organisation=_organisation(environment, faults),
        phones=_phones(environment, faults),
    )
    if config.keep_years is not None and not LEAST_YEARS <= config.keep_years <= MOST_YEARS:
        faults.append(
            f"CALLTIME_KEEP_YEARS must be a whole number from {LEAST_YEARS} to {MOST_YEARS}, not {environment['CALLTIME_KEEP_YEARS']!r}: "
            "a claim under a contract can be made for six years. Leave it out to keep taps for ever."
        )
    if environment.get("CALLTIME_HOOKS_PRIVATE", "") not in ("", "allowed"):
        faults.append("CALLTIME_HOOKS_PRIVATE must be “allowed”, or left out: then webhooks in private networks are not called.")
    if not config.database.startswith(("postgresql://", "postgres://")):
        faults.append("CALLTIME_DATABASE must be a URI such as postgresql://calltime@localhost/calltime.")
    if not config.public_url.startswith("https://"):
        faults.append(f"CALLTIME_PUBLIC_URL must begin with https://, because it is printed on every tag; it is {config.public_url!r}.")
    if faults:
        raise BadConfig("\n".join(faults))
    return config


def _whole(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


def _brokers(name: str, addresses: str, faults: list[str]) -> tuple[Broker, ...]:
    brokers = []
    for address in addresses.split(","):
        broker = _broker(address.strip())
        if broker is None:
            # Whoever put a password into an address by mistake need not find it in the log as well, nor half of one that holds a comma.
            shown = "" if "@" in addresses else f", not {address.strip()!r}"
            faults.append(f"{name} must hold addresses such as mqtts://broker.example.org:8883, with commas between several{shown}.")
        elif broker in brokers:
            faults.append(f"{name} names the broker {broker} twice. Name each once.")
        else:
            brokers.append(broker)
    return tuple(brokers)


def _broker(address: str) -> Broker | None:
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return None
    usual = {"mqtt": 1883, "mqtts": 8883}.get(parts.scheme)
    more = "@" in parts.netloc or parts.path not in {"", "/"} or parts.query or parts.fragment
    if usual is None or not parts.hostname or port == 0 or more:
        return None
    return Broker(host=parts.hostname, port=port or usual, tls=parts.scheme == "mqtts")


def _phones(environment: Mapping[str, str], faults: list[str]) -> Phones:
    addresses, position = environment.get("CALLTIME_BROKER_FOR_PHONES", ""), environment.get("CALLTIME_POSITION", "")
    if position not in ("", "at-taps"):
        faults.append("CALLTIME_POSITION must be “at-taps”, or left out: then no phone says where it is.")
    brokers = tuple(address.strip() for address in addresses.split(",")) if addresses else ()
    for address in brokers:
        if not _is_for_browsers(address):
            shown = "" if "@" in addresses else f", not {address!r}"
            faults.append(
                "CALLTIME_BROKER_FOR_PHONES must hold addresses such as wss://broker.example.org:8084, with commas between several"
                f"{shown}. Only on this machine itself may it be ws://: no browser goes from https:// to that."
            )
    return Phones(brokers=brokers, position=position == "at-taps")


def _is_for_browsers(address: str) -> bool:
    # It goes into a header, too, so nothing but what an address needs.
    if not re.fullmatch(r"wss?://[A-Za-z0-9.:\[\]-]+(/[A-Za-z0-9._~/-]*)?", address):
        return False
    try:
        parts = urlsplit(address)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        return False
    return usable and (parts.scheme == "wss" or parts.hostname in LOOPBACK)


def _mail(environment: Mapping[str, str], faults: list[str]) -> Mail | None:
    url, sender = environment.get("CALLTIME_SMTP_URL", ""), environment.get("CALLTIME_MAIL_FROM", "")
    if not url:
        return None
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError:
        parts, host, port = urlsplit(""), None, None
    usual = {"smtp": 587, "smtps": 465}.get(parts.scheme)
    if usual is None or not host or parts.password is not None or parts.path not in {"", "/"}:
        # What was written may hold a password, which must not come into the log.
        faults.append("CALLTIME_SMTP_URL must be like smtp://user@mail.example.org:587, its password in CALLTIME_SMTP_PASSWORD_FILE.")
    if "@" not in sender or not sender.isascii() or any(sign.isspace() or sign in "<>,;" for sign in sender):
        faults.append(f"CALLTIME_MAIL_FROM must be the address from which e-mail comes, such as calltime@example.org, not {sender!r}.")
    file = environment.get("CALLTIME_SMTP_PASSWORD_FILE")
    return Mail(
        host=host or "",
        port=port or usual or 0,
        tls=parts.scheme == "smtps",
        user=unquote(parts.username or ""),
        password_file=Path(file) if file else None,
        sender=sender,
    )


def _account(environment: Mapping[str, str]) -> Account | None:
    password_file, ca_file = environment.get("CALLTIME_BROKER_ADMIN_PASSWORD_FILE"), environment.get("CALLTIME_BROKER_CA_FILE")
    if not password_file:
        return None
    user = environment.get("CALLTIME_BROKER_ADMIN_USER") or "office"
    return Account(user=user, password_file=Path(password_file), ca_file=Path(ca_file) if ca_file else None)


def _organisation(environment: Mapping[str, str], faults: list[str]) -> Organisation | None:
    issuer, client = environment.get("CALLTIME_OIDC_ISSUER", ""), environment.get("CALLTIME_OIDC_CLIENT_ID", "")
    secret = environment.get("CALLTIME_OIDC_CLIENT_SECRET_FILE", "")
    if not (issuer or client or secret):
        return None
    if not (issuer and client and secret):
        faults.append("CALLTIME_OIDC_ISSUER, CALLTIME_OIDC_CLIENT_ID and CALLTIME_OIDC_CLIENT_SECRET_FILE go together. Set all or none.")
    parts = urlsplit(issuer)
    if issuer and parts.scheme != "https" and parts.hostname not in LOOPBACK:
        faults.append(f"CALLTIME_OIDC_ISSUER must begin with https://; it is {issuer!r}.")
    if secret and not Path(secret).is_file():
        faults.append(f"CALLTIME_OIDC_CLIENT_SECRET_FILE names {secret!r}, and there is no such file.")
    return Organisation(issuer=issuer, client_id=client, secret_file=Path(secret))


def _keeping(environment: Mapping[str, str], faults: list[str]) -> Keeping:
    usual = Keeping()

    def whole(name: str, default: int, least: int, most: int) -> int:
        text = environment.get(name, "")
        if not text:
            return default
        number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else -1
        if not least <= number <= most:
            faults.append(f"{name} must be a whole number from {least} to {most}, not {text!r}. Leave it out for the default.")
        return number

    return Keeping(
        sign_in_days=whole("CALLTIME_KEEP_SIGN_IN_DAYS", usual.sign_in_days, 1, 3_660),
        # Who looked at what must be answered for at least as long as somebody may ask it.
        audit_years=whole("CALLTIME_KEEP_AUDIT_YEARS", usual.audit_years, 2, 100),
        quarantine_days=whole("CALLTIME_KEEP_QUARANTINE_DAYS", 0, 90, 36_500) or None,
        notices_days=whole("CALLTIME_KEEP_NOTICES_DAYS", usual.notices_days, 30, 36_500),
        files_days=whole("CALLTIME_KEEP_FILES_DAYS", usual.files_days, 1, 3_660),
    )
