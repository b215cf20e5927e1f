"""What do people see? Pages on a real database."""

from datetime import UTC, datetime

import httpx
import psycopg
import pytest

from calltime_sim.services.postgres import Postgres
from fixtures.html import Page, read_page
from fixtures.office import office, open_office, settle_small_day
from fixtures.small_day import EVENING, SmallDay, signer_of, write_tap

EVERY_PAGE = (
    "/visits",
    "/actuals",
    "/actuals?outcome=pay",
    "/actuals/V1",
    "/actuals/V%2F6",
    "/actuals/V404",
    "/visits?day=soon",
    "/nowhere",
)


def page(client: httpx.Client, address: str, *, status: int = 200) -> Page:
    answer = client.get(address)
    assert answer.status_code == status, answer.text
    return read_page(answer.text)


def rows_of(page: Page, caption: str) -> list[list[str]]:
    (table,) = [table for table in page.tables if table.caption.startswith(caption)]
    return table.rows


def test_before_settling_the_actuals_say_who_settles_them(client: httpx.Client) -> None:
    text = page(client, "/actuals?day=2026-10-05").text

    assert "Nothing has been settled for this day, so nothing is paid yet. An officer settles it from the page of its run." in text


def test_the_actuals_add_up(settled_day: SmallDay) -> None:
    with office(settled_day.dsn) as client:
        shown = page(client, "/actuals")

    # 27 min, 45 min and 60 of 70 min, at 31.2p: 842.4p, 1404p and 1872p, each rounded.
    assert (
        "To pay £41.18 ✓ Paid 3 ! Parked 1 ✕ Refused 3 Paid time 2 h 12 min Contact time 2 h 22 min Commissioned 4 h 15 min" in shown.text
    )
    assert rows_of(shown, "Lines paid")[1:] == [
        ["North Care", "2", "1", "2", "£22.46"],
        ["South & West Care", "1", "0", "1", "£18.72"],
    ]
    assert rows_of(shown, "One line per")[1] == [
        *("V1", "S1", "North Care", "C1", "08:00–08:30", "27 min 45 s", "27 min", "£8.42", "✓ Paid"),
    ]


def test_an_outcome_that_is_asked_for_narrows_the_lines_and_not_the_sums(settled_day: SmallDay) -> None:
    with office(settled_day.dsn) as client:
        shown = page(client, "/actuals?outcome=park")

    assert [row[0] for row in rows_of(shown, "One line per")[1:]] == ["V3"]
    assert "Showing 1 of 7." in shown.text
    assert "/actuals.csv?day=2026-10-05&outcome=park" in shown.links


def test_every_line_leads_to_its_explanation_and_back_to_the_signed_taps(settled_day: SmallDay) -> None:
    with office(settled_day.dsn) as client:
        assert "/actuals/V1#carer-1" in page(client, "/actuals").links
        story = page(client, "/actuals/V1")

    assert "Capped at planned (Schedule 4, 3.2): 27 min. 27 min × £18.72 an hour (Schedule 5, 1) = £8.424, rounded to £8.42." in story.text
    assert f"Start tap, 08:04:10 Door {settled_day.doors['C1']} Number 1" in story.text
    assert story.text.count("✓ Verifies with the key that this door was enrolled with") == 2


def test_a_record_that_the_door_did_not_sign_is_called_out(small_day: SmallDay) -> None:
    with psycopg.connect(small_day.dsn) as connection:
        connection.execute("UPDATE door SET public_key = %s WHERE carer = 'C1'", (signer_of("somebody else").public_key,))
    settle_small_day(small_day.dsn)

    with office(small_day.dsn) as client:
        assert "✕ Does not verify : the stored record is not what the door signed." in page(client, "/actuals/V1").text


def test_late_news_shows_as_a_reversal_and_a_new_line(settled_day: SmallDay) -> None:
    with psycopg.connect(settled_day.dsn) as connection:
        write_tap(connection, signer_of("C1"), seq=6, at=datetime(2026, 10, 5, 9, 31, tzinfo=UTC), action="stop", home="S3", badge=None)
    settle_small_day(settled_day.dsn)

    with office(settled_day.dsn) as client:
        history = rows_of(page(client, "/actuals/V3"), "All entries")

    assert [(row[2], row[3]) for row in history[1:]] == [
        ("! Parked place 1", "£0.00"),
        (f"Reversal of line {history[1][0]} place 1", "£0.00"),
        ("✓ Paid place 1", "£9.36"),
    ]


def test_a_visit_whose_id_has_a_slash_is_found(settled_day: SmallDay) -> None:
    with office(settled_day.dsn) as client:
        assert "Refused (Schedule 4, 4.1)" in page(client, "/actuals/V%2F6").text


@pytest.mark.parametrize(
    "address", ["/visits?day=5.10.2026", "/visits?day=2026-02-30", "/actuals?provider=Nobody", "/actuals?outcome=maybe"]
)
def test_what_cannot_be_read_is_answered_with_what_to_write(client: httpx.Client, address: str) -> None:
    text = page(client, address, status=400).text

    assert "This cannot be shown" in text
    assert "Write" in text


def test_what_is_not_there_is_answered_with_where_to_look(client: httpx.Client) -> None:
    assert "Start again from the visit log" in page(client, "/nowhere", status=404).text
    assert "Neither the plan nor the ledger has a visit “V404”" in page(client, "/actuals/V404", status=404).text
    assert "an officer settles its day from the page of its run" in page(client, "/actuals/V1", status=404).text


def test_without_a_plan_there_is_no_day_and_the_pages_say_so(postgres_database: str) -> None:
    with office(postgres_database) as client:
        assert "Somebody of the council brings in a plan" in page(client, "/actuals").text


def test_health_is_a_database_that_is_reached_and_migrated(postgres_database: str, postgres_server: Postgres) -> None:
    def health(dsn: str) -> tuple[int, str]:
        with open_office(dsn, now=lambda: EVENING) as address:
            answer = httpx.get(f"{address}/healthz", timeout=30)
            return answer.status_code, answer.text

    assert health(postgres_database)[0] == 200
    assert health(postgres_server.dsn) == (503, "The database has no tables yet. Run calltime-server migrate.\n")
    assert health("postgresql://nobody@127.0.0.1:1/none") == (503, "The database cannot be reached.\n")


@pytest.mark.parametrize("address", EVERY_PAGE)
def test_every_page_can_be_read_by_everybody(settled_day: SmallDay, address: str) -> None:
    with office(settled_day.dsn) as client:
        read = read_page(client.get(address).text)

    assert read.language == "en-GB"
    assert read.title.endswith(" · Calltime")
    assert len(read.headings[1]) == 1
    assert read.unlabelled_fields == []
    assert read.links[0] == "#main-content"
    assert "main-content" in read.ids
    assert len(read.ids) == len(set(read.ids))
    for table in read.tables:
        assert table.caption
        assert table.headers_without_scope == 0


@pytest.mark.parametrize("address", ["/visits", "/actuals", "/actuals/V1", "/api/v1/actuals", "/nowhere", "/static/built/calltime.css"])
def test_nothing_is_loaded_from_elsewhere_and_nothing_is_kept_in_caches(settled_day: SmallDay, address: str) -> None:
    with office(settled_day.dsn) as client:
        answer = client.get(address)

    assert answer.headers["Content-Security-Policy"].startswith("default-src 'none'; style-src 'self'; script-src 'self'; img-src")
    assert answer.headers["Cache-Control"] == "no-store"
    assert all(word not in answer.text for word in ("style=", "<script>", "javascript:", "//cdn"))
