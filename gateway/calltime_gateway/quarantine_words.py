"""What does a person need to know of each reason of quarantine? One source for the command and for docs/quarantine.md."""

from __future__ import annotations

from dataclasses import dataclass

from calltime_wire.refusals import Reason


@dataclass(frozen=True, slots=True, kw_only=True)
class Words:
    """What a reason means, how it comes about innocently and by attack, what to do, and whether a replay helps."""

    means: str
    innocent: str
    attack: str
    do: str
    replay: str


HEADINGS = {
    "means": "What it means.",
    "innocent": "Innocently.",
    "attack": "By attack.",
    "do": "What to do.",
    "replay": "Does a replay help?",
}

WORDS: dict[Reason, Words] = {
    Reason.MALFORMED: Words(
        means="The bytes do not read as a record of this version: a part, a field or its spelling is wrong. Or the database did not take "
        "what the record holds; the sentence with the message says which.",
        innocent="The door runs a newer version than the gateway, or somebody is trying out a program of their own.",
        attack="Somebody who may publish on the door's topic looks what the gateway does with rubbish, or wants to fill its disk. "
        "It is kept as bytes and read by nothing.",
        do="Read the sentence. If the door is newer than the gateway, update the gateway. If no door of yours sends this, give the door "
        "another password at the broker.",
        replay="After the gateway was updated, or the database mended. Otherwise it is refused again.",
    ),
    Reason.TOO_LARGE: Words(
        means="The message has more bytes than any record may have (4,096).",
        innocent="Another program publishes on this topic by mistake. Our doors make nothing of that size.",
        attack="Somebody who may publish on the door's topic wants to fill the memory or the disk.",
        do="Find out who sends it. If it is not the door, give the door another password at the broker.",
        replay="No.",
    ),
    Reason.UNKNOWN_DOOR: Words(
        means="It reads as a record of a door, but no door with this id is enrolled here.",
        innocent="The door was enrolled at another installation, such as a trial; or the database was set back to a day before that.",
        attack="Somebody made a key of their own. Nothing that it signs comes into the record.",
        do="Ask who has this door: it shows its id with `calltime-edge status`. If it is yours, enrol it again with the key that it has, "
        "then replay. If it is nobody's, leave it.",
        replay="Yes, once the door is enrolled. Each message is judged as of its first arrival.",
    ),
    Reason.REVOKED_DOOR: Words(
        means="The door is enrolled, and the office has revoked it. Where the broker asks doors for a password, a revoked one is not even "
        "let in: then nothing comes here, and it sends what it has kept once it is enrolled again.",
        innocent="A carer goes on with a device that was replaced, it was revoked by mistake, or it had taps of an earlier day to send.",
        attack="A device that was lost or stolen is still in use.",
        do="Ask the carer or the provider. If the taps count, enrol the door again, replay, and revoke it again if it should not go on.",
        replay="Yes, once the door is enrolled again. Each message is judged as of its first arrival.",
    ),
    Reason.BAD_SIGNATURE: Words(
        means="It reads as a record of this door, and is not signed with the key of this door.",
        innocent="Bytes were changed on a way without TLS, or the door's memory is failing. Both are rare.",
        attack="Somebody has the door's password at the broker but not its key, and makes records up or changes them.",
        do="See whether good records come from this door meanwhile. If so, somebody else speaks for it: give it another password at the "
        "broker. If not, look at the door; a door that is broken needs a new key.",
        replay="No. A door's id is made from its key, so what is signed wrongly stays so.",
    ),
    Reason.WRONG_TOPIC: Words(
        means="It came on a topic that is no door's, or on the topic of one door and holds the record of another.",
        innocent="A program, or a bridge between brokers, publishes below `calltime/v1` by mistake.",
        attack="A door tries to write on another's topic, or somebody repeats under one name what was overheard under another. "
        "The broker should have let neither happen.",
        do="Look at the broker's rules: a door may publish on its own topics only. "
        "If the record is genuine, its door sends it on the right topic, too.",
        replay="No. The topic stays wrong.",
    ),
    Reason.FORK: Words(
        means="It is well signed, and another record with the same number of this door is stored already.",
        innocent="The door's disk was set back to an older copy, or copied to a second device. A door that was set back notices at its "
        "first receipt and goes on behind the numbers that were used.",
        attack="Somebody has the door's key and makes records under it on another device.",
        do="Compare this record with the stored one of the same number, and ask the provider which tap happened. If nobody restored or "
        "copied that disk, the key is out: revoke the door and enrol it with a new key.",
        replay="No. The record that came first stays.",
    ),
    Reason.CHAIN_BROKEN: Words(
        means="It is well signed, but does not fit to a neighbour that is stored: one of them names another record than the one that is "
        "there, or it names none where it must.",
        innocent="The door's disk was set back to an older copy and went on from there; then a fork stands beside it.",
        attack="Somebody with the door's key removed or rewrote a record after the next one was made.",
        do="Keep the door as it is, and look at what it shows with `calltime-edge log`. Unless its disk was restored, "
        "revoke it and enrol it with a new key.",
        replay="No. What is stored does not change.",
    ),
    Reason.TIME_OUT_OF_RANGE: Words(
        means="The door says that its clock was set, and the tap was before 2020, or more than ten minutes after it arrived.",
        innocent="The gateway's clock was behind: then it happens to many doors at once. Or the door took its time from a wrong source.",
        attack="Somebody gives a door a false time, to make taps ahead of the visits.",
        do="Compare the time in the record with the time of arrival. Many doors: mend the gateway's clock, then replay. "
        "One door: have its clock looked at.",
        replay="Only with `--gateway-clock-was-wrong`, by which you say that it was. "
        "The message is then judged and stored as of the replay.",
    ),
}


def section(reason: Reason) -> str:
    """Write what there is to say of a reason, a paragraph for each question."""
    words = WORDS[reason]
    return "\n".join(f"{heading} {getattr(words, question)}" for question, heading in HEADINGS.items())
