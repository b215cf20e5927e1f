"""Are terms refused by which staying longer pays less, unless somebody has signed for it?"""

from calltime_server.payment.cliffs import cliffs
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from fixtures.care import EXAMPLE

TEXT = EXAMPLE.read_text(encoding="utf-8")
SAID = 'says = "As the contract has it."\nclause = "9"\n'
# 15 min for £9.00 and then £24.00 an hour, but 30 min for £14.00: 29 min cost £9.00 + 14 × 40p = £14.60, and 30 min £14.00.
BANDS = '[[price.band]]\nminutes = 15\npounds = "9.00"\n[[price.band]]\nminutes = 30\npounds = "14.00"\n'
EXAMPLES = TEXT.index("# Worked examples")
BANDED = TEXT[:EXAMPLES].replace('"18.72"', f'"24.00"\n{BANDS}') + (
    '[[example]]\nname = "half an hour"\nplanned = "2026-04-07 08:00-08:30"\ntaps = "08:00:00 08:30:00"\npaid_minutes = 30\npence = 1400\n'
)


def loaded(text: str) -> Terms | list[str]:
    found = load_terms(text, name="terms.toml")
    return found if isinstance(found, Terms) else [fault.says for fault in found]


def known(*planned: int) -> str:
    return "".join(f"[[known_cliff]]\n{SAID}planned_minutes = {minutes}\n" for minutes in planned)


def test_whole_minutes_up_to_the_plan_have_no_cliff() -> None:
    terms = loaded(TEXT)

    assert isinstance(terms, Terms)
    assert cliffs(terms) == ()


def test_bands_that_cost_less_than_what_leads_to_them_are_refused_for_each_planned_length() -> None:
    says = loaded(BANDED)

    assert isinstance(says, list)
    assert len(says) == 3  # planned for 30, 45 and 60 min; a visit of 15 min is cut at the plan before
    assert says[0].startswith(
        "A visit planned for 30 min is paid 1460 pence for 29 min and 1400 for 30: by the price, staying longer pays less."
    )
    assert "[[known_cliff]] with planned_minutes = 30" in says[0]


def test_a_cliff_that_is_signed_for_is_no_fault() -> None:
    assert isinstance(loaded(BANDED + known(30, 45, 60)), Terms)


def test_a_known_cliff_that_is_none_is_a_fault() -> None:
    [says] = loaded(BANDED + known(15, 30, 45, 60))  # type: ignore[misc]

    assert says == "Of a visit planned for 15 min, staying longer never pays less. Remove this [[known_cliff]]."
