"""How do programs keep accounts and read the audit log?"""

from __future__ import annotations

from datetime import date
from http import HTTPStatus
from typing import Annotated, Any

from fastapi import APIRouter, Path, Query, Request
from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from calltime_server.api.describing import needs
from calltime_server.api.front import Front, seated_of
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.people import inviting
from calltime_server.people.inviting import Invited
from calltime_server.rights import Right, Role, require
from calltime_server.store import accounts
from calltime_server.store.accounts import AccountRefused
from calltime_server.store.audit_log import ABOUT, read_entries, wanted_by
from calltime_server.store.providers import known_providers

Number = Annotated[int, Path(ge=1, le=2**63 - 1)]
Text = Annotated[str, StringConstraints(max_length=200, pattern=r"^[^\x00]*$")]
_KEEP, _SEE = needs(Right.KEEP_PEOPLE), needs(Right.SEE_AUDIT)
_INVITE = needs(Right.KEEP_PEOPLE, secret=True)


class PersonTold(BaseModel):
    """An account. How its person signs in is nobody's to see."""

    model_config = ConfigDict(frozen=True, from_attributes=True, title="Person")

    person: int = Field(examples=[12])
    name: str = Field(examples=["Bea Evans"])
    email: str = Field(examples=["bea.evans@example.org"])
    role: Role
    provider: str | None = Field(examples=["North Care"])
    carer: str | None = Field(examples=[None])
    issuer: str | None = Field(description="By whose sign-in the person comes; null: by a password and a second factor.", examples=[None])
    made_by: str
    made_at: Time
    seen_at: Time | None = Field(description="When the person signed in last.")
    disabled_at: Time | None


