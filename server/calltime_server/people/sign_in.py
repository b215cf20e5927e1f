"""How does somebody come in with a password, a second factor or a link? Each step counted, and told the same whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from calltime_server.people import codes, passwords, sessions, waiting
from calltime_server.people.sessions import digest_of
from calltime_server.store import coming_in, credentials, people, tokens
from calltime_server.store.audit import note_doing
from calltime_server.store.coming_in import Purpose
from calltime_server.store.connection import Connection
from calltime_server.store.credentials import Account
from calltime_server.store.office_database import OfficeDatabase
from calltime_server.store.people import HalfIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """Who knocks: the address of the machine, and what the browser says of itself."""

    address: str
    agent: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Too many attempts: come back then."""

    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """That was not right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Let:
    """A session, whose token goes into the browser's cookie. Not `whole`: the second factor is still asked for."""

    token: str
    whole: bool


Answer: TypeAlias = Let | Refused | Wait
Proof: TypeAlias = Callable[[Connection, Account], bool]
"""Looks at a second factor; True: it is right."""


def by_password(database: OfficeDatabase, email: str, password: str, browser: Browser, *, now: datetime) -> Answer:
    """A half session, if e-mail address and password belong together. It takes as long whether the account exists or not."""
    with database.as_office() as connection:
        attempt = waiting.begin(connection, waiting.account_of(email), browser.address, now=now)
        account = credentials.account_of_email(connection, email.strip())
    if isinstance(attempt, datetime):
        return Wait(until=attempt)
    # Not while a connection is held: this takes its time on purpose.
    kept = account.password_hash if account and account.issuer is None else None
    right = passwords.is_right(password[: passwords.MOST * 2], kept)
    if account is None or kept is None or not right:
        return Refused()
    anew = passwords.hash_of(password) if passwords.is_worn(kept) else None
    with database.as_office() as connection:
        if anew is not None:
            credentials.set_password(connection, account.who.id, anew)
        coming_in.withdraw_attempt(connection, attempt)
        return _half_way(connection, account, browser, now=now)


def _half_way(connection: Connection, account: Account, browser: Browser, *, now: datetime) -> Let:
    return Let(token=sessions.begin(connection, account.who.id, now=now, complete=False, agent=browser.agent), whole=False)


def half(connection: Connection, token: str, *, now: datetime) -> HalfIn | None:
    """Who has come half way with this token."""
    return people.half_of_session(connection, digest_of(token), now=now) if token else None


def by_second_factor(database: OfficeDatabase, token: str, proof: Proof, browser: Browser, *, now: datetime) -> Answer:
    """A whole session, with a token of its own, if the proof is right."""
    with database.as_office() as connection:
        found = half(connection, token, now=now)
        if found is None:
            return Refused()
        attempt = waiting.begin(connection, waiting.account_of(found.email), browser.address, now=now)
    if isinstance(attempt, datetime):
        return Wait(until=attempt)
    with database.as_office() as connection:
        account = credentials.account_of_person(connection, found.who.id)
        # What was shown to be signed is good for one answer, right or wrong.
        right = account is not None and proof(connection, account)
        people.keep_challenge(connection, digest_of(token), None)
        if account is None or not right:
            return Refused()
        coming_in.attempt_went_well(connection, attempt)
        return Let(token=complete(connection, account, token, browser, did="signed in", now=now), whole=True)


def complete(connection: Connection, account: Account, old: str, browser: Browser, *, did: str, now: datetime) -> str:
    """Begin a whole session in place of an earlier one, which ends: whoever knew its token knows nothing now."""
    people.end_session(connection, digest_of(old))
    note_doing(connection, account.who, did, {"address": browser.address}, now=now)
    return sessions.begin(connection, account.who.id, now=now, agent=browser.agent)


def set_up_code_app(connection: Connection, found: HalfIn, code: str, *, now: datetime) -> bool:
    """Let the code app count whose secret was offered, if the person shows a code of it."""
    step = codes.step_of(found.offered, code, now=now) if found.offered else None
    if step is None:
        return False
    credentials.set_totp(connection, found.who.id, found.offered, step=step)
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A link that is good now: whose, and what for."""

    account: Account
    purpose: Purpose


def link_of(connection: Connection, token: str, *, now: datetime) -> Link | None:
    """What this link is; None: it is used, over, or none of ours."""
    found = coming_in.purpose_of_link(connection, digest_of(token), now=now)
    account = credentials.account_of_person(connection, found[0]) if found else None
    # A link from before an organisation vouched for the person is none any more.
    return Link(account=account, purpose=found[1]) if found and account and account.issuer is None else None


def by_link(database: OfficeDatabase, token: str, old: str, password: str, browser: Browser, *, now: datetime) -> Let | Refused:
    """By an invitation half way in, with a new password (which the caller has judged). By a sign-in link as far as the password leads.

    It stands for the password alone: who has a second factor shows it, who has none sets one up, unless the link is one straight in.
    """
    hashed = passwords.hash_of(password) if password else None
    with database.as_office() as connection:
        link = link_of(connection, token, now=now)
        if (
            link is None
            or (link.purpose == "invitation" and hashed is None)
            or not coming_in.use_link(connection, digest_of(token), now=now)
        ):
            return Refused()
        account = link.account
        if link.purpose == "invitation":
            assert hashed is not None  # noqa: S101 (for the type checker: asked above)
            _begin_anew(connection, account, hashed, now=now)
        elif account.has_second or link.purpose != "straight_in":
            people.end_session(connection, digest_of(old))
            note_doing(connection, account.who, "came half way in by a link", {"address": browser.address}, now=now)
        else:
            return Let(token=complete(connection, account, old, browser, did="signed in by a link", now=now), whole=True)
        return _half_way(connection, account, browser, now=now)


def _begin_anew(connection: Connection, account: Account, password_hash: str, *, now: datetime) -> None:
    """Let this password count. Whoever had come in by the old one goes, and so do the tokens that they may have made."""
    credentials.set_password(connection, account.who.id, password_hash)
    people.end_sessions(connection, account.who.id)
    tokens.revoke_tokens_of(connection, account.who.id, now=now)
    note_doing(connection, account.who, "set a password by an invitation", {}, now=now)
