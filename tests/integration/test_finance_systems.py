"""What do Abacus, ContrOCC and adam get of a run? Read back as they would, and added up to the ledger's pence."""

import csv
import io
import re
import tomllib
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import polars as pl
import pytest

from calltime_server.jobs.finance.adam import RECEIPT_FIELDS
from calltime_server.jobs.finance.handing_over import finance_files
from calltime_server.jobs.finance.run import FinanceFile, PaidRun
from calltime_server.jobs.finance.settings import FinanceSettings, read_settings
from calltime_server.jobs.finance.visit_rows import CARER_FIELDS, VISIT_FIELDS
from calltime_server.store.handed_over import CARERS
from fixtures.finance import PENCE, SETTINGS, line, run_of

RETAINER = 2500
GUIDE = Path(__file__).parents[2].joinpath("docs", "finance-files", "README.md").read_text(encoding="utf-8")


def read(run: PaidRun, format_: str, settings: FinanceSettings = SETTINGS) -> dict[str, list[dict[str, str]]]:
    made = [each for each in finance_files(run, [format_], settings) if isinstance(each, FinanceFile)]
    return {each.name: list(csv.DictReader(io.StringIO(each.content.decode(), newline=""))) for each in made}


def pence(rows: list[dict[str, str]], heading: str) -> int:
    return int(sum(Decimal(row[heading]) for row in rows) * 100)


def settings_of(text: str) -> FinanceSettings:
    settings = read_settings(text)
    assert isinstance(settings, FinanceSettings), settings
    return settings


def test_abacus_gets_the_nineteen_public_headings_and_every_paid_visit() -> None:
    rows = read(run_of(), "abacus")["run-12-abacus.csv"]

    assert list(rows[0])[:4] == ["FileReference", "Description", "Created", "ProviderRef"]
    assert len(rows[0]) == 19
    assert pence(rows, "PaymentClaimed") == PENCE - RETAINER
    second = next(row for row in rows if row["OurRef"] == "v2/2")
    assert second["SecondaryVisit"] == "True"
    assert second["NumberOfCarers"] == "2"
    # 07:00 UTC on a day in July.
    assert (second["VisitDate"], second["ActualStartTime"], second["ActualDuration"]) == ("06/07/2026", "08:00:00", "00:45:00")
    assert second["WeekEnding"] == "12/07/2026"
    assert second["Created"] == "2026-08-07T10:30:00"


def test_a_council_adds_what_is_not_public_about_abacus() -> None:
    own = settings_of(
        '[abacus]\nweek_ends = "saturday"\nservices = {care = "HOME CARE"}\ncontracts = {north = "H-17"}\n'
        'more = {Reason = "reason", Locality = "=North", Spare = "="}\n'
    )

    row = read(run_of([line(1, "v1", 936)]), "abacus", own)["run-12-abacus.csv"][0]

    assert (row["ServiceType"], row["ContractNumber"], row["WeekEnding"]) == ("HOME CARE", "H-17", "11/07/2026")
    assert list(row)[19:] == ["Reason", "Locality", "Spare"]
    assert (row["Locality"], row["Spare"]) == ("North", "")


def test_controcc_gets_the_carers_first_and_every_visit_with_its_status() -> None:
    files = read(run_of(), "controcc")

    assert files["run-12-controcc-carers.csv"] == [
        {"CarerID": "c1", "ProviderRef": "Gofal Gŵyr"},
        {"CarerID": "c1", "ProviderRef": "north"},
        {"CarerID": "c2", "ProviderRef": "north"},
    ]
    visits = files["run-12-controcc-visits.csv"]
    assert pence(visits, "Cost") == PENCE - RETAINER
    assert {row["VisitRef"]: row["Status"] for row in visits} == {
        "'=HYPERLINK(0)": "Delivered",
        "v1": "Delivered",
        "v2": "Delivered",
        "v3": "Delivered",
        "v5": "Delivered",
        "v7": "Missed",
        "v8": "Cancelled",
        "v9": "Frustrated",
    }  # v6 is parked: ContrOCC, which pays by itself, would pay it


def test_a_corrected_visit_is_one_row_as_it_stands_now_with_the_difference_to_pay() -> None:
    (row,) = [row for row in read(run_of(), "controcc")["run-12-controcc-visits.csv"] if row["VisitRef"] == "v3"]

    assert (row["ActualDuration"], row["Cost"]) == ("00:15:00", "-4.68")  # £4.68 now, £9.36 was paid


def test_a_visit_that_was_paid_and_is_parked_now_gives_its_money_back() -> None:
    run = run_of([line(1, "v1", -936, reverses=90), line(2, "v1", 0, outcome="park", reason="no_stop", delivery="no_stop")])

    (row,) = read(run, "controcc")["run-12-controcc-visits.csv"]

    assert (row["Status"], row["Cost"]) == ("Cancelled", "-9.36")


