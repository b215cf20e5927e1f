"""How is an e-mail sent? To the one mail server that the settings name, which takes it from there."""

from __future__ import annotations

import smtplib
import ssl
from datetime import datetime
from email.message import EmailMessage
from email.utils import format_datetime

from calltime_server.config import Mail
from calltime_server.store.messages import Due

WITHIN = 20
"""Seconds for each answer of the mail server."""


class NotMailed(Exception):
    """The mail server did not take it; the text says why."""


def send_mail(due: Due, settings: Mail, *, now: datetime) -> str:
    """Send it and say who took it. Raises NotMailed.

    The id is the same with every try, so that a mailbox can tell a second copy from a second message.
    """
    try:
        letter = _letter(due, settings, now=now)
    except (ValueError, IndexError) as error:  # what the library says to an address that it cannot take apart
        raise NotMailed("The e-mail address cannot be written to. Correct it, and let the message be written anew.") from error
    try:
        with _connected(settings) as server:
            server.send_message(letter)
    except (smtplib.SMTPException, OSError, ValueError) as error:
        raise NotMailed(
            f"The mail server {settings.host} could not be reached, or did not take it. Whoever runs the server finds more in its log."
        ) from error
    return f"The mail server {settings.host} took it."


def _letter(due: Due, settings: Mail, *, now: datetime) -> EmailMessage:
    letter = EmailMessage()
    letter["From"], letter["To"], letter["Subject"] = settings.sender, due.email, due.subject or "Calltime"
    letter["Date"] = format_datetime(now)
    letter["Message-ID"] = f"<calltime-{due.message}@{settings.sender.rpartition('@')[2]}>"
    letter["Auto-Submitted"] = "auto-generated"
    letter.set_content(due.body)
    return letter


def _connected(settings: Mail) -> smtplib.SMTP:
    if settings.tls:
        server: smtplib.SMTP = smtplib.SMTP_SSL(settings.host, settings.port, timeout=WITHIN, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(settings.host, settings.port, timeout=WITHIN)
    try:
        server.ehlo()
        # A link that signs somebody in must not lie open on the way: a server elsewhere that offers no STARTTLS is refused by this call.
        if not settings.tls and (server.has_extn("starttls") or not settings.is_local):
            server.starttls(context=ssl.create_default_context())
        if settings.user:
            server.login(settings.user, settings.password())
    except BaseException:
        server.close()
        raise
    return server
