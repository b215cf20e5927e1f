"""How does somebody keep their own way in? Password, second factor, and where they are signed in."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from fastapi.responses import RedirectResponse, Response

from calltime_server.people import codes, passkeys, passwords, sessions, waiting
from calltime_server.people.sessions import digest_of
from calltime_server.store import coming_in, credentials, people, tokens
from calltime_server.store.audit import note_doing
from calltime_server.store.connection import Connection
from calltime_server.store.credentials import Account
from calltime_server.web.guard import COOKIE
from calltime_server.web.language import LANGUAGES, N_
from calltime_server.web.office import Office, seat_of
from calltime_server.web.place import browser_of, give_cookie, site_of
from calltime_server.web.rendering import render
from calltime_server.web.role_words import ROLE_WORDS, browser_words
from calltime_server.web.sign_in import Field

DONE = {
    "password": N_("Your password was changed, you were signed out everywhere else, and tokens that you made for programs were revoked."),
    "password-set": N_("Your password was set, you were signed out everywhere else, and tokens that you made for programs were revoked."),
    "passkey": N_("The passkey was added."),
    "passkey-removed": N_("The passkey was removed."),
    "app": N_("Codes come from this app from now on."),
    "out": N_("You were signed out everywhere else."),
    "language": N_("Your language was noted."),
}
_OLD_WRONG = N_("This is not your current password. Check it; if you have forgotten it, ask your administrator for a link.")
_OLD_WAIT = N_("Too many attempts went wrong. Wait a few minutes and try again.")
_CODE_NOT_RIGHT = N_("This code does not belong to the picture. Scan the picture again and write the code that the app shows now.")
_KEY_NOT_MADE = N_("No passkey was made, or it took too long. Try again.")
_LAST_KEY = N_("This passkey is your only second factor. Set up an app for codes or another passkey first.")
_SET_FIRST = N_("Set a password first: it is asked for here, so that nobody does this at a computer that you left.")
_VOUCHED = N_("Your organisation's own sign-in vouches for you. It is there that you change how you sign in.")
_TWICE = N_("The two passwords differ. Write the same one twice.")


def add_to(pages: FastAPI, office: Office) -> None:
    """Add the pages of this room. What is one's own needs no right, and its secrets no role may see: the office looks, for this person."""

    @pages.get("/settings/me")
    def me(request: Request, done: str = "") -> Response:
        return _show(request, office, done=DONE.get(done))

    @pages.post("/settings/me/password")
    def password(request: Request, old: Field = "", password: Field = "", again: Field = "") -> Response:
        faults = _change_password(request, office, old, password, again)
        if faults:
            return _show(request, office, faults=faults)
        answer = RedirectResponse(f"/settings/me?done={'password' if old else 'password-set'}", HTTPStatus.SEE_OTHER)
        with office.database.as_office() as connection:
            who, now = seat_of(request).seated.who, office.now()
            people.end_sessions(connection, who.id)
            give_cookie(request, answer, sessions.begin(connection, who.id, now=now, agent=browser_of(request).agent))
        return answer

    @pages.post("/settings/me/passkey")
    def passkey(request: Request, passkey: Field = "", called: Field = "", confirm_passkey: Field = "") -> Response:
        wrong = _confirm(request, office, confirm_passkey)
        if wrong is not None:
            return _show(request, office, faults={"confirm_passkey": wrong})
        with office.database.as_office() as connection:
            account, now = _own(connection, request), office.now()
            challenge, _ = people.asked_of_session(connection, _digest(request))
            people.keep_challenge(connection, _digest(request), None)
            name = called.replace("\0", "").strip()[:60] or "Passkey"
            site = site_of(request, office)
            good = passkeys.take_new(connection, account.who, passkey, challenge, site, called=name, now=now)
            if good:
                note_doing(connection, account.who, "added a passkey", {}, now=now)
        return _done("passkey") if good else _show(request, office, faults={"passkey": _KEY_NOT_MADE})

    @pages.post("/settings/me/passkey/remove")
    def remove(request: Request, credential: Field = "") -> Response:
        with office.database.as_office() as connection:
            account = _own(connection, request)
            last = account.passkeys <= 1 and account.totp_secret is None
            if not last:
                credentials.remove_passkey(connection, account.who.id, passkeys.named(credential))
                note_doing(connection, account.who, "removed a passkey", {}, now=office.now())
        return _show(request, office, faults={"passkey": _LAST_KEY}) if last else _done("passkey-removed")

    @pages.post("/settings/me/app")
    def app(request: Request, code: Field = "", confirm_app: Field = "") -> Response:
        wrong = _confirm(request, office, confirm_app)
        if wrong is not None:
            return _show(request, office, faults={"confirm_app": wrong})
        with office.database.as_office() as connection:
            account, now = _own(connection, request), office.now()
            _, secret = people.asked_of_session(connection, _digest(request))
            step = codes.step_of(secret, code, now=now) if secret else None
            if step is not None:
                credentials.set_totp(connection, account.who.id, secret, step=step)
                people.keep_offered(connection, _digest(request), None)
                note_doing(connection, account.who, "set up another app for codes", {}, now=now)
        return _done("app") if step is not None else _show(request, office, faults={"code": _CODE_NOT_RIGHT})

    @pages.post("/settings/me/recovery")
    def recovery(request: Request, confirm_recovery: Field = "") -> Response:
        wrong = _confirm(request, office, confirm_recovery)
        if wrong is not None:
            return _show(request, office, faults={"confirm_recovery": wrong})
        with office.database.as_office() as connection:
            who = seat_of(request).seated.who
            made = codes.new_recovery_codes(connection, who.id)
            note_doing(connection, who, "made new recovery codes", {}, now=office.now())
        return render(request, "recovery_codes.html", codes=made)

    @pages.post("/settings/me/out")
    def out(request: Request) -> Response:
        with office.database.as_office() as connection:
            who = seat_of(request).seated.who
            people.end_sessions(connection, who.id, but=_digest(request))
            note_doing(connection, who, "signed out everywhere else", {}, now=office.now())
        return _done("out")

    @pages.post("/settings/me/language")
    def language(request: Request, language: Field = "en") -> Response:
        if language in LANGUAGES:
            with office.database.as_office() as connection:
                credentials.set_language(connection, seat_of(request).seated.who.id, language)
        return RedirectResponse(f"/settings/me?done=language&lang={'cy' if language == 'cy' else 'en'}", HTTPStatus.SEE_OTHER)


