"""What do reports and a trial of other terms say of a day that is in the database?"""

import subprocess
import sys
from argparse import Namespace
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import polars as pl
import psycopg
import pytest

from calltime_server.commands import reporting
from calltime_server.commands.words import Refusal
from calltime_server.config import EXAMPLE_TERMS
from calltime_server.config.environment import from_environment
from calltime_server.jobs.reports import REPORTS, facts_of
from calltime_server.jobs.settle_days import settle_days
from calltime_server.jobs.try_terms import Tried, try_terms
from calltime_server.payment.spanning import settle_inputs
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.payment.terms_folder import load_council
from calltime_server.payment.trying import difference
from calltime_server.store.connection import connect
from calltime_server.store.forgetting import TapsForgotten
from calltime_server.store.inputs import read_inputs
from calltime_server.visits.civil_day import span_of
from fixtures.care import EXAMPLE
from fixtures.office import example_terms, settle_small_day
from fixtures.signed_day import write_signed_day
from fixtures.small_day import DAY, EVENING, signer_of, write_small_day, write_tap

START, END = span_of(DAY)


@pytest.fixture
def database(timescaledb_database: str) -> str:
    """One kind is enough: reports are made of frames, and settling from either kind is tested elsewhere."""
    return timescaledb_database


def dearer(text: str | None = None) -> Terms:
    """The example terms at twice the price; their examples come to other sums, so they are left away but for the one of nothing."""
    whole = text or EXAMPLE.read_text(encoding="utf-8")
    head, *examples = whole.split("[[example]]")
    nothing = next(each for each in examples if "comes to nothing" in each)
    terms = load_terms(head.replace("18.72", "37.44") + "[[example]]" + nothing.split("\n\n")[0] + "\n", name="dearer.toml")
    assert isinstance(terms, Terms), terms
    return terms


@pytest.mark.parametrize("name", REPORTS)
def test_every_report_can_be_made_of_a_day_and_of_nothing(database: str, name: str) -> None:
    with connect(database) as connection:
        nothing = facts_of(connection, start=START, end=END, terms=[example_terms()])
    write_small_day(database)
    with connect(database) as connection:
        facts = facts_of(connection, start=START, end=END, terms=[example_terms()])

    report = REPORTS[name]
    assert report.make(nothing).schema == report.make(facts).schema
    assert report.drawn in report.make(facts).columns


def test_twice_the_price_is_twice_the_sum_and_nothing_is_written(database: str) -> None:
    write_signed_day(database)
    settle_small_day(database)
    with connect(database) as connection:
        tried = try_terms(connection, start=START, end=END, in_force=[example_terms()], tried=dearer())
        again = try_terms(connection, start=START, end=END, in_force=[example_terms()], tried=dearer())

    assert tried.from_ledger
    # Two visits were delivered: 27 min and 45 min (its plan), 72 min × 31.2p = 2246.4p, as 842 and 1404 pence; then 1685 and 2808.
    assert (tried.now["pence"].sum(), tried.then["pence"].sum()) == (842 + 1404, 1685 + 2808)
    assert again.then.equals(tried.then)
    assert difference(tried.now, tried.then, by=["provider"]).select("lines", "difference_pence").rows() == [(2, 2247)]


def test_a_trial_comes_to_what_settling_by_those_terms_would(database: str) -> None:
    write_signed_day(database)
    settle_small_day(database)
    tried_terms = dearer()
    with connect(database) as connection:
        tried = try_terms(connection, start=START, end=END, in_force=[example_terms()], tried=tried_terms)
        inputs = read_inputs(connection, start=START, end=END, terms=[tried_terms])
        settled = settle_inputs(inputs, start=START, end=END, terms=[tried_terms])

    same = ["visit_id", "carer_no", "paid_minutes", "pence", "outcome", "reason", "delivery"]
    assert tried.then.select(same).sort("visit_id").equals(settled.lines.select(same).sort("visit_id"))


def test_terms_that_match_in_another_way_start_from_the_taps(database: str) -> None:
    write_signed_day(database)
    settle_small_day(database)
    other = dearer()
    narrow = replace(other, matching=other.matching.model_copy(update={"window_minutes": 2}))
    with connect(database) as connection:
        tried = try_terms(connection, start=START, end=END, in_force=[example_terms()], tried=narrow)

    assert not tried.from_ledger
    assert tried.then.filter(pl.col("delivery") == "missed").height > tried.now.filter(pl.col("delivery") == "missed").height


def hour_long_visits(dsn: str, *days: date) -> None:
    """A visit of C1 to S1 at eight on each day, tapped at both ends. She has a package of 90 minutes a period."""
    signer, at = signer_of("C1"), [datetime(day.year, day.month, day.day, 8, tzinfo=UTC) for day in days]
    with psycopg.connect(dsn) as connection:
        long_ago = datetime(2026, 1, 1, tzinfo=UTC)
        door = (signer.device, signer.public_key, long_ago)
        connection.execute(
            "INSERT INTO door (device, alg, public_key, carer, home, enrolled_at) VALUES (%s, 'EdDSA', %s, 'C1', NULL, %s)", door
        )
        connection.execute("INSERT INTO tag VALUES ('tag-of-S1', 'S1', %s)", (long_ago,))
        connection.execute(
            """
            INSERT INTO package (package, service_user, provider, service, starts, agreed_minutes, exceptional, noted_by, noted_at)
            VALUES ('P1', 'S1', 'North Care', 'personal care', '2026-01-01', 90, false, 'contracts officer', %s)
            """,
            (long_ago,),
        )
        for number, start in enumerate(at):
            visit = (f"V{number}", start)
            connection.execute("INSERT INTO planned_visit VALUES (%s, 'S1', 'North Care', 'Z1', 'personal care', %s, 60, 1)", visit)
            for seq, action, tapped in ((2 * number + 1, "start", start), (2 * number + 2, "stop", start + timedelta(hours=1))):
                write_tap(connection, signer, seq=seq, at=tapped, action=action, home="S1", badge=None)


