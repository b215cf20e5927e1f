"""What are roles, and browsers, called when people read of them?"""

from __future__ import annotations

from calltime_server.rights import Role
from calltime_server.web.language import N_

ROLE_WORDS = {
    Role.CARER: N_("Carer"),
    Role.PROVIDER: N_("Provider's coordinator"),
    Role.OFFICER: N_("Council officer"),
    Role.APPROVER: N_("Approver"),
    Role.AUDITOR: N_("Auditor"),
    Role.ADMINISTRATOR: N_("Administrator"),
}
ROLE_SAYS = {
    Role.CARER: N_("Sees her own visits and what was entered by hand for her, and nothing else."),
    Role.PROVIDER: N_("Sees one provider's visits, carers and statements, and mends what is missing."),
    Role.OFFICER: N_("Sees all providers, brings in plans, prepares payment runs, and sets the rules for mending."),
    Role.APPROVER: N_("Sees all providers and approves payment runs, and prepares none."),
    Role.AUDITOR: N_("Sees all providers and who looked at what, and changes nothing."),
    Role.ADMINISTRATOR: N_("Keeps accounts and reads the audit log, and sees nobody's visits."),
}
"""What each may do, in a sentence."""
# The first that is found counts: most browsers name others as well.
_BROWSERS = (("Edg", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
_SYSTEMS = (("Android", "Android"), ("iPhone", "iPhone"), ("iPad", "iPad"), ("Windows", "Windows"), ("Mac OS", "Mac"), ("Linux", "Linux"))


def browser_words(agent: str) -> str:
    """A browser by the words that people know it by, such as "Firefox, Windows"; a dash where it does not say."""
    found = [next((words for mark, words in marks if mark in agent), "") for marks in (_BROWSERS, _SYSTEMS)]
    return ", ".join(filter(None, found)) or "–"
