"""How is a telephone line set to work, and how are its numbers and PINs kept? `calltime-edge telephone`."""

from __future__ import annotations

import argparse
import re
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from calltime_edge import door_key, enrolment
from calltime_edge.commands import exits
from calltime_edge.commands.run import set_to_work
from calltime_edge.enrolment import NotALine
from calltime_edge.feedback import Feedback, Fitted
from calltime_edge.readers.sightings import Reader
from calltime_edge.settings import Settings
from calltime_edge.speaking import refuse, row, say, stands_for
from calltime_edge.telephone import prompts, references
from calltime_edge.telephone.asterisk import Asterisk
from calltime_edge.telephone.asterisk_link import Account
from calltime_edge.telephone.calls import Calls
from calltime_edge.telephone.desk import Desk
from calltime_edge.telephone.dialogue import Line
from calltime_edge.telephone.directory import Directory, DirectoryDamaged
from calltime_edge.telephone.lockout import Lockout
from calltime_edge.telephone.numbers import normal
from calltime_edge.telephone.references import NoSecret, References
from calltime_edge.telephone.twiml import Exchange
from calltime_edge.telephone.webhook import Webhook
from calltime_edge.words.language import Language

REFERENCE = re.compile(r"[A-Za-z0-9_.:-]{1,64}")


def command(arguments: argparse.Namespace) -> Callable[[Settings], int]:
    """Choose what was asked for."""
    match arguments.what:
        case "number":
            return partial(_kept, partial(number, said=arguments.number, home=arguments.service_user))
        case "pin":
            return partial(_kept, partial(pin, carer=arguments.carer, language=arguments.language))
        case "forget":
            return partial(_kept, partial(forget, reference=arguments.reference))
        case "list":
            return partial(_kept, listed)
        case "recordings":
            return recordings
        case _:
            return partial(_kept, partial(run, may_be_lost=arguments.records_may_be_lost))


def _kept(obey: Callable[[Settings], int], settings: Settings) -> int:
    """Tell what the line keeps and cannot use as what it is: nothing of it is a traceback's business."""
    try:
        return obey(settings)
    except (NoSecret, DirectoryDamaged) as error:
        raise NotALine(str(error)) from error


def run(settings: Settings, *, may_be_lost: bool) -> int:
    """Take calls until SIGTERM or SIGINT."""
    signer = door_key.load_or_make(settings.folder)
    enrolled = enrolment.load(settings.folder, signer)
    if enrolled.line is None:
        whose = stands_for(carer=enrolled.carer, home=enrolled.home)
        refuse(f"this door is {whose}, and no telephone line. Start it with calltime-edge run, or enrol a line in a folder of its own.")
        return exits.NOT_UNDERSTOOD
    told = settings.telephone
    if told.address is None and told.asterisk is None:
        refuse("no exchange was named. Set address and token_file, or asterisk, in the settings under [telephone]: docs/telephone.md")
        return exits.NOT_UNDERSTOOD
    known, directory = references.load_or_make(settings.folder), Directory(settings.folder)
    directory.read()  # a damaged one is told to whoever starts the line, and not to the first caller
    listening = partial(_listening, settings, known, directory)
    return set_to_work(settings, signer, enrolled, listening, may_be_lost=may_be_lost)


def _listening(settings: Settings, known: References, directory: Directory, fitted: Fitted) -> tuple[Sequence[Reader], Feedback]:
    """Put the line together: whatever exchange a call comes by, it has the same desk, and so the same agent."""
    told, desk = settings.telephone, Desk(fitted)
    languages: tuple[Language, ...] = ("en", "cy") if settings.language == "en" else ("cy", "en")
    line = Line(references=known, directory=directory, lockout=Lockout(time.monotonic), ask=desk.ask, languages=languages)
    calls, readers = Calls(line), list[Reader]()
    if told.address is not None and told.token_file is not None:
        voices: dict[Language, str] = {"en": told.voice_en or "", "cy": told.voice_cy or ""}
        exchange = Exchange(address=told.address, token=_secret(told.token_file), voices=voices)
        readers.append(Webhook(*told.listen, exchange, calls, desk))
    if told.asterisk is not None and told.asterisk_password_file is not None:
        password = _secret(told.asterisk_password_file)
        account = Account(address=told.asterisk, user=told.asterisk_user, password=password, app=told.asterisk_app)
        readers.append(Asterisk(account, calls, desk))
    return readers, desk


