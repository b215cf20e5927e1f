"""Does each of the five councils' contract files give what the council's own paper says?

A file loads only when every worked example in it comes out, so an example that is read here has come out. What needs more than one service
user is settled here under the file.
"""

import re
from datetime import date, timedelta
from functools import cache

import polars as pl
import pytest

from calltime_server.payment.agreed import PACKAGES, Agreed
from calltime_server.payment.examples import Played, play
from calltime_server.payment.settling import Settlement, settle
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_example import Example
from calltime_server.payment.terms_file import load_terms
from calltime_server.payment.terms_folder import CouncilTerms, load_council, terms_in_force
from calltime_server.visits.columns import PLAN, TAPS
from fixtures.care import instant
from fixtures.contracts import CONTRACTS, COUNCILS, example_of, package, terms_of, text_of


@pytest.mark.parametrize("council", COUNCILS)
def test_all_files_of_a_council_load_and_its_roles_and_not_its_people_approved_them(council: str) -> None:
    loaded = load_council(CONTRACTS / council)

    assert isinstance(loaded, CouncilTerms), loaded
    assert all(role.startswith("Head of ") for terms in loaded.terms for role in terms.approved_by)


@pytest.mark.parametrize("council", COUNCILS)
def test_a_file_is_refused_when_its_sums_are_a_penny_off(council: str) -> None:
    a_penny_off = re.sub(r"^pence = (\d+)$", lambda found: f"pence = {int(found[1]) + 1}", text_of(council), flags=re.MULTILINE)

    faults = load_terms(a_penny_off, name="penny.toml")

    assert not isinstance(faults, Terms)
    assert len({fault.line for fault in faults}) == len(terms_of(council).examples)


@pytest.mark.parametrize("council", COUNCILS)
def test_every_line_of_an_example_is_explained_by_the_clause_that_decided_it(council: str) -> None:
    clauses = [f"({found}" for found in set(re.findall(r'^clause = "(.*)"$', text_of(council), re.MULTILINE))]

    for played in worked(council):
        for says in played.lines["explanation"]:
            assert any(clause in says for clause in clauses), f"{played.example.name}: {says}"


def figures_of(example: Example) -> tuple[int, int | None, int]:
    return example.paid_minutes, example.parked_minutes, example.pence


def test_bury_pays_sixty_agreed_hours_in_weeks_of_20_10_20_and_10_in_full() -> None:
    example = example_of("bury", "sixty agreed hours in weeks of 20, 10, 20 and 10 are paid in full")

    assert figures_of(example) == (60 * 60, 0, 60 * 1500)


def test_bury_parks_an_hour_above_the_agreed_ones_that_nobody_authorised() -> None:
    example = example_of("bury", "an hour above the agreed hours is parked when nobody authorised it")

    assert figures_of(example) == (60 * 60, 60, 60 * 1500)


def test_bury_pays_an_authorised_contingency_hour() -> None:
    example = example_of("bury", "an authorised contingency hour is paid")

    assert figures_of(example) == (61 * 60, 0, 61 * 1500)


def test_bury_pays_and_reports_more_than_six_hundred_hours_a_week_of_a_small_provider() -> None:
    example = example_of("bury", "six hundred and thirty hours in a week of a small provider are paid and reported")

    assert figures_of(example) == (630 * 60, 0, 630 * 1500)


def test_bury_tells_the_hour_above_six_hundred_and_not_the_ones_below() -> None:
    settlement = hours_of_care(601, council="bury", provider="small-lot-1", agreed=True)

    beyond = settlement.lines.filter(pl.col("seconds_beyond_weekly_ceiling") > 0)
    assert beyond["seconds_beyond_weekly_ceiling"].to_list() == [3600]
    assert beyond["outcome"].to_list() == ["pay"]
    assert "Report of 2017: lot for small providers" in beyond["explanation"][0]


def test_bury_asks_no_such_thing_of_a_provider_of_a_zone() -> None:
    settlement = hours_of_care(601, council="bury", provider="zone-provider", agreed=True)

    assert settlement.lines.filter(pl.col("seconds_beyond_weekly_ceiling") > 0).is_empty()


def test_cardiff_pays_eleven_hours_of_ten_that_were_planned() -> None:
    example = example_of("cardiff", "ten planned hours and eleven delivered are paid as eleven")

    assert figures_of(example) == (11 * 60, 0, 11 * 1800)


def test_cardiff_parks_the_half_hour_above_the_ten_per_cent() -> None:
    example = example_of("cardiff", "half an hour above the ten per cent is parked")

    assert figures_of(example) == (11 * 60, 30, 11 * 1800)


