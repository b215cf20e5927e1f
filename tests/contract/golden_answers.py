"""Which receipts and settings must a door believe, and which status messages are well formed?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from contract.golden_doors import GATEWAY, OTHER_GATEWAY, PHONE, READER, Signer, compact, digest_of, enrolled, written
from contract.golden_records import EARLIER, Fields, chain, tap

Named = tuple[str, Fields]
OTHER = digest_of(compact(tap(PHONE), PHONE))
THROUGH_FIVE: Fields = {
    "type": "calltime.receipt.v1",
    "device": PHONE.device,
    "through": 5,
    "digest": digest_of(chain(PHONE, 5)[-1]),
    "also": [],
    "quarantined": [],
}
ONLINE: Fields = {
    "type": "calltime.status.v1",
    "online": True,
    "software": "0.1.0",
    "waiting": 3,
    "clock": "ntp",
    "readers": {"nfc": "ready", "qr": "gone"},
}


QUIET: Fields = {
    "type": "calltime.settings.v1",
    "device": PHONE.device,
    "revision": 3,
    "language": "cy",
    "feedback": "light only",
    "position": False,
}


def good_receipts() -> Iterator[Named]:
    """Name and content of each file of a receipt to believe."""
    nothing = {**THROUGH_FIVE, "through": 0, "digest": None}
    yield "nothing-is-stored-yet", _receipt("Nothing is stored, and so nothing proved.", nothing, nothing)
    yield "all-through-five", _receipt("The records 1 to 5 are stored.", THROUGH_FIVE, THROUGH_FIVE)
    beyond = {**THROUGH_FIVE, "also": [[7, 9], [12, 12]]}
    yield "also-beyond-a-gap", _receipt("6, 10 and 11 have not come yet.", beyond, beyond)
    aside = [
        {"digest": EARLIER, "seq": 6, "reason": "chain broken"},
        {"digest": OTHER, "seq": None, "reason": "malformed"},
    ]
    quarantined = {**THROUGH_FIVE, "quarantined": aside}
    yield (
        "with-quarantined-messages",
        _receipt("Two messages were set aside; of one not even the number could be read.", quarantined, quarantined),
    )
    short = {name: value for name, value in THROUGH_FIVE.items() if name not in ("also", "quarantined")}
    yield "without-empty-lists", _receipt("An absent list is an empty one.", short, THROUGH_FIVE)


def bad_receipts() -> Iterator[Named]:
    """Name and content of each file of a receipt that no door may believe."""
    yield "signed-by-another-gateway", _receipt("Not the gateway that was pinned.", THROUGH_FIVE, None, OTHER_GATEWAY)
    yield "signed-by-the-door", _receipt("The door's own key is not the gateway's.", THROUGH_FIVE, None, PHONE)
    yield "for-another-door", _receipt("Another door's receipt, sent on by somebody.", {**THROUGH_FIVE, "device": READER.device}, None)
    unsigned = _receipt("The signature was cut off.", THROUGH_FIVE, None)
    yield "not-signed", {**unsigned, "payload": unsigned["payload"].rpartition(".")[0] + "."}
    yield "plain-json", {**unsigned, "says": "JSON without a signature.", "payload": written(THROUGH_FIVE).decode()}
    yield "a-record", {**unsigned, "says": "A record is no receipt.", "payload": compact(tap(PHONE), GATEWAY)}
    yield "settings", {**unsigned, "says": "Settings are no receipt.", "payload": compact(QUIET, GATEWAY)}
    for name, says, changes in (
        ("unknown-field", "Nothing is ignored silently.", {"from": "gateway 2"}),
        ("through-without-a-digest", "What is said to be stored is not proved.", {"digest": None}),
        ("nothing-with-a-digest", "Nothing is stored, yet something is proved.", {"through": 0}),
        ("digest-not-canonical", "Another spelling of the digest.", {"digest": EARLIER[:-1] + "J"}),
        ("through-negative", "Numbers begin with 1, and nothing is 0.", {"through": -1}),
        ("range-from-zero", "There is no record 0.", {"also": [[0, 3]]}),
        ("range-of-one-number", "A range has a first and a last.", {"also": [[7]]}),
        (
            "unknown-reason",
            "A reason that version 1 does not have.",
            {"quarantined": [{"digest": EARLIER, "seq": 6, "reason": "bad mood"}]},
        ),
        ("quarantined-without-digest", "A message is named by its digest.", {"quarantined": [{"seq": 6, "reason": "fork"}]}),
        ("another-type", "A type that version 1 does not have.", {"type": "calltime.receipt.v2"}),
    ):
        yield name, _receipt(says, {**THROUGH_FIVE, **changes}, None)
    yield (
        "without-digest-field",
        _receipt("The digest is null or a digest; it is not absent.", {k: v for k, v in THROUGH_FIVE.items() if k != "digest"}, None),
    )


def good_statuses() -> Iterator[Named]:
    """Name and content of each file of a status."""
    yield "online", _status("A door at work, one of its readers unplugged.", ONLINE, ONLINE)
    sick = {**ONLINE, "readers": {"nfc": "silent", "qr": "babbling", "qr-2": "gone"}}
    yield "readers-in-trouble", _status("One does not answer, one says what no reader says, one is not there.", sick, sick)
    gone = {**ONLINE, "online": False}
    yield "the-will", _status("What the broker says for a door that fell silent.", gone, gone)
    lost = {**ONLINE, "clock": "none", "readers": {}}
    yield "without-time-or-readers", _status("A phone that does not know the time, and has no readers to speak of.", lost, lost)


def bad_statuses() -> Iterator[Named]:
    """Name and content of each file of what is no status."""
    for name, says, changes in (
        ("unknown-field", "There is no room for personal data.", {"carer": "C-017"}),
        ("waiting-negative", "Records that wait are counted.", {"waiting": -1}),
        ("reader-tired", "A reader is ready, gone, silent or babbling.", {"readers": {"nfc": "tired"}}),
        ("another-type", "A type that version 1 does not have.", {"type": "calltime.status.v2"}),
        ("online-as-text", "Online is true or false.", {"online": "yes"}),
    ):
        yield name, _status(says, {**ONLINE, **changes}, None)
    yield "without-clock", _status("A door says how it knows the time.", {k: v for k, v in ONLINE.items() if k != "clock"}, None)


def good_settings() -> Iterator[Named]:
    """Name and content of each file of settings to keep to."""
    yield "welsh-and-quiet", _settings("A home where Welsh is spoken and a beep would wake somebody.", QUIET, QUIET)
    loud = {**QUIET, "revision": 2**53 - 1, "language": "en", "feedback": "sound and light", "position": True}
    yield "position-switched-on", _settings("The council has switched position on.", loud, loud)
    dark = {**QUIET, "feedback": "sound only"}
    yield "sound-only", _settings("A door whose light would disturb.", dark, dark)


def bad_settings() -> Iterator[Named]:
    """Name and content of each file of settings that no door may keep to."""
    yield "signed-by-another-gateway", _settings("Not the gateway that was pinned.", QUIET, None, OTHER_GATEWAY)
    yield "signed-by-the-door", _settings("The door's own key is not the gateway's.", QUIET, None, PHONE)
    yield "for-another-door", _settings("Another door's settings, sent on by somebody.", {**QUIET, "device": READER.device}, None)
    plain = _settings("JSON without a signature.", QUIET, None)
    yield "plain-json", {**plain, "payload": written(QUIET).decode()}
    yield "a-receipt", {**plain, "says": "A receipt is no settings.", "payload": compact(THROUGH_FIVE, GATEWAY)}
    for name, says, changes in (
        ("unknown-field", "Nothing is ignored silently.", {"volume": 11}),
        ("language-unknown", "A language that version 1 does not have.", {"language": "fr"}),
        ("feedback-none", "A tap that is confirmed by nothing is not confirmed.", {"feedback": "none"}),
        ("position-as-text", "Position is true or false.", {"position": "off"}),
        ("revision-zero", "Revisions begin with 1.", {"revision": 0}),
        ("another-type", "A type that version 1 does not have.", {"type": "calltime.settings.v2"}),
    ):
        yield name, _settings(says, {**QUIET, **changes}, None)
    partly = {name: value for name, value in QUIET.items() if name != "position"}
    yield "without-position", _settings("Settings are always sent in full.", partly, None)


def _receipt(says: str, receipt: Fields, expected: Fields | None, signer: Signer = GATEWAY) -> dict[str, Any]:
    return {
        "says": says,
        "topic": f"calltime/v1/{PHONE.device}/receipts",
        "payload": compact(receipt, signer),
        "device": PHONE.device,
        "gateway": enrolled(GATEWAY),
        "expect": {"receipt": expected},
    }


def _settings(says: str, settings: Fields, expected: Fields | None, signer: Signer = GATEWAY) -> dict[str, Any]:
    return {
        "says": says,
        "topic": f"calltime/v1/{PHONE.device}/config",
        "payload": compact(settings, signer),
        "device": PHONE.device,
        "gateway": enrolled(GATEWAY),
        "expect": {"settings": expected},
    }


def _status(says: str, status: Fields, expected: Fields | None) -> dict[str, Any]:
    return {
        "says": says,
        "topic": f"calltime/v1/{PHONE.device}/status",
        "payload": written(status).decode(),
        "expect": {"status": expected},
    }
