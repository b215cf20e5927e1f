"""Who has an account?"""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from calltime_server.people import inviting, links
from calltime_server.people.inviting import Invited
from calltime_server.rights import Right, Role, require
from calltime_server.store import accounts
from calltime_server.store.accounts import AccountRefused, Listed
from calltime_server.store.connection import Connection
from calltime_server.store.providers import known_providers
from calltime_server.web.language import N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.place import address_of
from calltime_server.web.rendering import render
from calltime_server.web.role_words import ROLE_SAYS, ROLE_WORDS
from calltime_server.web.sign_in import Field
from calltime_server.web.trouble import Trouble

ON_A_PAGE = 50
DONE = {
    "changed": N_("The account was changed. If what it may do has changed, the person is signed out and signs in again."),
    "disabled": N_("The account is disabled: the person is signed out, and tokens that they made are revoked."),
    "enabled": N_("The account can be used again."),
    "invited": N_("The account was made. The person signs in with the organisation."),
}


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room."""

    @pages.get("/people")
    def people(request: Request, find: str = "", after: str = "") -> Response:
        with office.open(request, Right.KEEP_PEOPLE, "looked at the accounts", {"find": find} if find else None) as connection:
            name, _, number = after.rpartition("~")
            behind = (name, int(number)) if number.isascii() and number.isdigit() and len(number) < 16 else None
            listed = accounts.list_accounts(connection, find=find, behind=behind, limit=ON_A_PAGE + 1)
        shown, last = listed[:ON_A_PAGE], listed[ON_A_PAGE - 1] if len(listed) > ON_A_PAGE else None
        after = f"{last.name.lower()}~{last.person}" if last else ""
        return render(request, "people.html", people=shown, find=find, after=after, roles=ROLE_WORDS)

    @pages.get("/people/new")
    def new(request: Request) -> Response:
        with office.open(request, Right.KEEP_PEOPLE, "began an invitation"):
            return _form(request, office, written={}, faults={})

    @pages.post("/people/new")
    def invite(
        request: Request,
        name: Field = "",
        email: Field = "",
        role: Field = "",
        provider: Field = "",
        carer: Field = "",
        way: Field = "",
    ) -> Response:
        written = {"name": name, "email": email, "role": role, "provider": provider, "carer": carer, "way": way}
        require(seat_of(request).seated.who, Right.KEEP_PEOPLE)
        issuer = office.organisation.issuer if office.organisation and way == "organisation" else None
        invited = inviting.read(written, providers=_providers(office), issuer=issuer)
        if not isinstance(invited, Invited):
            return _form(request, office, written=written, faults=invited)
        about = {"email": invited.email, "role": invited.role.value, "provider": invited.provider}
        with office.open(request, Right.KEEP_PEOPLE, "invited a person", about) as connection:
            made = inviting.invite(connection, invited, by=_by(request), now=office.now())
            if made is None:
                return _form(request, office, written=written, faults={"email": inviting.TAKEN})
            person, path = made
            if not path:
                return RedirectResponse(f"/people/{person.id}?done=invited", HTTPStatus.SEE_OTHER)
            return _show_link(request, office, connection, person.id, path)

    @pages.get("/people/{person}")
    def one(request: Request, person: int, done: str = "") -> Response:
        with office.open(request, Right.KEEP_PEOPLE, "looked at an account", {"person": person}) as connection:
            account = _account(connection, person)
        return _show(request, office, account, done=DONE.get(done))

    @pages.post("/people/{person}")
    def change(request: Request, person: int, name: Field = "", role: Field = "", provider: Field = "", carer: Field = "") -> Response:
        written = {"name": name, "role": role, "provider": provider, "carer": carer, "email": "stays@as.it.is"}
        about = {"person": person, "role": role, "provider": provider}
        require(seat_of(request).seated.who, Right.KEEP_PEOPLE)
        read = inviting.read(written, providers=_providers(office, also=person))
        if not isinstance(read, Invited):
            with office.open(request, Right.KEEP_PEOPLE, "looked at an account", {"person": person}) as connection:
                return _show(request, office, _account(connection, person), faults=read, written=written)

        def act(connection: Connection) -> None:
            accounts.change_account(
                connection,
                person,
                name=read.name,
                role=read.role,
                provider=read.provider,
                carer=read.carer,
                by=seat_of(request).seated.who.id,
                now=office.now(),
            )

        return _act(request, office, person, "changed an account", about, act, "changed")

    @pages.post("/people/{person}/disable")
    def disable(request: Request, person: int) -> Response:
        def act(connection: Connection) -> None:
            accounts.disable_account(connection, person, by=seat_of(request).seated.who.id, now=office.now())

        return _act(request, office, person, "disabled an account", {"person": person}, act, "disabled")

    @pages.post("/people/{person}/enable")
    def enable(request: Request, person: int) -> Response:
        def act(connection: Connection) -> None:
            accounts.enable_account(connection, person)

        return _act(request, office, person, "enabled an account", {"person": person}, act, "enabled")

    @pages.post("/people/{person}/link")
    def link(request: Request, person: int, reset: Field = "") -> Response:
        did = "reset a second factor and made an invitation" if reset else "made an invitation"
        try:
            with office.open(request, Right.KEEP_PEOPLE, did, {"person": person}) as connection:
                _account(connection, person)
                by = seat_of(request).seated.who.id
                accounts.refuse_own(person, by=by)
                accounts.refuse_vouched(connection, person)
                if reset:
                    accounts.reset_second_factor(connection, person, by=by, now=office.now())
                path = links.make(connection, person, "invitation", by=_by(request), now=office.now())
                return _show_link(request, office, connection, person, path)
        except AccountRefused as refused:
            raise _refused(refused) from refused


def _act(
    request: Request, office: Office, person: int, did: str, about: dict[str, object], act: Callable[[Connection], None], done: str
) -> Response:
    try:
        with office.open(request, Right.KEEP_PEOPLE, did, about) as connection:
            act(connection)
    except AccountRefused as refused:
        raise _refused(refused) from refused
    return RedirectResponse(f"/people/{person}?done={done}", HTTPStatus.SEE_OTHER)


def _refused(refused: AccountRefused) -> Trouble:
    return Trouble(HTTPStatus.CONFLICT, N_("Nothing was changed"), str(refused))


def _by(request: Request) -> str:
    return seat_of(request).seated.who.name


def _account(connection: Connection, person: int) -> Listed:
    account = accounts.read_account(connection, person) if person < 2**63 else None
    if account is None:
        raise Trouble(HTTPStatus.NOT_FOUND, N_("There is no such account"), N_("Look for the person under People."))
    return account


def _choices() -> list[tuple[str, str, str]]:
    return [(role.value, ROLE_WORDS[role], ROLE_SAYS[role]) for role in Role]


def _providers(office: Office, *, also: int | None = None) -> tuple[str, ...]:
    """Those that there are, and that of this account. Administrators see no plan, so the office looks for them."""
    with office.database.as_office() as connection:
        known = known_providers(connection)
        # What stands already may stay: a name is corrected also where the provider has no plan any more.
        stands = accounts.read_account(connection, also) if known and also is not None and also < 2**63 else None
        return (*known, stands.provider) if stands and stands.provider else known


def _form(request: Request, office: Office, *, written: dict[str, str], faults: dict[str, str]) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    values = {"written": written, "faults": faults, "roles": _choices(), "providers": _providers(office)}
    return render(request, "person_new.html", status=status, by_organisation=office.organisation is not None, **values)


def _show(
    request: Request,
    office: Office,
    account: Listed,
    *,
    done: str | None = None,
    faults: dict[str, str] | None = None,
    written: dict[str, str] | None = None,
) -> Response:
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    stands = {"name": account.name, "role": account.role.value, "provider": account.provider or "", "carer": account.carer or ""}
    values = {"done": done, "faults": faults or {}, "written": written or stands, "roles": _choices(), "providers": _providers(office)}
    return render(request, "person.html", status=status, account=account, own=account.person == seat_of(request).seated.who.id, **values)


def _show_link(request: Request, office: Office, connection: Connection, person: int, path: str) -> Response:
    """The link, this once. It goes by e-mail as well, where the office can send any."""
    account = _account(connection, person)
    address = address_of(request, office) + path
    if office.sends_mail:
        inviting.send(connection, account.email, account.name, office.public_url + path, now=office.now())
    return render(request, "person_link.html", account=account, address=address, sent=office.sends_mail)
