"""Which addresses are taken for webhooks and e-mail, and is a text shown by a spreadsheet as it is?"""

import polars as pl
import pytest

from calltime_server.jobs.webhook_post import wrong_address
from calltime_server.people.email_address import is_email
from calltime_server.visits.written import as_csv, as_sheet, plain_cell


@pytest.mark.parametrize(
    "address", ["https://a..b/", f"https://{'a' * 64}.example.org/", "https://.example.org/", "https://a b/", "https://a%00b/"]
)
def test_a_name_that_cannot_be_asked_for_is_refused_when_it_is_written(address: str) -> None:
    assert wrong_address(address, private=True) is not None


@pytest.mark.parametrize("address", ["https://finance.example.org/calltime", "https://a_b.example.org./x?y=1", "https://[2001:4860::1]/"])
def test_a_name_that_can_be_asked_for_is_taken(address: str) -> None:
    assert wrong_address(address, private=True) is None


@pytest.mark.parametrize("text", ["a@[", "a,b@example.org", "a@b@example.org", "a@example", "a b@example.org", "a@example.org\n", ""])
def test_what_no_mail_server_takes_is_no_email_address(text: str) -> None:
    assert not is_email(text)


@pytest.mark.parametrize("text", ["ada.jones+rota@example.org", "o'neill@council.gov.uk", "stays@as.it.is"])
def test_what_mail_servers_take_is_an_email_address(text: str) -> None:
    assert is_email(text)


def test_a_text_that_begins_as_a_formula_does_is_shown_as_it_is_and_figures_stay_figures() -> None:
    cells = ["=1+1", "+44 A", "-a", "@x", "\tx", "\rx", "a=b", "-5", "+12.50", "-0:30", None, -5]

    shown = [plain_cell(cell) for cell in cells]

    assert shown == ["'=1+1", "'+44 A", "'-a", "'@x", "'\tx", "'\rx", "a=b", "-5", "+12.50", "-0:30", None, -5]


def test_a_file_for_people_is_guarded_and_one_for_programs_is_exact() -> None:
    frame = pl.DataFrame({"carer": ["=cmd", "C1", "-5", None], "pence": [-5, 1, 2, 3]})

    assert as_sheet(frame) == b"carer,pence\n'=cmd,-5\nC1,1\n-5,2\n,3\n"
    assert as_csv(frame) == b"carer,pence\n=cmd,-5\nC1,1\n-5,2\n,3\n"