def tried_on(dsn: str, first: date, last: date, terms: Terms) -> Tried:
    with connect(dsn) as connection:
        return try_terms(connection, start=span_of(first)[0], end=span_of(last)[1], in_force=[terms], tried=terms)


def test_a_councils_own_terms_change_nothing_on_half_a_period(database: str) -> None:
    council = load_council(Path(EXAMPLE_TERMS).parents[1] / "bury")
    assert not isinstance(council, tuple), council
    (bury,) = council.terms
    # Four weeks from 21 September to 18 October: the hour of the first half leaves half an hour of 90 minutes for the second.
    hour_long_visits(database, date(2026, 9, 29), date(2026, 10, 6))
    with connect(database) as connection:
        settle_days(connection, first=date(2026, 9, 21), last=date(2026, 10, 18), terms=council.terms, now=EVENING + timedelta(days=30))

    half = tried_on(database, date(2026, 10, 5), date(2026, 10, 18), bury)

    assert half.from_ledger
    assert half.then.filter(pl.col("kind") == "visit").select("visit_id", "paid_minutes").rows() == [("V1", 30)]
    assert half.now["pence"].sum() == half.then["pence"].sum() > 0


def test_a_trial_of_days_that_are_not_all_settled_starts_from_the_taps(database: str) -> None:
    days = [date(2026, 10, day) for day in (5, 6, 7, 8)]
    hour_long_visits(database, *days)
    settle_small_day(database)

    tried = tried_on(database, days[0], days[-1], example_terms())

    assert (tried.from_ledger, tried.unsettled) == (False, 3)
    assert (tried.now.height, tried.then.height) == (4, 4)
    assert tried.now["pence"].sum() == tried.then["pence"].sum() == 4 * 1872
    assert tried_on(database, days[0], days[0], example_terms()).from_ledger


def test_no_report_and_no_trial_tells_of_days_whose_taps_were_forgotten(database: str) -> None:
    write_small_day(database)
    with psycopg.connect(database) as connection_:
        connection_.execute(
            """
            INSERT INTO forgotten (before, years, taps, untimed_taps, quarantined, forgotten_at)
            VALUES ('2027-01-01Z', 7, 10, 0, 0, '2034-01-01Z')
            """
        )
    with connect(database) as connection:
        with pytest.raises(TapsForgotten):
            facts_of(connection, start=START, end=END, terms=[example_terms()])
        with pytest.raises(TapsForgotten):
            try_terms(connection, start=START, end=END, in_force=[example_terms()], tried=example_terms())


def test_what_is_still_to_come_was_not_missed(database: str, capsys: pytest.CaptureFixture[str]) -> None:
    write_small_day(database)
    config = from_environment({"CALLTIME_DATABASE": database})
    asked = Namespace(name="compliance", first=DAY, last=DAY, csv=True, provider="South & West Care")

    # At noon UTC: of this provider's two visits on that day, at 11 and at 17, one has begun.
    reporting.tell(config, asked, now=datetime(2026, 10, 5, 12, tzinfo=UTC))
    at_noon = capsys.readouterr()
    reporting.tell(config, asked, now=END)
    whole = capsys.readouterr()

    assert at_noon.out.splitlines()[1].split(",")[5] == "0"
    assert "planned before 5 October 2026, 13:00" in at_noon.err
    assert (whole.out.splitlines()[1].split(",")[5], whole.err) == ("1", "")
    with pytest.raises(Refusal, match="still to come"):
        reporting.tell(config, asked, now=START)


def test_the_commands_show_tables_with_bars(database: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write_signed_day(database)
    settle_small_day(database)
    dear = tmp_path / "dearer.toml"
    dear.write_text(dearer().text, encoding="utf-8")
    program, environment = str(Path(sys.executable).with_name("calltime-server")), {"CALLTIME_DATABASE": database}

    def says(*words: str) -> str:
        return subprocess.run([program, *words], capture_output=True, text=True, check=True, env=environment, timeout=120).stdout

    asked = {"name": "compliance", "first": DAY, "last": DAY, "provider": None}
    config = from_environment(environment)
    reporting.tell(config, Namespace(**asked, csv=False), now=EVENING + timedelta(days=1))
    table = capsys.readouterr().out
    assert "North Care" in table
    assert "▇" in table
    reporting.tell(config, Namespace(**asked, csv=True), now=EVENING + timedelta(days=1))
    assert capsys.readouterr().out.startswith("provider,made,electronic")
    trial = says("try-terms", str(dear), "--period", "2026-10-05", "2026-10-05")
    assert "+£22.47" in trial
    assert "Nothing was written" in trial


def test_news_that_is_not_settled_yet_is_not_put_down_to_the_terms(database: str) -> None:
    write_signed_day(database)
    settle_small_day(database)
    with psycopg.connect(database) as connection:
        connection.execute(
            "INSERT INTO absence (service_user, kind, since, noted_by, noted_at) "
            "VALUES ('S1', 'hospital', '2026-10-04Z', 'a nurse', '2026-10-05Z')"
        )
    with connect(database) as connection:
        tried = try_terms(connection, start=START, end=END, in_force=[example_terms()], tried=example_terms())

    assert tried.outdated == 1
