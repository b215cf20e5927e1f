"""Does a message to a webhook arrive, signed, under one id however often it is sent, and nowhere where it must not go?"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from standardwebhooks import Webhook

from calltime_server.jobs.sending import Sender, send_due
from calltime_server.jobs.webhook_post import new_secret, wrong_address
from calltime_server.rights import Role
from calltime_server.store.connection import connect, fetch
from calltime_server.store.hooks import add_hook, disable_hook, enqueue
from calltime_server.store.messages import WAITS, Delivery, list_deliveries, send_again, write_email
from calltime_server.store.office_database import OfficeDatabase
from fixtures.office import let_in
from fixtures.receivers import Receiver, a_mailbox, a_receiver
from fixtures.waiting import wait_until

NOW = datetime.now(UTC).replace(microsecond=0)
RUN = {"run": 7, "state": "approved"}


@pytest.fixture
def dsn(postgres_database: str) -> str:
    return postgres_database


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with a_receiver(204) as kept:
        yield kept


def hook(
    dsn: str, address: str, *, secret: str | None = None, provider: str | None = None, events: tuple[str, ...] = ("run.approved",)
) -> int:
    with connect(dsn) as connection:
        return add_hook(
            connection, address=address, secret=secret or new_secret(), events=events, provider=provider, by="an officer", now=NOW
        )


def tell(dsn: str, *, provider: str | None = None, event: str = "run.approved") -> int:
    with connect(dsn) as connection:
        return enqueue(connection, event, RUN, provider=provider, now=NOW)


def send(dsn: str, *, now: datetime = NOW, private: bool = True) -> int:
    return send_due(dsn, mail=None, private=private, now=lambda: now)


def deliveries(dsn: str, webhook: int) -> tuple[Delivery, ...]:
    with connect(dsn) as connection:
        return list_deliveries(connection, webhook)


def test_a_message_is_signed_so_that_the_receiver_can_tell_whose_it_is(dsn: str, receiver: Receiver) -> None:
    secret = new_secret()
    number = hook(dsn, receiver.address, secret=secret)
    tell(dsn)
    send(dsn, now=datetime.now(UTC))  # a receiver refuses signatures that are older than some minutes

    [posted] = receiver.came
    said = Webhook(secret).verify(posted.body, posted.headers)
    assert (said["type"], said["data"]) == ("run.approved", RUN)
    [delivery] = deliveries(dsn, number)
    assert (delivery.stands, delivery.says) == ("sent", "It was taken: 204.")


def test_what_is_not_taken_is_sent_again_under_the_same_id_after_growing_waits(dsn: str) -> None:
    with a_receiver(500, 503, 200) as receiver:
        number = hook(dsn, receiver.address)
        tell(dsn)
        now = NOW
        for wait in (timedelta(0), WAITS[0] / 2, WAITS[0] / 2, WAITS[1]):
            now += wait
            send(dsn, now=now)

    assert len(receiver.came) == 3
    assert len({posted.headers["webhook-id"] for posted in receiver.came}) == 1
    assert deliveries(dsn, number)[0].stands == "sent"


def test_after_the_last_try_a_message_is_given_up_shown_and_can_be_sent_again(dsn: str) -> None:
    with a_receiver(500) as receiver:
        number = hook(dsn, receiver.address)
        tell(dsn)
        now = NOW
        for wait in (timedelta(0), *WAITS, WAITS[-1]):
            now += wait
            send(dsn, now=now)
        [given_up] = deliveries(dsn, number)
        receiver.answers[:] = [204]
        with connect(dsn) as connection:
            send_again(connection, given_up.message, webhook=number, now=now)
        send(dsn, now=now)

    assert (given_up.stands, given_up.tried, given_up.says) == ("given_up", len(WAITS) + 1, "It was answered 500.")
    assert deliveries(dsn, number)[0].stands == "sent"


def test_what_breaks_with_one_message_is_noted_and_the_others_are_sent_once(dsn: str, receiver: Receiver) -> None:
    webhook = hook(dsn, receiver.address)
    tell(dsn)
    with a_mailbox() as mailbox:
        with connect(dsn) as connection:
            # No header takes a line break, and nobody foresaw it.
            write_email(connection, to="rota@example.org", subject="two\nlines", body="x", event="test", provider=None, now=NOW)
        tried = [send_due(dsn, mail=mailbox.mail, private=True, now=lambda: NOW) for _ in range(2)]

    assert (tried, len(receiver.came)) == ([2, 0], 1)
    assert [each.sent_at is not None for each in deliveries(dsn, webhook)] == [True]
    with connect(dsn) as connection:
        [(says,)] = fetch(connection, "SELECT says FROM message WHERE webhook IS NULL", {})
    assert "cannot be written to" in says


def test_no_redirect_is_followed(dsn: str) -> None:
    with a_receiver(302) as receiver:
        number = hook(dsn, receiver.address)
        tell(dsn)
        send(dsn)

    assert len(receiver.came) == 1
    assert "go elsewhere" in deliveries(dsn, number)[0].says


def test_nothing_is_sent_into_a_private_network_unless_the_setting_allows_it(dsn: str, receiver: Receiver) -> None:
    numbers = [hook(dsn, receiver.address), hook(dsn, "https://localhost:1/hook")]
    tell(dsn)
    send(dsn, private=False)

    assert receiver.came == []
    assert all("private network" in deliveries(dsn, number)[0].says for number in numbers)


@pytest.mark.parametrize(
    "address",
    [
        *("http://finance.example.org/", "ftp://finance.example.org/", "https://", "finance.example.org", "https://user:word@example.org/"),
        *("https://10.0.0.7/", "https://127.0.0.1/", "https://169.254.169.254/latest", "https://[::1]/", "https://[::ffff:10.0.0.7]/"),
        *("https://[fd00::1]/", "https://[64:ff9b::a00:7]/", "https://100.64.0.1/", "https://224.0.0.1/", "https://a b.example.org/"),
    ],
)
def test_an_address_that_leads_inside_or_shows_what_is_sent_is_refused(address: str) -> None:
    assert wrong_address(address, private=False)


def test_an_ordinary_address_is_taken() -> None:
    assert wrong_address("https://finance.example.org:8443/calltime?to=ledger", private=False) is None


def test_an_approver_tells_webhooks_that_an_approver_cannot_see_the_secrets_of(dsn: str, receiver: Receiver) -> None:
    hook(dsn, receiver.address)
    hook(dsn, receiver.address, provider="P1")
    database = OfficeDatabase(dsn)
    try:
        with database.as_person(let_in(dsn, Role.APPROVER).who) as connection:
            told = enqueue(connection, "run.approved", RUN, provider=None, now=NOW)
    finally:
        database.close()
    send(dsn)

    assert (told, len(receiver.came)) == (2, 2)


def test_what_is_of_one_provider_goes_to_the_council_and_to_that_provider(dsn: str, receiver: Receiver) -> None:
    own, another, councils = (hook(dsn, receiver.address, provider=provider, events=("visit.late",)) for provider in ("P1", "P2", None))
    tell(dsn, provider="P1", event="visit.late")

    assert [len(deliveries(dsn, number)) for number in (own, another, councils)] == [1, 0, 1]


def test_a_disabled_webhook_is_sent_nothing_more_not_even_what_waited(dsn: str, receiver: Receiver) -> None:
    number = hook(dsn, receiver.address)
    tell(dsn)
    with connect(dsn) as connection:
        disable_hook(connection, number, provider=None, now=NOW)
    tell(dsn)
    send(dsn)

    assert receiver.came == []
    assert len(deliveries(dsn, number)) == 1


def test_the_office_sends_by_itself_and_forgets_what_an_e_mail_said(dsn: str, receiver: Receiver) -> None:
    hook(dsn, receiver.address)
    tell(dsn)
    with connect(dsn) as connection:
        write_email(connection, to="a@example.org", subject="Come in", body="https://…/secret", event="invitation", provider=None, now=NOW)
    with a_mailbox() as mailbox:
        sender = Sender(dsn, mail=mailbox.mail, private=True, now=lambda: datetime.now(UTC))
        sender.start()
        try:
            wait_until(lambda: receiver.came and mailbox.came, within=10, what="both messages")
        finally:
            sender.stop()

    assert "secret" in mailbox.came[0].get_content()
    with connect(dsn) as connection:
        kept = connection.execute("SELECT body, sent_at IS NOT NULL FROM message WHERE email IS NOT NULL").fetchall()
    assert kept == [("", True)]
