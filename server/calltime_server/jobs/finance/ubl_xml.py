"""How is a self-billed invoice or credit note written? As XML of UBL 2.1, element after element as the standard's schema has them.

Types 389 and 261 of UNTDID 1001, in the process of Peppol BIS Self-Billing 3.0. BR-… are rules of EN 16931, which the tests run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from xml.etree.ElementTree import Element, indent, tostring

import polars as pl

from calltime_server.jobs.finance.csv_text import pounds_text
from calltime_server.jobs.finance.run import PaidRun, Party
from calltime_server.jobs.finance.settings import Address, Invoices
from calltime_server.visits.civil_day import day_of

_SCHEMA = "urn:oasis:names:specification:ubl:schema:xsd:"
_CUSTOMIZATION = "urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:selfbilling:3.0"
_PROCESS = "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0"
_TYPES = {"Invoice": "389", "CreditNote": "261"}
_QUANTITIES = {"Invoice": "InvoicedQuantity", "CreditNote": "CreditedQuantity"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """What one payer owes for one provider: `lines` with `named`, `kind`, `lines`, `paid_minutes` and `pence`, and their sum."""

    number: str
    provider: Party
    payee: Party | None  # where it is not the provider
    payer: Address
    lines: pl.DataFrame
    pence: int


def written(bill: Bill, run: PaidRun, own: Invoices) -> bytes:
    """An invoice; or a credit note of the same amounts with the other sign where the sum is below nothing."""
    kind = "Invoice" if bill.pence > 0 else "CreditNote"
    names = {"xmlns": f"{_SCHEMA}{kind}-2", "xmlns:cac": f"{_SCHEMA}CommonAggregateComponents-2"}
    document = Element(kind, {**names, "xmlns:cbc": f"{_SCHEMA}CommonBasicComponents-2"})
    document.extend(_head(bill, run, kind))
    document.extend(_parties(bill))
    document.append(_part("PaymentTerms", _text("Note", own.terms)))
    document.extend(_sums(bill, own))
    document.extend(_line(number, row, bill, kind) for number, row in enumerate(bill.lines.iter_rows(named=True), start=1))
    indent(document)
    content: bytes = tostring(document, encoding="utf-8", xml_declaration=True)
    return content + b"\n"


def _head(bill: Bill, run: PaidRun, kind: str) -> Iterator[Element]:
    yield _text("CustomizationID", _CUSTOMIZATION)
    yield _text("ProfileID", _PROCESS)
    yield _text("ID", bill.number)
    yield _text("IssueDate", day_of(run.issued).isoformat())
    yield _text(f"{kind}TypeCode", _TYPES[kind])
    yield _text("Note", f"Self-billed from payment run {run.number}, care from {run.first:%-d %B %Y} to {run.last:%-d %B %Y}")
    yield _text("DocumentCurrencyCode", "GBP")
    yield _text("BuyerReference", bill.payer.buyer_reference)
    yield _part("InvoicePeriod", _text("StartDate", run.first.isoformat()), _text("EndDate", run.last.isoformat()))


def _parties(bill: Bill) -> Iterator[Element]:
    number = bill.provider.vat_number
    taxed = [] if number is None else [_part("PartyTaxScheme", _text("CompanyID", number), _vat())]
    yield _part("AccountingSupplierParty", _party(bill.provider, bill.provider.reference, taxed))
    yield _part("AccountingCustomerParty", _party(bill.payer, bill.payer.name, []))
    if bill.payee is not None:
        yield _part("PayeeParty", *_known_as(bill.payee.reference, bill.payee.name))


def _party(party: Party | Address, reference: str, taxed: list[Element]) -> Element:
    scheme = {} if party.endpoint_scheme is None else {"schemeID": party.endpoint_scheme}
    endpoint = [] if party.endpoint is None else [_text("EndpointID", party.endpoint, **scheme)]
    lines = (("StreetName", party.street), ("CityName", party.town), ("PostalZone", party.postcode))
    address = [_text(name, text) for name, text in lines if text]
    country = _part("Country", _text("IdentificationCode", party.country))
    legal = _part("PartyLegalEntity", _text("RegistrationName", party.name))
    return _part("Party", *endpoint, *_known_as(reference, party.name), _part("PostalAddress", *address, country), *taxed, legal)


def _known_as(reference: str, name: str) -> tuple[Element, Element]:
    return _part("PartyIdentification", _text("ID", reference)), _part("PartyName", _text("Name", name))


def _sums(bill: Bill, own: Invoices) -> Iterator[Element]:
    """What is to be paid stands there four times: there is neither tax nor allowance."""
    pence = abs(bill.pence)
    reason = own.not_registered if bill.provider.vat_number is None else own.exempt
    category = _part("TaxCategory", *_category(bill.provider), _text("TaxExemptionReason", reason), _vat())
    subtotal = _part("TaxSubtotal", _money("TaxableAmount", pence), _money("TaxAmount", 0), category)
    yield _part("TaxTotal", _money("TaxAmount", 0), subtotal)
    names = ("LineExtensionAmount", "TaxExclusiveAmount", "TaxInclusiveAmount", "PayableAmount")
    yield _part("LegalMonetaryTotal", *(_money(name, pence) for name in names))


def _category(provider: Party) -> list[Element]:
    """Only who has a VAT number can be exempt (BR-E-02); who has none is outside the scope of the tax, without a percentage (BR-O-05)."""
    if provider.vat_number is None:
        return [_text("ID", "O")]
    return [_text("ID", "E"), _text("Percent", "0")]


def _line(number: int, row: dict[str, Any], bill: Bill, kind: str) -> Element:
    """One of the whole amount: hours times a rate would not come to a sum of lines that were each rounded.

    A price is never below nothing (BR-27), so what goes the other way is minus one.
    """
    pence = row["pence"] if bill.pence > 0 else -row["pence"]
    minutes = abs(row["paid_minutes"])
    hours = f"{'-' if row['paid_minutes'] < 0 else ''}{minutes // 60} h {minutes % 60:02} min"
    item = _part(
        "Item",
        _text("Description", f"For: {row['kind']}. Ledger lines: {row['lines']:,}. Time paid: {hours}."),
        _text("Name", row["named"] or row["kind"]),
        _part("ClassifiedTaxCategory", *_category(bill.provider), _vat()),
    )
    return _part(
        f"{kind}Line",
        _text("ID", str(number)),
        _text(_QUANTITIES[kind], "1" if pence > 0 else "-1", unitCode="C62"),  # C62: one of something
        _money("LineExtensionAmount", pence),
        item,
        _part("Price", _money("PriceAmount", abs(pence))),
    )


def _vat() -> Element:
    return _part("TaxScheme", _text("ID", "VAT"))


def _money(name: str, pence: int) -> Element:
    return _text(name, pounds_text(pence), currencyID="GBP")


def _text(name: str, text: str, **attributes: str) -> Element:
    """An element with text; signs that XML cannot hold become one that shows the loss."""
    element = Element(f"cbc:{name}", attributes)
    element.text = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return element


def _part(name: str, *inside: Element) -> Element:
    element = Element(f"cac:{name}")
    element.extend(inside)
    return element
