"""Which messages must a gateway refuse, and with which reason?"""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

from calltime_wire.es256 import ORDER
from contract.golden_doors import OLD_PHONE, PHONE, READER, STRANGER, Signer, compact, enrolled, unpadded, written
from contract.golden_good import LIMIT, filled
from contract.golden_records import ARRIVED, EARLIER, Fields, boot, changed, clock_set, tap, without

Named = tuple[str, Fields]
GOOD = compact(tap(PHONE), PHONE)
HEADER, PAYLOAD, SIGNATURE = GOOD.split(".")


def messages() -> Iterator[Named]:
    """Name and content of each file."""
    yield from _malformed_jws()
    yield from _malformed_header()
    yield from _malformed_json()
    yield from _malformed_fields()
    yield from _malformed_values()
    yield from _malformed_losses()
    yield from _doors_and_topics()
    yield from _signatures()
    yield from _times()


def _malformed_jws() -> Iterator[Named]:
    yield "empty", _bad("malformed", "There is nothing in the message.", "")
    yield "two-parts", _bad("malformed", "The signature is missing altogether.", f"{HEADER}.{PAYLOAD}")
    yield "four-parts", _bad("malformed", "There is a part too many.", f"{GOOD}.{SIGNATURE}")
    yield "not-base64url", _bad("malformed", "The payload holds a character of ordinary base64.", f"{HEADER}.+{PAYLOAD[1:]}.{SIGNATURE}")
    yield "padded", _bad("malformed", "The signature is padded.", f"{GOOD}==")
    # 64 bytes are 86 characters of which the last carries two bits: this one carries others besides.
    other = unpadded(base64.urlsafe_b64decode(SIGNATURE + "=="))[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[SIGNATURE[-1]]
    yield (
        "not-canonical",
        _bad("malformed", "The same signature in another spelling: the digest would differ.", f"{HEADER}.{PAYLOAD}.{other}"),
    )
    yield "line-feed-at-the-end", _bad("malformed", "A line feed stands behind the message.", f"{GOOD}\n")
    not_text = _bad("malformed", "The bytes are no text.", "")
    del not_text["payload"]
    yield "not-text", {**not_text, "payload_base64": base64.b64encode(bytes([0xFF, 0x00, 0x80]) + GOOD.encode()).decode()}


def _malformed_header() -> Iterator[Named]:
    def under(header: dict[str, Any] | bytes) -> str:
        return compact(tap(PHONE), PHONE, header=header)

    unsigned = unpadded(written({"alg": "none"}))
    yield "alg-none", _bad("malformed", "The message wants not to be verified.", f"{unsigned}.{PAYLOAD}.")
    yield "alg-hs256", _bad("malformed", "The public key is no shared secret.", under({"alg": "HS256"}))
    yield "header-with-crit", _bad("malformed", "An extension that we do not know.", under({"alg": "EdDSA", "crit": ["exp"], "exp": 0}))
    yield "header-with-jwk", _bad("malformed", "The message brings its own key.", under({"alg": "EdDSA", "jwk": {"kty": "OKP"}}))
    yield "header-with-alg-twice", _bad("malformed", "Some would read the first, some the last.", under(b'{"alg":"none","alg":"EdDSA"}'))
    yield "header-not-json", _bad("malformed", "The header is no JSON.", under(b"EdDSA"))


def _malformed_json() -> Iterator[Named]:
    yield "not-json", _signed("The payload is no JSON.", b"08:00 start Mrs Miller")
    yield "json-with-a-tail", _signed("Something stands behind the JSON object.", written(tap(PHONE)) + b"{}")
    yield "not-an-object", _signed("The payload is a list.", b"[]")
    deep = b'{"data":' + b"[" * 1400 + b"]" * 1400 + b',"type":"calltime.tap.v1"}'
    yield "nested-too-deep", _signed("Brackets that exhaust a careless reader's stack; no key is needed to send them.", deep)
    text = written(tap(PHONE))
    twice = text.replace(b'"action":"start"', b'"action":"stop","action":"start"')
    yield "field-twice", _signed("Some would read the first, some the last.", twice)
    latin = text.replace(b"C-017", "C-é".encode("latin-1"))
    yield "not-utf-8", _signed("The payload is written in another encoding.", latin)
    pointed = text.replace(b'"seq":2', b'"seq":2.0')
    yield "number-with-a-point", _signed("A count is written without a point.", pointed)


def _malformed_fields() -> Iterator[Named]:
    record = tap(PHONE)
    yield "unknown-field-outside", _signed("Nothing is ignored silently.", {**record, "subject": "visit"})
    yield "unknown-field-in-data", _signed("Nothing is ignored silently.", changed(record, {"data.note": "tired today"}))
    yield "unknown-field-in-clock", _signed("Nothing is ignored silently.", changed(record, {"data.clock.zone": "Europe/London"}))
    yield "position-on-a-boot", _signed("A position stands at a tap only.", changed(boot(PHONE), {"data.position": None}))
    yield "unknown-type", _signed("A type that version 1 does not have.", changed(record, {"type": "calltime.tap.v2"}))
    yield "without-type", _signed("It does not say what it is.", without(record, "type"))
    yield "without-clock", _signed("A record says how the door knew the time.", without(record, "data.clock"))
    yield (
        "without-prev",
        _signed("The first record names no other by saying null; it does not keep silent.", without(boot(PHONE), "data.prev")),
    )
    yield "without-carer", _signed("A tap says who.", without(record, "data.carer"))


def _malformed_values() -> Iterator[Named]:
    for name, says, path, value in (
        ("specversion-2", "Another CloudEvents.", "specversion", "2.0"),
        ("id-of-another-version", "The id is a UUID of version 7.", "id", "5f0c7a52-9d0e-4b58-8a58-1f6f3f0a2c11"),
        ("id-with-a-line-feed", "A line feed stands behind the id.", "id", tap(PHONE)["id"] + "\n"),
        ("source-of-no-door", "The source is no door.", "source", "/doors/hall"),
        ("time-without-milliseconds", "A time has exactly three digits behind the point.", "time", "2026-04-07T08:00:12Z"),
        ("time-with-offset", "A time is UTC and says so with Z.", "time", "2026-04-07T09:00:12.345+01:00"),
        ("thirtieth-of-february", "No calendar has this day.", "time", "2026-02-30T08:00:12.345Z"),
        ("leap-second", "Doors do not write leap seconds.", "time", "2016-12-31T23:59:60.000Z"),
        ("seq-zero", "Numbers begin with 1.", "data.seq", 0),
        ("seq-too-large", "2^53 is more than every language can count.", "data.seq", 2**53),
        ("seq-as-text", "A number is a number.", "data.seq", "2"),
        ("prev-too-short", "A digest has 32 bytes.", "data.prev", EARLIER[:-1]),
        ("prev-not-canonical", "Another spelling of the digest.", "data.prev", EARLIER[:-1] + "J"),
        ("sync-unknown", "A way to set a clock that version 1 does not have.", "data.clock.sync", "sundial"),
        ("up-time-negative", "The time since the power-up grows.", "data.clock.up_ms", -1),
        ("up-time-too-long", "No door has been on for more than a hundred years.", "data.clock.up_ms", 3_155_760_000_001),
        ("error-too-large", "An error of more than a hundred years says nothing.", "data.clock.error_ms", 3_155_760_000_001),
        ("action-unknown", "A tap is start, stop or waiting.", "data.action", "pause"),
        ("place-via-unknown", "A tap is at a tag, at a reader, by telephone or away from the home.", "data.place.via", "gps"),
        ("carer-via-unknown", "A carer is known by a badge, her own device or a PIN.", "data.carer.via", "name"),
        ("name-for-a-reference", "References are opaque: no blank fits in, and so no name.", "data.carer.ref", "Mary Miller"),
        ("reference-empty", "A reference refers to something.", "data.place.ref", ""),
        ("proof-with-a-null-character", "A proof is printable ASCII.", "data.place.proof", "e=\0"),
        ("proof-too-long", "A proof has up to 1024 characters.", "data.place.proof", "0" * 1025),
        ("latitude-beyond-the-pole", "Degrees end at 90.", "data.position", {"lat": 90.5, "lon": 0, "accuracy_m": 5}),
    ):
        yield name, _signed(says, changed(tap(PHONE), {path: value}))


def _malformed_losses() -> Iterator[Named]:
    tenth = boot(PHONE, seq=10)
    for name, says, lost in (
        ("lost-its-own-number", "The record that says so is not lost.", [[4, 10]]),
        ("lost-a-number-to-come", "Only numbers before the boot can be lost.", [[11, 12]]),
        ("lost-backwards", "A range begins with its first number.", [[5, 4]]),
        ("lost-in-another-order", "Ranges ascend.", [[5, 6], [2, 3]]),
        ("lost-overlapping", "No number is lost twice.", [[2, 5], [5, 6]]),
        ("lost-touching", "Ranges that touch are one range, and written so.", [[2, 4], [5, 6]]),
        ("lost-from-zero", "There is no record 0.", [[0, 3]]),
        ("lost-range-of-one-number", "A range has a first and a last.", [[7]]),
        ("lost-as-a-number", "Ranges stand in a list.", 9),
        ("lost-null", "A door that lost nothing leaves the list out or empty.", None),
    ):
        yield name, _signed(says, changed(tenth, {"data.lost": lost}))
    many = [[3 * number, 3 * number] for number in range(1, 66)]
    yield "lost-65-ranges", _signed("There is room for 64 ranges.", changed(boot(PHONE, seq=1000), {"data.lost": many}))
    yield "lost-on-a-tap", _signed("Only a boot declares a loss.", changed(tap(PHONE, seq=10), {"data.lost": [[4, 9]]}))
    yield "lost-on-a-clock", _signed("Only a boot declares a loss.", changed(clock_set(PHONE, seq=10), {"data.lost": [[4, 9]]}))


def _doors_and_topics() -> Iterator[Named]:
    large = filled(tap(PHONE), PHONE, LIMIT + 2)  # no base64url has one character more
    yield "too-large", _bad("too large", "It would be good but for two bytes.", large)
    yield "unknown-door", {**_bad("unknown door", "Nobody enrolled this door.", compact(tap(STRANGER), STRANGER), STRANGER), "door": None}
    yield "revoked-door", {**_bad("revoked door", "The phone was lost and its door revoked.", GOOD), "door": enrolled(PHONE, revoked=True)}
    theirs = _bad("wrong topic", "A record of one door on the topic of another.", GOOD, READER)
    yield "wrong-topic-of-another-door", theirs
    for name, says, topic in (
        ("wrong-topic-receipts", "Doors do not write receipts.", f"calltime/v1/{PHONE.device}/receipts"),
        ("wrong-topic-version-2", "A version that we do not speak.", f"calltime/v2/{PHONE.device}/records"),
        ("wrong-topic-no-door", "The topic names no door.", "calltime/v1/hall/records"),
        ("wrong-topic-deeper", "The topic goes on.", f"calltime/v1/{PHONE.device}/records/2"),
    ):
        yield name, {**_bad("wrong topic", says, GOOD), "topic": topic}


def _signatures() -> Iterator[Named]:
    signature = PHONE.sign(f"{HEADER}.{PAYLOAD}".encode())
    flipped = unpadded(bytes([signature[0] ^ 1]) + signature[1:])
    yield "one-bit-flipped", _bad("bad signature", "One bit of the signature is another.", f"{HEADER}.{PAYLOAD}.{flipped}")
    rewritten = unpadded(written(tap(PHONE, time="2026-04-07T07:45:12.345Z")))
    yield "time-rewritten", _bad("bad signature", "The time was changed after signing.", f"{HEADER}.{rewritten}.{SIGNATURE}")
    yield "signed-by-another-key", _bad("bad signature", "A stranger speaks for the door.", compact(tap(PHONE), STRANGER))
    yield "signature-empty", _bad("bad signature", "The signature has no bytes.", f"{HEADER}.{PAYLOAD}.")
    yield "signature-short", _bad("bad signature", "The signature lacks a byte.", f"{HEADER}.{PAYLOAD}.{unpadded(signature[:-1])}")
    swapped = compact(tap(PHONE), PHONE, header={"alg": "ES256"})
    yield "alg-swapped-to-es256", _bad("bad signature", "The right key, but not the algorithm that it was enrolled with.", swapped)
    old = compact(tap(OLD_PHONE), OLD_PHONE, header={"alg": "EdDSA"})
    yield "alg-swapped-to-eddsa", _bad("bad signature", "The right key, but not the algorithm that it was enrolled with.", old, OLD_PHONE)
    yield "es256-upper-s", _bad("bad signature", "Of the two s that fit, only the lower is taken.", _with_upper_s(), OLD_PHONE)


def _times() -> Iterator[Named]:
    ahead = tap(PHONE, time="2026-04-07T08:40:00.001Z")
    yield "time-in-the-future", _signed("More than ten minutes ahead of the gateway.", ahead, reason="time out of range")
    old = tap(PHONE, time="2019-12-31T23:59:59.999Z")
    yield "time-before-2020", _signed("A clock set by ntp cannot show this.", old, reason="time out of range")
    dead = tap(PHONE, time="2000-01-01T00:05:00.000Z", sync="rtc")
    yield "time-of-a-dead-battery", _signed("A door whose own clock lost its battery says none, not rtc.", dead, reason="time out of range")


def _with_upper_s() -> str:
    signing_input, _, _ = compact(tap(OLD_PHONE), OLD_PHONE).rpartition(".")
    signature = OLD_PHONE.sign(signing_input.encode())
    upper = ORDER - int.from_bytes(signature[32:], "big")
    return f"{signing_input}.{unpadded(signature[:32] + upper.to_bytes(32, 'big'))}"


def _signed(says: str, record: Fields | bytes, *, reason: str = "malformed") -> Fields:
    return _bad(reason, says, compact(record, PHONE))


def _bad(reason: str, says: str, payload: str, door: Signer = PHONE) -> Fields:
    return {
        "says": says,
        "topic": f"calltime/v1/{door.device}/records",
        "payload": payload,
        "door": enrolled(door),
        "received_at": ARRIVED,
        "expect": {"reason": reason},
    }