def test_a_line_and_its_reversal_in_the_same_run_come_to_nothing() -> None:
    (row,) = read(run_of([line(1, "v1", 936), line(2, "v1", -936, reverses=1)]), "controcc")["run-12-controcc-visits.csv"]

    assert (row["Status"], row["PaidDuration"], row["Cost"]) == ("Cancelled", "00:00:00", "0.00")


@pytest.mark.parametrize("now", [{"payee": "fund 7"}, {"provider": "Gofal Gŵyr"}], ids=["payee", "provider"])
def test_late_news_of_another_payee_or_provider_gives_two_rows(now: dict[str, str]) -> None:
    run = run_of([line(4, "v3", -936, reverses=901), line(5, "v3", 936, **now)])

    for format_, name, amount in (("abacus", "abacus", "PaymentClaimed"), ("controcc", "controcc-visits", "Cost")):
        rows = read(run, format_, settings_of('abacus.more.PayeeRef = "payee"\n'))[f"run-12-{name}.csv"]
        paid = {(row["ProviderRef"], row["PayeeRef"]): row[amount] for row in rows}
        after = now.get("provider", "north")
        assert paid == {("north", "north"): "-9.36", (after, now.get("payee", after)): "9.36"}


def test_of_two_carers_both_are_counted_though_one_of_them_got_another_sum() -> None:
    carers = pl.DataFrame([("v3", 2)], schema=CARERS, orient="row")
    run = replace(run_of([line(4, "v3", -936, reverses=901), line(5, "v3", 468), line(6, "v4", 468)]), carers=carers)

    rows = read(run, "abacus")["run-12-abacus.csv"]

    assert {row["OurRef"]: row["NumberOfCarers"] for row in rows} == {"v3/1": "2", "v4/1": "1"}


def test_adam_hears_of_a_sum_that_only_changes_hands_between_council_and_nhs() -> None:
    before = line(4, "v3", -936, reverses=901)
    (row,) = read(run_of([before, line(5, "v3", 936, council_pence=468, health_pence=468)]), "adam")["run-12-adam-receipts.csv"]

    assert (row["Amount"], row["CouncilAmount"], row["HealthAmount"]) == ("0.00", "-4.68", "4.68")


def test_headings_of_controcc_are_the_councils() -> None:
    own = settings_of(
        '[controcc.carers]\nWorker = "carer"\n[controcc.visits]\n"SS Ref" = "service_user"\nDate = "actual_date"\nState = "status"\n'
        '[controcc.statuses]\nmissed = "M"\n'
    )

    files = read(run_of([line(1, "v1", 936), line(2, "v2", 0, outcome="refuse", delivery="missed")]), "controcc", own)

    assert files["run-12-controcc-carers.csv"] == [{"Worker": "c1"}]
    assert files["run-12-controcc-visits.csv"] == [
        {"SS Ref": "s1", "Date": "06/07/2026", "State": "Delivered"},
        {"SS Ref": "s1", "Date": "06/07/2026", "State": "M"},
    ]


def test_adam_gets_a_receipt_for_each_package_and_payee_with_both_shares() -> None:
    rows = read(run_of(), "adam")["run-12-adam-receipts.csv"]

    assert pence(rows, "Amount") == PENCE
    assert pence(rows, "CouncilAmount") + pence(rows, "HealthAmount") == PENCE
    assert [row["SupplierRef"] for row in rows if row["ServiceProviderRef"] == "north"] == ["fund 7", "north"]
    north = rows[-1]
    # 9.36 + 14.04 − 9.36 + 4.68, of which the NHS pays 3.51
    assert (north["Amount"], north["HealthAmount"], north["Minutes"]) == ("18.72", "3.51", "60")


def test_every_fault_of_the_settings_is_told_at_once() -> None:
    shape = read_settings('[council]\nname = "C"\ntown = 7\n\n[abacus]\nweek_ends = "never"\nsevices = {}\n')
    fields = read_settings('[adam.receipts]\nA = "amount"\n[controcc.visits]\nB = "visitor"\n')

    assert isinstance(shape, tuple)
    assert [(fault.line, fault.column) for fault in shape] == [
        *((1, "council.street"), (3, "council.town"), (1, "council.postcode")),
        *((6, "abacus.week_ends"), (7, "abacus.sevices")),
    ]
    assert isinstance(fields, tuple)
    assert [fault.column for fault in fields] == ["controcc.visits.B", "adam.receipts.A"]
    assert "There is no field “visitor”" in fields[0].says


def test_the_guide_shows_every_key_and_names_every_field() -> None:
    (example,) = re.findall(r"```toml\n(.*?)```", GUIDE, re.DOTALL)

    settings = settings_of(example)

    assert settings.model_dump(exclude_unset=True) == tomllib.loads(example)
    assert settings.health is not None
    for model in (settings, settings.council, settings.invoice, settings.abacus, settings.controcc, settings.adam):
        assert model is not None
        assert model.model_fields_set == set(type(model).model_fields)
    assert [field for field in (*VISIT_FIELDS, *CARER_FIELDS, *RECEIPT_FIELDS) if not re.search(rf"\b{field}\b", GUIDE)] == []
