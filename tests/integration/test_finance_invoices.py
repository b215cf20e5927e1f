"""Would somebody else's program take our invoices? EN 16931 and Peppol say so of each of them, and they come to the ledger's pence."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from lxml import etree  # type: ignore[import-untyped]
from peppol_py.validation import validate_peppol_document  # type: ignore[import-untyped]

from calltime_server.faults import Fault
from calltime_server.jobs.finance.handing_over import finance_files
from calltime_server.jobs.finance.run import FinanceFile, PaidRun, Party
from calltime_server.jobs.finance.settings import FinanceSettings, Invoices
from fixtures.finance import COUNCIL, HEALTH, PARTIES, PENCE, SETTINGS, line, run_of

REACHABLE = {"endpoint": "5060012349998", "endpoint_scheme": "0088"}
# The published rules are those of Peppol Billing. Self-Billing differs from it in the names of the process and of the specification alone.
OTHER_PROCESS = {"PEPPOL-EN16931-R004", "PEPPOL-EN16931-R007"}
BACK = [line(1, "v1", -936, reverses=90), line(2, "v2", 100, zone="2")]


def documents(run: PaidRun, settings: FinanceSettings = SETTINGS) -> list[FinanceFile]:
    made = finance_files(run, ["ubl"], settings)
    assert all(isinstance(each, FinanceFile) for each in made), made
    return [each for each in made if isinstance(each, FinanceFile)]


def texts(file: FinanceFile, path: str) -> list[str]:
    """Of elements on this path below the root, whatever their namespace."""
    steps = "/".join(f"*[local-name()='{step}']" for step in path.split("/"))
    return [element.text for element in etree.fromstring(file.content).xpath(steps)]


def pence(file: FinanceFile, path: str) -> int:
    return int(sum(Decimal(text) for text in texts(file, path)) * 100)


@pytest.mark.parametrize("rows", [None, BACK], ids=["invoices", "a credit note"])
def test_no_rule_of_en_16931_is_broken_and_of_peppol_only_the_name_of_the_process(rows: list[dict[str, object]] | None) -> None:
    reachable = {name: replace(party, **REACHABLE) for name, party in PARTIES.items()}
    run = replace(run_of(rows), parties=reachable)

    for file in documents(run, FinanceSettings(council=COUNCIL.model_copy(update=REACHABLE))):
        assert validate_peppol_document(file.content, ["CEN-EN16931-UBL.xsl"], warnings=True) == []
        broken = validate_peppol_document(file.content, ["PEPPOL-EN16931-UBL.xsl"], warnings=True)
        assert {each["code"] for each in broken} == OTHER_PROCESS


def test_the_rules_are_really_run() -> None:
    (file,) = documents(run_of([line(1, "v1", 936)]))
    wrong = file.content.replace(b'PayableAmount currencyID="GBP">9.36', b'PayableAmount currencyID="GBP">9.37')

    assert "BR-CO-16" in {each["code"] for each in validate_peppol_document(wrong, ["CEN-EN16931-UBL.xsl"])}


def test_invoices_come_to_the_ledgers_pence_and_each_to_its_lines() -> None:
    files = documents(run_of())

    assert sum(file.pence for file in files) == PENCE
    for file in files:
        assert texts(file, "InvoiceTypeCode") == ["389"]
        assert pence(file, "LegalMonetaryTotal/PayableAmount") == file.pence
        assert pence(file, "InvoiceLine/LineExtensionAmount") == file.pence
        assert len(texts(file, "InvoiceLine/ID")) == file.rows


def test_the_provider_is_the_supplier_and_a_fund_holder_the_payee() -> None:
    files = documents(run_of())

    suppliers = [texts(file, "AccountingSupplierParty/Party/PartyIdentification/ID") for file in files]
    assert suppliers == [["Gofal Gŵyr"], ["north"], ["north"]]
    assert [texts(file, "PayeeParty/PartyIdentification/ID") for file in files] == [[], ["fund 7"], []]
    assert texts(files[0], "AccountingSupplierParty/Party/PartyName/Name") == ['Gofal "Gŵyr", Cyf.']
    assert texts(files[1], "AccountingSupplierParty/Party/PartyName/Name") == ["North & Sons"]


def test_less_than_nothing_is_a_credit_note_of_the_same_amount() -> None:
    (file,) = documents(run_of(BACK))

    # −9.36 + 1.00
    assert (file.pence, texts(file, "CreditNoteTypeCode")) == (-836, ["261"])
    assert pence(file, "LegalMonetaryTotal/PayableAmount") == 836
    assert texts(file, "CreditNoteLine/CreditedQuantity") == ["1", "-1"]
    assert texts(file, "CreditNoteLine/Price/PriceAmount") == ["9.36", "1.00"]


def test_what_comes_to_nothing_and_what_is_parked_is_not_billed() -> None:
    nothing = [line(1, "v1", 936), line(2, "v2", -936, reverses=90), line(3, "v3", 0, outcome="park", parked_minutes=30)]

    assert documents(run_of(nothing)) == []


def test_the_nhs_is_billed_for_its_share_where_the_council_says_so() -> None:
    files = documents(run_of(), FinanceSettings(council=COUNCIL, health=HEALTH))

    payers = [texts(file, "AccountingCustomerParty/Party/PartyName/Name")[0] for file in files]
    assert [file.pence for file, payer in zip(files, payers, strict=True) if payer == HEALTH.name] == [351]
    assert sum(file.pence for file in files) == PENCE
    assert len({texts(file, "ID")[0] for file in files}) == len(files)


def test_a_provider_with_a_vat_number_is_exempt_and_one_without_is_out_of_scope() -> None:
    without, registered, _ = documents(run_of())

    assert texts(registered, "AccountingSupplierParty/Party/PartyTaxScheme/CompanyID") == ["GB123456789"]
    assert texts(registered, "TaxTotal/TaxSubtotal/TaxCategory/ID") == ["E"]
    assert texts(without, "AccountingSupplierParty/Party/PartyTaxScheme/CompanyID") == []
    assert texts(without, "TaxTotal/TaxSubtotal/TaxCategory/ID") == ["O"]


def test_an_invoice_is_issued_on_the_day_of_its_approval_in_london() -> None:
    # Half past midnight there on 1 July.
    (file,) = documents(replace(run_of([line(1, "v1", 936)]), issued=datetime(2026, 6, 30, 23, 30, tzinfo=UTC)))

    assert texts(file, "IssueDate") == ["2026-07-01"]


def test_lines_may_be_put_together_by_package() -> None:
    run = run_of([line(1, "v1", 100, package="p1"), line(2, "v2", 200, package="p2"), line(3, "v3", 400, package="p2", zone="2")])

    (file,) = documents(run, FinanceSettings(council=COUNCIL, invoice=Invoices(lines_by=["package"])))

    assert texts(file, "InvoiceLine/Item/Name") == ["p1", "p2"]
    assert texts(file, "InvoiceLine/LineExtensionAmount") == ["1.00", "6.00"]


def test_all_that_is_lacking_for_an_invoice_is_told_and_none_is_made() -> None:
    run = replace(run_of(), parties={"north": Party(reference="north", name="North")})

    made = finance_files(run, ["csv", "ubl"], FinanceSettings())

    assert [each.column for each in made if isinstance(each, Fault)] == ["council", "provider"]
    assert not [each for each in made if isinstance(each, FinanceFile)]


def test_signs_that_xml_cannot_hold_do_not_break_an_invoice() -> None:
    (file,) = documents(run_of([line(1, "v1", 936, service="care\x00<&>\x1b")]))

    assert texts(file, "InvoiceLine/Item/Name") == ["care\N{REPLACEMENT CHARACTER}<&>\N{REPLACEMENT CHARACTER}, 1"]