def test_cardiff_banks_hours_that_were_not_used_and_pays_them_the_week_after() -> None:
    example = example_of("cardiff", "hours that were not used are banked, and drawn the week after")

    assert (*figures_of(example), example.bank_minutes) == (20 * 60, 0, 20 * 1800, 60)


def test_cardiffs_bank_takes_no_more_than_its_limit() -> None:
    assert example_of("cardiff", "the bank takes no more than its limit").bank_minutes == 240


def test_cardiff_parks_what_the_bank_does_not_hold() -> None:
    example = example_of("cardiff", "what the bank does not hold stays parked")

    assert (*figures_of(example), example.bank_minutes) == (700, 20, 700 * 30, 0)


def test_cardiff_pays_a_block_in_extra_care_whole_and_shows_what_was_used_of_it() -> None:
    example = example_of("cardiff", "a block in Extra Care is paid whole though a third of it was not used")

    assert (example.kinds, example.pence) == ({"block": 21 * 1800}, 21 * 1800)


def test_cardiffs_line_of_a_block_tells_how_much_of_it_was_used() -> None:
    [played] = [each for each in worked("cardiff") if "a third of it was not used" in each.example.name]

    [says] = played.lines.filter(pl.col("kind") == "block")["explanation"]
    assert not played.lines.filter(pl.col("reason") == "in_block")["explanation"].str.contains("= £0.00", literal=True).any()
    assert "1260 min bought" in says
    assert "840 min of them used (66 %)" in says


def test_cardiff_pays_hours_beyond_a_block_by_the_visit() -> None:
    example = example_of("cardiff", "hours beyond a block are paid by the visit")

    assert example.pence - example.kinds["block"] == 140 * 30


def test_cardiff_keeps_the_bank_holidays_of_wales() -> None:
    moved = example_of("cardiff", "a bank holiday of Wales has its own rate")
    ordinary = example_of("cardiff", "the Monday from which a bank holiday was moved is an ordinary day")
    into_it = example_of("cardiff", "a visit into a bank holiday is split at midnight")

    assert terms_of("cardiff").nation == "wales"
    assert (moved.pence, ordinary.pence, into_it.pence) == (60 * 45, 60 * 30, 20 * 30 + 20 * 45)


def test_cardiff_has_one_rate_for_every_provider_and_locality() -> None:
    price = terms_of("cardiff").price

    assert price.per_hour == 180_000  # £18.00 in hundredths of a penny
    assert not any(rate.providers or rate.zones or rate.services for rate in price.rate)


def test_cardiffs_yearly_uplift_is_in_force_from_its_first_day_on() -> None:
    council = load_council(CONTRACTS / "cardiff")
    assert isinstance(council, CouncilTerms)

    last, first = (terms_in_force(council, day) for day in (date(2021, 4, 4), date(2021, 4, 5)))

    assert last
    assert first
    assert (last.price.per_hour, first.price.per_hour) == (180_000, 186_000)  # £18.00 and £18.60 in hundredths of a penny


@pytest.mark.parametrize(
    ("name", "pence"),
    [
        ("a budget is paid in full when the outcomes were met with less", 60_000),
        ("only the visits are paid when the outcomes were not met", 48_000),
        ("the visits are paid while the outcome is not known", 48_000),
        ("above the budget nothing is paid", 60_000),
        ("above the budget is paid when the Council agreed that the case is exceptional", 70_000),
    ],
)
def test_cornwalls_enablement_budget_of_six_hundred_pounds(name: str, pence: int) -> None:
    assert example_of("cornwall", name).pence == pence


def test_cornwall_pays_ongoing_care_on_a_flexible_weekly_rota_up_to_the_weeks_hours() -> None:
    flexible = example_of("cornwall", "ongoing care is paid at whatever times of the week it was delivered")
    above = example_of("cornwall", "what is above the week's hours is parked")

    assert figures_of(flexible) == (14 * 60, 0, 14 * 1600)
    assert figures_of(above) == (14 * 60, 105, 14 * 1600)


def test_cornwall_pays_the_provider_gross_and_collects_the_contribution_itself() -> None:
    example = example_of("cornwall", "ongoing care is paid at whatever times of the week it was delivered")

    assert (example.pence, example.charge_pence) == (22_400, 5_600)  # £224, and a quarter of it


