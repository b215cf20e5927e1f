"""What must a Mosquitto be told so that each door hears and says only its own? Its settings, its rules, and whom it lets in at first."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from calltime_server.store.broker_passwords import LetIn

DOOR, GATEWAY, OFFICE, MONITOR = "door", "gateway", "office", "monitor"
ACCOUNTS = (GATEWAY, OFFICE, MONITOR)
"""Those who call a broker and are no door. The account has the name of its role."""

ITERATIONS = 101
"""The plugin's own number. No number of tries finds a password of 24 random bytes, and after an outage all doors call at once."""

RULES = """\
# Made by calltime-server broker config; it is written anew at each run.
# What a door may say and hear, %u being its own id. The roles of this version's dynamic security know no such pattern, and a role for each
# door would cost five to ten times the time at each change. What gateways and office may do, and who may subscribe to what, stands there.
pattern write calltime/v1/%u/records
pattern write calltime/v1/%u/status
pattern read calltime/v1/%u/receipts
pattern read calltime/v1/%u/config
"""

SETTINGS = """\
# Made by calltime-server broker config; it is written anew at each run. A pipe, not the record: what it loses, the doors send again.

allow_anonymous false
plugin {plugin}
plugin_opt_config_file {data}/dynamic-security.json
acl_file {folder}/acl

persistence true
persistence_location {data}/
autosave_interval 60
log_dest stderr

# The default of 1,000 queued messages silently drops what was acknowledged to the door, as soon as the gateway is away for a while.
# A door sends again whatever no receipt covers, so the limit costs time and not taps. Copies that were sent again count as well.
max_queued_messages 1000000
max_queued_bytes 2147483648
# The gateway takes records in batches: the default of 20 on their way at once would be its largest batch.
max_inflight_messages 6000
# A record has at most 4 KiB. What is larger but passes here is quarantined with its reason; beyond this the broker closes the line.
max_packet_size 65536
"""

PLAIN = """
# Not encrypted: for this machine, or a network that nobody else is on.
listener {port} {address}
"""

TLS = """
# MQTT for doors, and MQTT over WebSockets for phones.
listener {port}
certfile {certificate}
keyfile {key}

listener {websockets_port}
protocol websockets
certfile {certificate}
keyfile {key}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A certificate with its chain, and its key, as the broker's machine names the files."""

    chain: Path
    key: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Listening:
    """Where a broker listens: encrypted, plainly, or both. `plain` is an address of its machine."""

    certificate: Certificate | None
    plain: str | None
    port: int = 8883
    websockets_port: int = 8084
    plain_port: int = 1883


def settings(folder: Path, plugin: Path, listening: Listening) -> str:
    """Write mosquitto.conf for a broker whose files are in this folder."""
    text = SETTINGS.format(folder=folder, data=folder / "data", plugin=plugin)
    if listening.certificate is not None:
        files = {"certificate": listening.certificate.chain, "key": listening.certificate.key}
        text += TLS.format(port=listening.port, websockets_port=listening.websockets_port, **files)
    if listening.plain is not None:
        text += PLAIN.format(port=listening.plain_port, address=listening.plain)
    return text


def first_state(passwords: Mapping[str, str], doors: LetIn) -> str:
    """Write dynamic-security.json: the accounts with these passwords, their roles, and everybody who is enrolled already."""
    accounts = [_client(name, passwords[name], role=name) for name in ACCOUNTS]
    for account in accounts:
        if account["username"] == MONITOR:
            account["clientid"] = MONITOR  # who has a client's name takes over its session; the others choose theirs
    known = [
        _client(device, credential.password, role=DOOR) | {"clientid": device, "textname": str(credential.serial)}
        for device, credential in doors.items()
    ]
    nothing = {"publishClientSend": False, "publishClientReceive": False, "subscribe": False, "unsubscribe": True}
    return json.dumps({"defaultACLAccess": nothing, "clients": accounts + known, "groups": [], "roles": _roles()}, indent=1)


def _client(name: str, password: str, *, role: str) -> dict[str, Any]:
    salt = secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, ITERATIONS)
    return {
        "username": name,
        "password": base64.b64encode(digest).decode(),
        "salt": base64.b64encode(salt).decode(),
        "iterations": ITERATIONS,
        "roles": [{"rolename": role}],
    }


def _roles() -> list[dict[str, Any]]:
    return [
        _role(
            DOOR,
            # To subscribe to another door's topic is allowed and brings nothing: the rules of the other file decide at each message.
            _allow("subscribePattern", "calltime/v1/+/receipts", "calltime/v1/+/config"),
        ),
        _role(
            GATEWAY,
            _allow("subscribeLiteral", "$share/gateway/calltime/v1/+/records", "calltime/v1/+/records"),
            _allow("publishClientReceive", "calltime/v1/+/records"),
            _allow("publishClientSend", "calltime/v1/+/receipts"),
        ),
        _role(
            OFFICE,
            _allow("subscribeLiteral", "$CONTROL/dynamic-security/v1/response"),
            _allow("publishClientReceive", "$CONTROL/dynamic-security/v1/response"),
            _allow("publishClientSend", "$CONTROL/dynamic-security/v1", "calltime/v1/+/config"),
        ),
        _role(
            MONITOR,
            _allow("subscribePattern", "calltime/v1/+/status", "$SYS/#"),
            _allow("publishClientReceive", "calltime/v1/+/status", "$SYS/#"),
        ),
    ]


def _role(name: str, *rules: list[dict[str, Any]]) -> dict[str, Any]:
    # What a role does not decide, the other file does, and that lets everybody subscribe to everything. Nobody would hear more by it; but
    # whoever joined the gateways' shared subscription would be dealt records that it may not have, and so keep them from the gateways.
    return {"rolename": name, "acls": [rule for several in (*rules, _deny("subscribePattern", "#", "$share/#")) for rule in several]}


def _allow(kind: str, *topics: str) -> list[dict[str, Any]]:
    return [{"acltype": kind, "topic": topic, "priority": 1, "allow": True} for topic in topics]


def _deny(kind: str, *topics: str) -> list[dict[str, Any]]:
    return [{"acltype": kind, "topic": topic, "priority": 0, "allow": False} for topic in topics]