def _done(what: str) -> Response:
    return RedirectResponse(f"/settings/me?done={what}", HTTPStatus.SEE_OTHER)


def _digest(request: Request) -> bytes:
    return digest_of(request.cookies.get(COOKIE, ""))


def _own(connection: Connection, request: Request) -> Account:
    account = credentials.account_of_person(connection, seat_of(request).seated.who.id)
    assert account is not None, "the guard has let in nobody whose account is disabled"  # noqa: S101
    return account


def _confirm(request: Request, office: Office, password: str) -> str | None:
    """Ask for the password of now: an open page is not the person. Guessing makes wait as at the door. None: it is right."""
    with office.database.as_office() as connection:
        account = _own(connection, request)
        if account.issuer is not None:
            return _VOUCHED
        if account.password_hash is None:
            return _SET_FIRST
        attempt = waiting.begin(connection, waiting.account_of(account.email), browser_of(request).address, now=office.now())
    if not isinstance(attempt, int):
        return _OLD_WAIT
    if not passwords.is_right(password[: passwords.MOST * 2], account.password_hash):
        return _OLD_WRONG
    with office.database.as_office() as connection:
        coming_in.withdraw_attempt(connection, attempt)
    return None


def _change_password(request: Request, office: Office, old: str, new: str, again: str) -> dict[str, str]:
    """Change it, or say all that is wrong."""
    with office.database.as_office() as connection:
        account = _own(connection, request)
    wrong = _confirm(request, office, old)
    # Whoever came by a sign-in link has none yet.
    if wrong == _SET_FIRST:
        wrong = None
    fault = passwords.fault_of(new, email=account.email)
    faults = {"password": fault} if fault else {"again": _TWICE} if new != again else {}
    if wrong is not None or faults:
        return {"old": wrong, **faults} if wrong is not None else faults
    hashed = passwords.hash_of(new)
    with office.database.as_office() as connection:
        credentials.set_password(connection, account.who.id, hashed)
        tokens.revoke_tokens_of(connection, account.who.id, now=office.now())
        note_doing(connection, account.who, "changed the own password", {}, now=office.now())
    return {}


def _show(request: Request, office: Office, *, faults: dict[str, str] | None = None, done: str | None = None) -> Response:
    who, digest = seat_of(request).seated.who, _digest(request)
    with office.database.as_office() as connection:
        account = _own(connection, request)
        _, offered = people.asked_of_session(connection, digest)
        secret = offered or codes.new_secret()
        options, challenge = passkeys.ask_for_new(connection, who, account.email, site_of(request, office))
        people.keep_offered(connection, digest, secret)
        people.keep_challenge(connection, digest, challenge)
        signed_in = people.list_sessions(connection, who.id, digest, now=office.now(), idle=sessions.IDLE)
        values = {
            "account": account,
            "role": ROLE_WORDS[who.role],
            "keys": [(passkeys.name_of(each.credential), each) for each in credentials.passkeys_of(connection, who.id)],
            "left": credentials.recovery_codes_left(connection, who.id),
            "sessions": [(browser_words(each.agent), each) for each in signed_in],
            "options": options,
            "secret": secret,
            "picture": codes.picture_of(secret, email=account.email),
        }
    status = HTTPStatus.UNPROCESSABLE_ENTITY if faults else HTTPStatus.OK
    return render(request, "me.html", status=status, faults=faults or {}, done=done, **values)