def test_cornwalls_retainer_of_ten_days_is_twenty_hours() -> None:
    away = example_of("cornwall", "ten days in hospital are a retainer of twenty hours")
    assert (away.kinds, away.charge_pence) == ({"retainer": 20 * 1600}, 4 * 2 * 1600 // 4)  # a quarter of the four visits made, and no more


def test_cornwalls_retainer_stops_after_four_weeks() -> None:
    assert example_of("cornwall", "a retainer stops after four weeks").kinds == {"retainer": 28 * 2 * 1600}


def test_cornwalls_retainer_is_taken_back_when_the_service_does_not_start_again() -> None:
    example = example_of("cornwall", "a retainer is taken back when the service does not start again")

    assert (example.kinds, example.pence) == ({"retainer": 0}, 2 * 1600)


def test_doncasters_hours_of_a_week_come_to_its_papers_sum_of_a_year() -> None:
    lines = hours_of_care(14_250, council="doncaster", provider="lead", agreed=False).lines

    assert (lines["paid_minutes"].sum(), lines["outcome"].unique().to_list()) == (14_250 * 60, ["pay"])
    assert lines["pence"].sum() * 52 == 1_064_076_000  # 14,250 × 52 × £14.36 = £10,640,760, told as £10.64m


def test_doncaster_settles_a_visit_under_a_fund_to_the_fund_holder() -> None:
    assert example_of("doncaster", "a visit under an individual service fund is settled to the fund holder").payee == "fund-holder"


def test_doncaster_pays_a_time_entered_by_hand_for_a_known_reason_only() -> None:
    known = example_of("doncaster", "a time entered because the home has no tag yet is paid")
    other = example_of("doncaster", "a time entered for another reason is parked")

    assert (known.outcome, known.pence, other.outcome, other.pence) == ("pay", 718, "park", 0)


@pytest.mark.parametrize(
    ("name", "council_pence", "health_pence"),
    [
        ("domiciliary care is the Council's", 805, 0),
        ("the odd penny of reablement is paid by the NHS, and by nobody twice", 422, 423),
        ("a package's own share comes before the service's", 563, 282),
        ("continuing health care is the NHS's", 0, 1448),
        ("care at the end of life is shared three to one", 231, 694),
    ],
)
def test_wirrals_four_services_are_shared_to_the_penny(name: str, council_pence: int, health_pence: int) -> None:
    example = example_of("wirral", name)

    assert (example.council_pence, example.health_pence) == (council_pence, health_pence)
    assert example.pence == council_pence + health_pence


def test_wirral_loses_no_penny_of_five_hundred_odd_ones() -> None:
    lines = hours_of_care(500, council="wirral", provider="provider", agreed=False, service="reablement", seconds=1800).lines

    # 30 × £16.90 ÷ 60 = 845p a visit: 423p of the NHS and 422p of the council.
    assert lines["pence"].sum() == 500 * 845
    assert (lines["council_pence"].sum(), lines["health_pence"].sum()) == (500 * 422, 500 * 423)


@cache
def worked(council: str) -> tuple[Played, ...]:
    return play(terms_of(council))


def hours_of_care(
    homes: int, *, council: str, provider: str, agreed: bool, service: str = "domiciliary", seconds: int = 3600
) -> Settlement:
    """An hour planned in each of so many homes on the second day of the file, and so many seconds of contact, by a carer each."""
    terms = terms_of(council)
    begin = instant(f"{terms.starts + timedelta(days=1)} 09:00:00")
    homes_of = pl.DataFrame({"n": range(1, homes + 1)}).select(service_user=pl.format("s{}", "n"), carer=pl.format("c{}", "n"))
    plan = homes_of.with_columns(visit_id=pl.format("v of {}", "service_user"), planned_start=begin, planned_minutes=60, carers=1)
    plan = plan.with_columns(provider=pl.lit(provider), zone=pl.lit("zone"), service=pl.lit(service))
    ends = pl.DataFrame({"seq": [1, 2], "action": ["start", "stop"], "time": [begin, begin + timedelta(seconds=seconds)]})
    taps = homes_of.join(ends, how="cross").with_columns(device=pl.format("d of {}", "carer"), grade=2, place_ref=None, carer_ref=None)
    a_package = package(starts=terms.starts.isoformat(), provider=provider, service=service, agreed_minutes=60)
    packages = homes_of.join(a_package.drop("service_user"), how="cross").with_columns(package="service_user")
    return settle(
        plan=_as(PLAN, plan), taps=_as(TAPS, taps), terms=terms, agreed=Agreed(packages=_as(PACKAGES, packages)) if agreed else Agreed()
    )


def _as(schema: pl.Schema, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select(schema.names()).cast(schema)
