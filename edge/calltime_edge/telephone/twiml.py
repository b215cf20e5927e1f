"""How does an answer look to an exchange that asks over HTTP? TwiML; and is whoever asks the exchange?"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

from calltime_edge.telephone.dialogue import DIGITS, Reply
from calltime_edge.telephone.prompts import Said
from calltime_edge.words.language import Language

LOCALES: dict[Language, str] = {"en": "en-GB", "cy": "cy-GB"}
PATIENCE_S = 8
"""Seconds of silence after which what was keyed in counts, and nothing as nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """The account at the exchange. `address`: of this line as the exchange calls it, which may be a proxy's; `token`: the account's secret.
    `voices`: who reads which language; without one the exchange chooses.
    """

    address: str
    token: str = field(repr=False)
    voices: Mapping[Language, str]


def write(reply: Reply, exchange: Exchange, *, step: int) -> bytes:
    """Write an answer; what is keyed in then comes to `step`."""
    response = ET.Element("Response")
    if reply.wants is None:
        _say(response, reply.said, exchange)
        ET.SubElement(response, "Hangup")
    else:
        gather = ET.SubElement(
            response,
            "Gather",
            {
                "input": "dtmf",
                "numDigits": str(DIGITS[reply.wants]),
                "finishOnKey": "#",
                "timeout": str(PATIENCE_S),
                "actionOnEmptyResult": "true",
                "method": "POST",
                "action": f"{exchange.address}?step={step}",
            },
        )
        _say(gather, reply.said, exchange)
    return b'<?xml version="1.0" encoding="UTF-8"?>' + ET.tostring(response)


def _say(parent: ET.Element, said: Said, exchange: Exchange) -> None:
    for spoken in said:
        voice = exchange.voices.get(spoken.language)
        attributes = {"language": LOCALES[spoken.language], **({"voice": voice} if voice else {})}
        ET.SubElement(parent, "Say", attributes).text = spoken.text


def is_signed(signature: str, exchange: Exchange, *, query: str, posted: Sequence[tuple[str, str]]) -> bool:
    """Whether the exchange asks: HMAC-SHA1 with the account's token over the address that it called and what it posted, by name.

    SHA-1 is the exchange's choice; in an HMAC it holds.
    """
    called = exchange.address + (f"?{query}" if query else "")
    signed = called + "".join(name + value for name, value in sorted(set(posted)))
    made = base64.b64encode(hmac.new(exchange.token.encode(), signed.encode(), hashlib.sha1).digest())
    return hmac.compare_digest(made, signature.encode("utf-8", "replace"))
