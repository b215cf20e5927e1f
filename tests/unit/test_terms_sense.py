"""Are terms refused whose tables are right one by one, and make no sense together?"""

import pytest

from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from fixtures.care import EXAMPLE

TEXT = EXAMPLE.read_text(encoding="utf-8")
SAID = 'says = "As the contract has it."\nclause = "9"\n'
WEEKS = f'[period]\n{SAID}length = "four_weeks"\nfirst = 2026-04-06\n\n'


def faults_of(text: str) -> list[tuple[int | None, str | None, str]]:
    found = load_terms(text, name="terms.toml")
    assert not isinstance(found, Terms), "these terms load"
    return [(fault.line, fault.column, fault.says) for fault in found]


def only_fault(text: str) -> tuple[int | None, str | None, str]:
    [fault] = faults_of(text)
    return fault


def line_with(words: str, text: str) -> int:
    return next(number for number, line in enumerate(text.splitlines(), start=1) if words in line)


def with_tables(*tables: str) -> str:
    return TEXT.replace("[missed]", "".join(tables) + "[missed]", 1)


def with_step(name: str, more: str = "") -> str:
    return f'[[step]]\nstep = "{name}"\n{SAID}{more}\n'


def test_terms_that_end_before_they_start_are_refused() -> None:
    text = TEXT.replace("starts = 2026-04-06", "starts = 2026-04-06\nends = 2026-04-05")
    line, column, says = only_fault(text)

    assert (line, column) == (line_with("ends = ", text), "ends")
    assert "these terms would never be in force" in says


def test_an_example_after_the_end_of_the_terms_is_refused() -> None:
    text = TEXT.replace("starts = 2026-04-06", "starts = 2026-04-06\nends = 2026-10-24")
    line, column, says = only_fault(text)

    assert (line, column) == (line_with('planned = "2026-10-25', text), "planned")
    assert "is of 2026-10-25, and these terms are not in force on that day" in says


def test_a_step_of_a_period_needs_a_period() -> None:
    text = with_tables(with_step("percent_of_planned", "percent = 10\n"))
    line, column, says = only_fault(text)

    assert (line, column) == (line_with("percent_of_planned", text), "step")
    assert says.startswith("The step `percent_of_planned` works on all visits of a period, and no [period] says how long one is.")


def test_a_retainer_needs_the_clause_of_absences() -> None:
    text = with_tables(with_step("retainer", 'absences = ["hospital"]\nweeks = 4\npercent = 100\n'), WEEKS)

    assert "they could be paid twice. Add [absence]." in only_fault(text)[2]


def test_a_budget_needs_an_example_for_each_of_its_services() -> None:
    text = with_tables(with_step("budget", 'services = ["enablement"]\nweeks = 6\n'), WEEKS)
    line, column, says = only_fault(text)

    assert (line, column) == (line_with('services = ["enablement"]', text), "services")
    assert says.startswith("No example shows a package of `enablement` with a budget.")


@pytest.mark.parametrize(
    ("table", "twice"),
    [
        (f'[[share]]\n{SAID}health_percent = 20\nservices = ["care"]\n', "[[share]] 2 is for care, and so is [[share]] 1."),
        (f"[[charge]]\n{SAID}percent = 20\n", "[[charge]] 2 is for all services that no other [[charge]] names, and so is [[charge]] 1."),
        (f'[[not_made]]\n{SAID}why = "no_access"\npercent = 50\n', "[[not_made]] 2 is for no_access, and so is [[not_made]] 1."),
        (f"[[known_cliff]]\n{SAID}planned_minutes = 30\n", "[[known_cliff]] 2 is for 30 minutes, and so is [[known_cliff]] 1."),
    ],
)
def test_two_rules_for_the_same_are_refused(table: str, twice: str) -> None:
    text = with_tables(table, table)
    line, _, says = only_fault(text)

    header = table.split("\n")[0]
    assert line == len(text[: text.rindex(header)].splitlines()) + 1
    assert says == f"{twice} Only one can hold: remove one."


def test_a_share_of_a_service_without_a_price_is_refused() -> None:
    rate = f'[[price.rate]]\n{SAID}services = ["care"]\npounds_per_hour = "18.72"\n'
    text = TEXT.replace('pounds_per_hour = "18.72"', rate, 1) + f'\n[[share]]\n{SAID}health_percent = 20\nservices = ["cares"]\n'

    assert (line_with('"cares"', text), "services") in [(line, column) for line, column, _ in faults_of(text)]


def test_an_example_that_tells_of_a_step_that_is_not_there_is_refused() -> None:
    text = f"{TEXT}after = {{ minimum = 1800 }}\n"

    assert only_fault(text)[2].endswith("tells what is left after `minimum`, and there is no such step. Correct the name.")


def test_faults_of_shape_order_and_sense_are_told_at_once() -> None:
    rates = "".join(f'[[price.rate]]\n{SAID}from_time = "{start}"\npounds_per_hour = "18.72"\n' for start in ("06:00", "07:00"))
    text = (
        with_tables(f"[[not_made]]\n{SAID}percent = 20\n")
        .replace('"whole_minutes"', '"cap"', 1)
        .replace('"cap_at_planned"', '"whole_minutes"', 1)
        .replace('"cap"', '"cap_at_planned"', 1)
        .replace("starts = 2026-04-06", "starts = 2026-04-06\nends = 2026-04-01")
        .replace('pounds_per_hour = "18.72"', rates, 1)
    )
    assert [(line, column) for line, column, _ in faults_of(text)] == [
        (line_with("ends = ", text), "ends"),
        (line_with('"cap_at_planned"', text), "step"),
        (line_with("[[not_made]]", text), "why"),
        (line_with("[[price.rate]]", text), "rate"),
        (line_with('from_time = "07:00"', text) - 3, "rate"),
    ]


def test_a_fault_in_a_table_within_a_table_has_its_line_and_its_place() -> None:
    visit = '\n[[example.visit]]\nplanned = "2026-04-07 08:00-08:30"\n'
    example = '\n[[example]]\nname = "of two visits"\npaid_minutes = 0\npence = 0\n'
    text = f"{TEXT}{example}{visit}{visit}carers = 10\n[example.package]\nbudget = 600\n"
    (carers, _, about_carers), (budget, _, about_budget) = faults_of(text)

    assert (carers, budget) == (line_with("carers = 10", text), line_with("budget = 600", text))
    assert about_carers.startswith("`carers` in [[example.visit]] 2 of [[example]] 9: ")
    assert about_budget.startswith("`budget` in [example.package] of [[example]] 9: the price 600 stands without quotes.")


def test_a_table_that_contradicts_itself_is_named_by_its_place() -> None:
    text = TEXT.replace('[[step]]\nstep = "cap_at_planned"', with_step("tolerance") + '[[step]]\nstep = "cap_at_planned"')

    assert only_fault(text)[2].startswith("[[step]] 2: it names neither minutes nor percent")
