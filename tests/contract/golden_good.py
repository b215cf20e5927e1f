"""Which messages must a gateway take?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.golden_doors import LINE, OLD_PHONE, PHONE, READER, Signer, compact, digest_of, enrolled, written
from contract.golden_records import ARRIVED, Fields, away_tap, badge_tap, boot, called_tap, changed, clock_set, tap

PROOF = "e=EF963FF7828658A599F3041510671E88&c=94EED9EE65337086"
LIMIT = 4096


def messages() -> Iterator[tuple[str, Fields]]:
    """Name and content of each file."""
    yield "boot-the-first-record", _good("The first record of a door names no record before it.", boot(PHONE))
    yield "boot-later-in-the-chain", _good("A later power-up goes on with the same chain.", boot(PHONE, seq=41))
    yield "boot-es256", _good("A door with an ES256 key.", boot(OLD_PHONE), OLD_PHONE)
    yield from _losses()
    yield "clock-set-by-ntp", _good("The door learnt the time; earlier taps of this power-up can be placed.", clock_set(PHONE))
    yield "clock-set-by-gnss", _good("The time came from satellites.", clock_set(PHONE, sync="gnss", error_ms=1))
    yield from _taps()
    yield from _times()
    yield from _other_writers()


def _losses() -> Iterator[tuple[str, Fields]]:
    whole = changed(boot(PHONE, seq=41), {"data.prev": None, "data.lost": [[1, 40]]})
    yield "boot-that-lost-all-before", _good("The door's memory is gone, so it names no record before it.", whole)
    parts = changed(boot(PHONE, seq=41), {"data.lost": [[3, 7], [9, 9], [38, 39]]})
    yield "boot-that-lost-some-before", _good("Parts of the door's memory are gone; the record before is still there.", parts)
    known = changed(boot(PHONE, seq=41), {"data.lost": [[40, 40]]})
    yield "boot-that-names-a-lost-record", _good("The record before is gone, and the door still knows its digest.", known)
    most = [[2**53 - 200 + 3 * number, 2**53 - 199 + 3 * number] for number in range(64)]
    many = changed(boot(PHONE, seq=41), {"data.seq": 2**53 - 1, "data.lost": most, "data.clock.up_ms": 3_155_760_000_000})
    yield "boot-with-64-lost-ranges", _good("There is room for 64 ranges of the largest numbers.", many)
    nothing = _good("An empty list is an absent one.", boot(PHONE, seq=41))
    yield "boot-that-lost-nothing", _with_payload(nothing, compact(changed(boot(PHONE, seq=41), {"data.lost": []}), PHONE))


def _taps() -> Iterator[tuple[str, Fields]]:
    yield "tap-start-nfc", _good("A visit starts at an NFC tag.", tap(PHONE))
    proved = changed(tap(PHONE), {"data.place.proof": PROOF})
    yield "tap-start-nfc-with-proof", _good("The tag gave a dynamic message; it travels untouched.", proved)
    longest = changed(tap(PHONE), {"data.place.proof": "e=" + "0" * 1022})
    yield "tap-with-the-longest-proof", _good("A proof has up to 1024 characters.", longest)
    qr = changed(tap(PHONE, action="stop", seq=3, time="2026-04-07T08:29:58.001Z"), {"data.place.via": "qr"})
    yield "tap-stop-qr", _good("A visit ends at a printed code.", qr)
    yield "tap-waiting", _good("The carer stands at the door and is not let in yet.", tap(PHONE, action="waiting"))
    yield "tap-badge-at-a-reader", _good("A badge was held to the reader of a home.", badge_tap(READER), READER)
    yield "tap-away-from-home", _good("A visit begins away from the home: the carer says with whom she is.", away_tap(PHONE))
    yield "tap-by-telephone", _good("A carer called from the home's telephone and keyed in her PIN.", called_tap(LINE), LINE)
    placed = changed(tap(PHONE), {"data.position": {"lat": 46.0637, "lon": 13.2356, "accuracy_m": 8.5}})
    yield "tap-with-position", _good("The council has switched position on.", placed)
    yield "tap-es256", _good("A tap of a door with an ES256 key; its signature has the lower s.", tap(OLD_PHONE), OLD_PHONE)


def _times() -> Iterator[tuple[str, Fields]]:
    lost = tap(PHONE, time="1970-01-01T00:03:07.250Z", sync="none", up_ms=187_250, error_ms=86_400_000)
    yield (
        "tap-in-1970-with-sync-none",
        _good("The door says itself that it does not know the time; a clock record places the tap later.", lost),
    )
    yield "tap-by-rtc", _good("The clock was set by the door's own battery-backed one.", tap(PHONE, sync="rtc", error_ms=2_000))
    late = _good("The phone lay in a drawer for four days.", tap(PHONE))
    yield "tap-four-days-late", {**late, "received_at": "2026-04-11T08:30:00.000Z"}
    ahead = tap(PHONE, time="2026-04-07T08:40:00.000Z")
    yield "tap-ten-minutes-ahead", _good("A door's clock may be ten minutes ahead of the gateway's, and no more.", ahead)
    first = _good("A clock that was set cannot show less than this.", tap(PHONE, time="2020-01-01T00:00:00.000Z"))
    yield "tap-in-the-first-moment-of-2020", first


def _other_writers() -> Iterator[tuple[str, Fields]]:
    """Doors whose JSON library writes otherwise than ours."""
    record = tap(PHONE)
    backwards = {name: record[name] for name in reversed(record)}
    yield "fields-in-another-order", _good("The order of fields means nothing.", backwards)
    spaced = _good("The header may hold blanks.", record)
    yield "header-with-blanks", _with_payload(spaced, compact(record, PHONE, header=b'{ "alg": "EdDSA" }'))
    nulls = changed(record, {"data.place.proof": None, "data.position": None})
    signed_nulls = _good("An optional field that is null is an absent one.", record)
    yield "null-for-an-absent-field", _with_payload(signed_nulls, compact(nulls, PHONE))
    whole = changed(record, {"data.position": {"lat": 46, "lon": 13, "accuracy_m": 10}})
    yield "position-in-whole-numbers", _good("Degrees and metres may be written without a point.", whole)
    full = _good(f"A message has up to {LIMIT} bytes; here blanks fill them.", record)
    yield "as-large-as-can-be", _with_payload(full, filled(record, PHONE, LIMIT))


def filled(record: Fields, door: Signer, size: int) -> str:
    """Sign a record with so many blanks behind it that the message has this size."""
    text = written(record)
    while len(signed := compact(text, door)) < size:
        text += b" " * max(1, (size - len(signed)) * 3 // 4)
    if len(signed) != size:
        raise ValueError(f"No record of this door has exactly {size} bytes.")
    return signed


def _good(says: str, record: Fields, door: Signer = PHONE) -> dict[str, Any]:
    message = {
        "says": says,
        "topic": f"calltime/v1/{door.device}/records",
        "payload": "",
        "door": enrolled(door),
        "received_at": ARRIVED,
        "expect": {"record": record, "digest": ""},
    }
    return _with_payload(message, compact(record, door))


def _with_payload(message: Fields, payload: str) -> Fields:
    return {**message, "payload": payload, "expect": {**message["expect"], "digest": digest_of(payload)}}
