"""Who may do what in the office? Six roles, and what each of them may do; the database knows the same roles and what each may see."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Role(StrEnum):
    """What a person is to the office. Each is a role of the database, too: `calltime_` and this name."""

    CARER = "carer"
    PROVIDER = "provider"
    OFFICER = "officer"
    APPROVER = "approver"
    AUDITOR = "auditor"
    ADMINISTRATOR = "administrator"


class Right(StrEnum):
    """One thing that a person may do, and a scope that a token may have."""

    SEE_OWN = "own:read"
    SEE_VISITS = "visits:read"
    MEND = "visits:mend"
    BRING = "visits:bring"
    SEE_PAY = "pay:read"
    SEE_RUNS = "runs:read"
    PREPARE = "runs:prepare"
    APPROVE = "runs:approve"
    EXPORT = "runs:export"
    SEE_DOORS = "doors:read"
    KEEP_DOORS = "doors:keep"
    SEE_CARERS = "carers:read"
    KEEP_CARERS = "carers:keep"
    COMPARE = "figures:read"
    SEE_TERMS = "terms:read"
    SEE_PLAN = "plan:read"
    PLAN = "plan:write"
    ASK_UNLOCK = "lock:ask"
    KEEP_LOCK = "lock:keep"
    KEEP_REASONS = "reasons:keep"
    KEEP_ALERTS = "alerts:keep"
    KEEP_HOOKS = "hooks:keep"
    KEEP_TOKENS = "tokens:keep"
    SEE_QUARANTINE = "quarantine:read"
    SEE_AUDIT = "audit:read"
    KEEP_PEOPLE = "people:keep"
    SUBJECT_ACCESS = "people:export"


OF_WORK: Mapping[str, Right] = {
    "settle": Right.PREPARE,
    "export": Right.EXPORT,
    "bundle": Right.SEE_RUNS,
    "try-terms": Right.COMPARE,
    "report": Right.COMPARE,
    "subject-access": Right.SUBJECT_ACCESS,
}
"""What each kind of long work needs of whoever asks for it, and of whoever fetches what came out. The policy of `work` says the same."""


_LOOKS = frozenset(
    {
        *(Right.SEE_VISITS, Right.SEE_PAY, Right.SEE_RUNS, Right.SEE_DOORS, Right.SEE_CARERS, Right.COMPARE, Right.SEE_TERMS),
        *(Right.SEE_PLAN, Right.SEE_QUARANTINE),
    }
)
RIGHTS: Mapping[Role, frozenset[Right]] = {
    Role.CARER: frozenset({Right.SEE_OWN}),
    Role.PROVIDER: frozenset(
        {
            *(Right.SEE_VISITS, Right.MEND, Right.BRING, Right.SEE_PAY, Right.SEE_DOORS, Right.KEEP_DOORS, Right.SEE_CARERS),
            *(Right.KEEP_CARERS, Right.SEE_TERMS, Right.SEE_PLAN, Right.ASK_UNLOCK, Right.KEEP_ALERTS, Right.KEEP_HOOKS),
            *(Right.KEEP_TOKENS,),
        }
    ),
    Role.OFFICER: _LOOKS
    | {
        *(Right.MEND, Right.BRING, Right.PREPARE, Right.EXPORT, Right.KEEP_DOORS, Right.KEEP_CARERS, Right.PLAN, Right.KEEP_LOCK),
        *(Right.KEEP_REASONS, Right.KEEP_ALERTS, Right.KEEP_HOOKS, Right.KEEP_TOKENS, Right.SUBJECT_ACCESS),
    },
    # Who approves does not prepare: a second person looks at each run.
    Role.APPROVER: _LOOKS | {Right.APPROVE},
    Role.AUDITOR: _LOOKS | {Right.SEE_AUDIT},
    # Keeps accounts, and need not see anybody's visits for that.
    Role.ADMINISTRATOR: frozenset({Right.KEEP_PEOPLE, Right.SEE_AUDIT, Right.KEEP_TOKENS, Right.KEEP_HOOKS, Right.SUBJECT_ACCESS}),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody who is known: an account, or a program with a token. `provider` is set for providers and carers, `carer` for carers.

    `scopes` are what a token is limited to (None: everything that the role may do).
    """

    id: int
    name: str
    role: Role
    provider: str | None = None
    carer: str | None = None
    scopes: frozenset[Right] | None = None

    def may(self, right: Right) -> bool:
        """Whether the role has the right, and the token its scope."""
        return right in RIGHTS[self.role] and (self.scopes is None or right in self.scopes)


class NotAllowed(PermissionError):
    """This person may not do this. The message says so to programs; `roles` are those who may, for pages (empty: no role could)."""

    def __init__(self, says: str, *, roles: tuple[Role, ...] = ()) -> None:
        super().__init__(says)
        self.roles = roles


def require(who: Person, right: Right) -> None:
    """Raise NotAllowed unless this person may do this."""
    if who.may(right):
        return
    others = tuple(role for role, rights in RIGHTS.items() if right in rights)
    if who.scopes is not None and right in RIGHTS[who.role]:
        raise NotAllowed(f"This token has not the scope {right.value}. Make one that has it under Tokens.")
    named = " or ".join(role.value for role in others)
    says = f"This needs the right {right.value}, and the role {who.role.value} has it not; {named} has. Ask your administrator."
    raise NotAllowed(says, roles=others)


def require_of_work(who: Person, kind: str) -> None:
    """Raise NotAllowed unless this person may have what comes out of this kind of long work."""
    right = OF_WORK.get(kind)
    if right is None:
        raise NotAllowed(f"Nobody may have “{kind[:40]}”: this version does not know such work.")
    require(who, right)