class Invitation(BaseModel):
    """Whom to let in."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: Text = Field(examples=["Bea Evans"])
    email: Text = Field(examples=["bea.evans@example.org"])
    role: Role = Field(examples=["provider"])
    provider: Text | None = Field(default=None, description="For coordinators and carers: as in the plan.", examples=["North Care"])
    carer: Text | None = Field(default=None, description="For carers: their reference.", examples=[None])


class InvitationTold(BaseModel):
    """The account, and the link by which its person begins."""

    model_config = ConfigDict(frozen=True)

    person: PersonTold
    link: str = Field(
        description="Good once, for seven days. It is told this once.", examples=["https://calltime.example.org/sign-in/link/…"]
    )


class AuditTold(BaseModel):
    """One thing that somebody did."""

    model_config = ConfigDict(frozen=True, from_attributes=True, title="AuditEntry")

    number: int
    at: Time
    person: int | None
    token: int | None = Field(description="The token, where a program did it.")
    name: str
    role: str
    provider: str | None
    did: str = Field(examples=["looked at the visits of a day"])
    about: dict[str, Any] = Field(examples=[{"day": "2026-10-05"}])


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/people", summary="List accounts", openapi_extra=_KEEP)
    def people(request: Request, find: Text = "", limit: Limit = 100, cursor: Cursor = "") -> Listed[PersonTold]:
        """By name. `find`: a part of the name, e-mail address, provider or carer."""
        behind = read_cursor(request, cursor, str, int)
        with front.open(request, Right.KEEP_PEOPLE, "read the accounts", {"find": find} if find else None) as connection:
            found = accounts.list_accounts(connection, find=find, behind=behind and (behind[0], behind[1]), limit=limit + 1)
        told = [PersonTold.model_validate(each) for each in found]
        return listed(request, told, limit=limit, key=lambda each: (each.name, each.person))

    @api.post("/people", status_code=HTTPStatus.CREATED, summary="Invite somebody", openapi_extra=_INVITE)
    def invite(request: Request, asked: Invitation) -> InvitationTold:
        """Makes the account, and the link by which its person sets a password and a second factor."""
        written = {name: str(value) for name, value in asked.model_dump().items() if value is not None}
        require(seated_of(request).who, Right.KEEP_PEOPLE)
        # Administrators see no plan; which providers there are, the office looks up for them.
        with front.desks.database.as_office() as connection:
            read = inviting.read(written, providers=known_providers(connection))
        if not isinstance(read, Invited):
            raise Problem(HTTPStatus.UNPROCESSABLE_ENTITY, " ".join(read.values()))
        about = {"email": read.email, "role": read.role.value, "provider": read.provider}
        with front.open(request, Right.KEEP_PEOPLE, "invited a person", about) as connection:
            made = inviting.invite(connection, read, by=seated_of(request).who.name, now=front.now())
            if made is None:
                raise Problem(HTTPStatus.CONFLICT, inviting.TAKEN)
            account = accounts.read_account(connection, made[0].id)
        return InvitationTold(person=PersonTold.model_validate(account), link=front.public_url + made[1])

    @api.get("/people/{person}", summary="Read an account", openapi_extra=_KEEP)
    def one(request: Request, person: Number) -> PersonTold:
        with front.open(request, Right.KEEP_PEOPLE, "read an account", {"person": person}) as connection:
            return _told(accounts.read_account(connection, person))

    @api.post("/people/{person}/disable", summary="Disable an account", openapi_extra=_KEEP)
    def disable(request: Request, person: Number) -> PersonTold:
        """Ends the person's sessions, and revokes tokens that they made. Again changes nothing."""
        with front.open(request, Right.KEEP_PEOPLE, "disabled an account", {"person": person}) as connection:
            _told(accounts.read_account(connection, person))
            try:
                accounts.disable_account(connection, person, by=seated_of(request).who.id, now=front.now())
            except AccountRefused as refused:
                raise Problem(HTTPStatus.CONFLICT, str(refused)) from refused
            return _told(accounts.read_account(connection, person))

    @api.post("/people/{person}/enable", summary="Enable an account again", openapi_extra=_KEEP)
    def enable(request: Request, person: Number) -> PersonTold:
        """Tokens that were revoked stay revoked."""
        with front.open(request, Right.KEEP_PEOPLE, "enabled an account", {"person": person}) as connection:
            accounts.enable_account(connection, person)
            return _told(accounts.read_account(connection, person))

    @api.get("/audit", summary="Read the audit log", openapi_extra=_SEE)
    def audit(
        request: Request,
        first: date | None = None,
        last: date | None = None,
        who: Text = "",
        did: Text = "",
        about: Annotated[str, Query(pattern=f"^({'|'.join(ABOUT)})?$", description="What `value` names.")] = "",
        value: Text = "",
        limit: Limit = 100,
        cursor: Cursor = "",
    ) -> Listed[AuditTold]:
        """The latest first; `first` and `last` are days in London."""
        behind = read_cursor(request, cursor, int)
        named = (about, value) if about and value else None
        wanted = wanted_by(front.desks.database, first=_within(first), last=_within(last), who=who, did=did, about=named)
        asked = {"asked": {"first": first, "last": last, "who": who, "did": did, "about": about, "value": value}}
        with front.open(request, Right.SEE_AUDIT, "read the audit log", asked) as connection:
            found = read_entries(connection, wanted, before=behind[0] if behind else None, limit=limit + 1)
        return listed(request, [AuditTold.model_validate(each) for each in found], limit=limit, key=lambda each: (each.number,))


def _within(day: date | None) -> date | None:
    """A day that clocks know. Raises Problem."""
    if day is not None and not 2000 <= day.year < 2200:
        raise Problem(HTTPStatus.BAD_REQUEST, "This day is outside the years 2000 to 2199. Ask for another.")
    return day


def _told(account: accounts.Listed | None) -> PersonTold:
    if account is None:
        raise Problem(HTTPStatus.NOT_FOUND, "There is no account with this number. List accounts to see which there are.")
    return PersonTold.model_validate(account)
