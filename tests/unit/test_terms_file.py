"""Are terms read when they are right, and refused with every fault and its line when not?"""

from hashlib import sha256

import pytest

from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from fixtures.care import EXAMPLE

TEXT = EXAMPLE.read_text(encoding="utf-8")


def faults_of(text: str) -> list[tuple[int | None, str | None, str]]:
    found = load_terms(text, name="terms.toml")
    assert not isinstance(found, Terms)
    return [(fault.line, fault.column, fault.says) for fault in found]


def line_with(words: str, text: str = TEXT) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


def test_the_example_contract_loads_with_the_digest_of_its_text() -> None:
    terms = load_terms(TEXT, name="2026-04-06.toml")

    assert isinstance(terms, Terms)
    assert terms.sha256 == sha256(EXAMPLE.read_bytes()).hexdigest()
    assert terms.price.per_hour == 187_200  # £18.72 in hundredths of a penny
    assert [step.step for step in terms.visit_steps] == ["whole_minutes", "cap_at_planned"]


def test_all_faults_are_told_at_once_each_with_its_line() -> None:
    text = (
        TEXT.replace('"Head of Finance"', '"head of commissioning "')
        .replace("debounce_seconds = 60", 'debounce_seconds = "60"')
        .replace("window_minutes = 120", "window_minutes = 0\nwindow_hours = 2")
        .replace('step = "cap_at_planned"', 'step = "cap"')
        .replace('clause = "Schedule 4, 4.1"\n', "")
    )
    assert [(line, column) for line, column, _ in faults_of(text)] == [
        (line_with("approved_by", text), "approved_by"),
        (line_with("debounce_seconds", text), "debounce_seconds"),
        (line_with("window_minutes", text), "window_minutes"),
        (line_with("window_hours", text), "window_hours"),
        (line_with('step = "cap"', text), "step"),
        (line_with("[missed]", text), "clause"),
    ]


def test_a_price_without_quotes_is_refused_with_what_to_write() -> None:
    [(line, column, says)] = faults_of(TEXT.replace('"18.72"', "18.72"))

    assert (line, column) == (line_with("pounds_per_hour"), "pounds_per_hour")
    assert says.startswith("`pounds_per_hour` in [price]: the price 18.72 stands without quotes. Put it in quotes")


@pytest.mark.parametrize("price", ["18", "18.7", "-18.72", "18,72", "£18.72", "18.72000", "0.00", " 18.72", "1e3"])
def test_what_is_not_pounds_and_pence_is_no_price(price: str) -> None:
    [(_, column, says)] = faults_of(TEXT.replace('"18.72"', f'"{price}"'))

    assert column == "pounds_per_hour"
    assert "is not a price" in says


def test_text_that_is_not_toml_is_refused_at_its_line() -> None:
    [(line, _, says)] = faults_of(TEXT.replace("[price]", "[price"))

    assert line == line_with("[price]")
    assert says.startswith("This is not TOML: ")


def test_a_number_too_long_to_read_is_a_fault_and_no_crash() -> None:
    [(_, _, says)] = faults_of("a = " + "1" * 5000)

    assert says.startswith("This is not TOML: ")


def test_an_empty_file_lacks_everything() -> None:
    columns = {column for _, column, _ in faults_of("")}

    assert columns == {"council", "title", "starts", "approved_by", "pairing", "matching", "step", "missed", "price", "example"}


def test_a_cap_before_whole_minutes_is_refused_with_the_reason() -> None:
    text = TEXT.replace('"whole_minutes"', '"later"').replace('"cap_at_planned"', '"whole_minutes"').replace('"later"', '"cap_at_planned"')
    [(line, _, says)] = faults_of(text)

    assert line == line_with('step = "cap_at_planned"', text)
    assert says.startswith(
        "The step `cap_at_planned` stands before `whole_minutes`: capped first, odd seconds would be put down to the plan"
    )


def test_a_step_twice_is_refused() -> None:
    text = TEXT.replace("[missed]", '[[step]]\nstep = "whole_minutes"\nsays = "Again."\nclause = "9"\n\n[missed]')
    [(line, _, says)] = faults_of(text)

    assert line == line_with('says = "Again."', text) - 1
    assert says.startswith("The step `whole_minutes` stands here a second time.")


def test_terms_without_whole_minutes_are_refused() -> None:
    text = TEXT.replace('step = "whole_minutes"', 'step = "cap_at_planned"', 1)

    assert any("No step makes whole minutes" in says for _, _, says in faults_of(text))


def test_an_example_that_does_not_come_out_is_refused_with_what_came_step_by_step() -> None:
    [(line, _, says)] = faults_of(TEXT.replace("pence = 842", "pence = 843"))

    assert line == line_with("[[example]]")
    assert says.startswith(
        "The example “a short visit is paid for the minutes that were given” says 27 min and 843 pence, "
        "but these terms come to 27 min and 842 pence: Planned 08:00–08:30 (30 min) on 7 April 2026."
    )
    assert "Whole minutes (Schedule 4, 3.1): 27 min, 45 s dropped. Capped at planned" in says


def test_an_example_before_the_terms_start_is_refused_even_if_nothing_is_paid() -> None:
    wrong = faults_of(TEXT.replace("starts = 2026-04-06", "starts = 2026-04-08"))

    assert len(wrong) == 7  # all but the night in October, the one that is paid with nothing included


@pytest.mark.parametrize(
    ("planned", "column"),
    [("2026-04-07 8:00-08:30", "planned"), ("2026-02-30 08:00-08:30", "planned"), ("2026-03-29 01:30-02:30", "planned")],
)
def test_an_example_at_a_time_that_does_not_exist_is_refused(planned: str, column: str) -> None:
    [(line, at, _)] = faults_of(TEXT.replace("2026-04-07 08:00-08:30", planned, 1))

    assert (line, at) == (line_with("planned = "), column)


@pytest.mark.parametrize("number", [number for number, line in enumerate(TEXT.splitlines()) if line and not line.startswith("#")])
def test_a_file_that_lacks_a_line_is_read_or_refused_with_lines_that_it_has(number: int) -> None:
    lines = TEXT.splitlines()
    left = "\n".join([*lines[:number], *lines[number + 1 :]])
    found = load_terms(left, name="terms.toml")

    if not isinstance(found, Terms):
        assert found
        assert all(fault.line is not None and 1 <= fault.line < len(lines) and fault.says.endswith((".", "…")) for fault in found), found