def _secret(file: Path) -> str:
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise NotALine(f"{file} cannot be read ({error}). Its first line is the secret of the exchange's account.") from error
    if not lines or not lines[0].strip():
        raise NotALine(f"{file} is empty. Its first line is the secret of the exchange's account.")
    return lines[0].strip()


def number(settings: Settings, *, said: str, home: str) -> int:
    """Note at whose home a telephone is."""
    whole = normal(said)
    if whole is None or not REFERENCE.fullmatch(home):
        what = f"{said!r} is no telephone number" if whole is None else f"{home!r} is no reference of a service user"
        refuse(f"{what}. Write it as 01872555123 or +441872555123, and behind it the service user as in the plan.")
        return exits.NOT_UNDERSTOOD
    made = references.load_or_make(settings.folder).of_number(whole)
    before = Directory(settings.folder).add_home(made, home)
    say(f"Calls from this number are from the home of {home}.")
    if before is not None:
        say(f"It was known as that of {before}. At the office it stays theirs for ever, and the taps with it: speak to the council first.")
    say(f"Next, at the office, under Doors and tags, or: calltime-server tag {made} {home}")
    return exits.WELL


def pin(settings: Settings, *, carer: str, language: Language | None) -> int:
    """Make a carer a PIN."""
    if not REFERENCE.fullmatch(carer):
        refuse(f"{carer!r} is no reference of a carer. Write it as in the plan.")
        return exits.NOT_UNDERSTOOD
    known, directory = references.load_or_make(settings.folder), Directory(settings.folder)
    while True:
        made = references.new_pin()
        if directory.add_carer(known.of_pin(made), carer, language or settings.language):
            break
    say(f"The PIN of {carer} is {made}. It is shown this once: give it to her alone. Any earlier one is no longer taken.")
    say(f"Next, at the office, under Carers, or: calltime-server badge {known.of_pin(made)} {carer}")
    return exits.WELL


def forget(settings: Settings, *, reference: str) -> int:
    """Let somebody in no more."""
    whole = normal(reference)
    directory = Directory(settings.folder)
    gone = directory.forget(reference)
    if whole is not None:
        gone += directory.forget(references.load_or_make(settings.folder).of_number(whole))
    if not gone:
        refuse(f"nothing here is known as {reference}. See what is: calltime-edge telephone list")
        return exits.NOT_DONE
    say(f"No call is let in by {reference} any more. What was tapped stays, and so does what the office knows.")
    return exits.WELL


def listed(settings: Settings) -> int:
    """Show what stands for whom."""
    known = Directory(settings.folder).read()
    for made, home in sorted(known.homes.items(), key=lambda each: each[::-1]):
        say(row("home", f"{home}  {made}"))
    for made, carer in sorted(known.carers.items(), key=lambda each: each[::-1]):
        say(row("carer", f"{carer}  {made}"))
    if not (known.homes or known.carers):
        say("No number and no PIN is registered yet: calltime-edge telephone number NUMBER SERVICE_USER; calltime-edge telephone pin CARER")
    return exits.WELL


def recordings(_: Settings) -> int:
    """Print what an Asterisk plays."""
    languages: tuple[Language, ...] = ("en", "cy")
    for language in languages:
        for name, text in prompts.all_recordings(language).items():
            say(f"{name}\t{text}")
    return exits.WELL
