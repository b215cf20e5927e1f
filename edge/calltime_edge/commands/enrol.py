"""How does a door become known? `calltime-edge enrol CODE`."""

from __future__ import annotations

from calltime_edge import door_key, enrolment
from calltime_edge.commands import exits
from calltime_edge.enrolment import NotEnrolled
from calltime_edge.settings import Settings
from calltime_edge.speaking import refuse, say, stands_for


def enrol(settings: Settings, *, code: str, server: str | None, again: bool) -> int:
    """Bring the code to the server. Raises NotEnrolled, LostDoorKey, UnreadableDoorKey."""
    server = server or settings.enrolment.server
    if server is None:
        refuse("no server was named. Name it with --server https://care.example.org, or in the settings under [enrolment].")
        return exits.NOT_UNDERSTOOD
    signer = door_key.load_or_make(settings.folder)
    if not again:
        try:
            known = enrolment.load(settings.folder, signer)
        except NotEnrolled:
            pass
        else:
            refuse(
                f"this door is enrolled already: {known.device} is {stands_for(carer=known.carer, home=known.home, line=known.line)}. "
                "The code was not used.\nIf it shall stand for somebody else, give it a new key first: calltime-edge wipe. "
                "If only its enrolment shall be renewed: calltime-edge enrol CODE --again"
            )
            return exits.NOT_DONE
    enrolled = enrolment.enrol(code, server=server, signer=signer, folder=settings.folder, ca_file=settings.enrolment.ca_file)
    whose = stands_for(carer=enrolled.carer, home=enrolled.home, line=enrolled.line)
    say(f"Enrolled: this door is {enrolled.device}, {whose}. It sends to {enrolled.broker}.")
    say("Next: calltime-edge check, and when all is well: sudo systemctl restart calltime-edge")
    return exits.WELL
