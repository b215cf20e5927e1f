"""Are worked examples of the long form played through the real path, and every difference told?"""

import re

from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from fixtures.care import EXAMPLE

TEXT = EXAMPLE.read_text(encoding="utf-8").partition("# Worked examples")[0]
SAID = 'says = "As the contract has it."\nclause = "9"\n'
POOL = f'[[step]]\nstep = "agreed_hours"\n{SAID}\n[period]\n{SAID}length = "four_weeks"\nfirst = 2026-04-06\n\n'
POOLED = TEXT.replace("[missed]", f"{POOL}[missed]")


def wrong(text: str) -> list[str]:
    found = load_terms(text, name="terms.toml")
    return [] if isinstance(found, Terms) else [fault.says for fault in found]


def example(name: str, *, paid: int, pence: int, more: str = "", visits: str) -> str:
    return f'\n[[example]]\nname = "{name}"\npaid_minutes = {paid}\npence = {pence}\n{more}{visits}'


def visit(day: str, planned: str, taps: str, more: str = "") -> str:
    return f'[[example.visit]]\nplanned = "{day} {planned}"\ntaps = ["{taps}"]\n{more}\n'


def test_a_visit_that_is_repeated_is_played_as_often() -> None:
    # 7 × 30 min × 31.2p = 7 × 936p = 6552p.
    visits = visit("2026-04-07", "08:00-08:30", "08:00:00 08:30:00", "times = 7")

    assert wrong(TEXT + example("a week", paid=210, pence=6552, visits=visits)) == []


def test_hours_of_a_package_are_counted_for_each_example_by_itself() -> None:
    # 60 agreed minutes: two visits of 30 min are paid, the third is parked. 60 × 31.2p = 1872p.
    visits = visit("2026-04-07", "08:00-08:30", "08:00:00 08:30:00", "times = 3")
    package = "parked_minutes = 30\n[example.package]\nagreed_minutes = 60\n"
    one = example("above the agreed hours", paid=60, pence=1872, more=package, visits=visits)
    other = example("the same of another", paid=60, pence=1872, more=package, visits=visits)

    assert wrong(POOLED + one + other) == []


def test_what_differs_is_told_with_what_came_for_each_figure_that_is_named() -> None:
    visits = visit("2026-04-07", "08:00-08:30", "08:00:00 08:30:00", "times = 3")
    package = "parked_minutes = 0\n[example.package]\nagreed_minutes = 60\n"
    [says] = wrong(POOLED + example("all paid", paid=90, pence=2808, more=package, visits=visits))

    expected = (
        "The example “all paid” says 90 min, 2808 pence and 0 min parked, but these terms come to 60 min, 1872 pence and 30 min parked: "
    )
    assert says.startswith(expected)
    assert says.endswith("Correct the example, or the terms.")


def test_two_carers_at_once_are_two_lines() -> None:
    # 30 min + 25 min = 55 min. 936p + 780p = 1716p.
    visits = visit("2026-04-07", "08:00-08:30", '08:00:00 08:30:00", "08:05:00 08:30:00', "carers = 2")

    assert wrong(TEXT + example("two carers", paid=55, pence=1716, visits=visits)) == []


def test_an_outcome_and_the_seconds_after_a_step_can_be_named() -> None:
    single = 'planned = "2026-04-07 08:00-08:30"\ntaps = "08:00:00 08:27:45"\noutcome = "pay"\nafter = { whole_minutes = 1620 }\n'
    assert wrong(TEXT + example("27 min 45 s", paid=27, pence=842, visits=single)) == []

    [says] = wrong(TEXT + example("27 min 45 s", paid=27, pence=842, visits=single.replace("1620", "1665").replace('"pay"', '"park"')))
    assert "says 27 min, 842 pence, the visit parked and 1665 s after the step “whole minutes”, but these terms come to" in says
    assert "27 min, 842 pence, the visit paid and 1620 s after the step “whole minutes”: " in says


def test_nobody_came_and_nothing_is_paid() -> None:
    visits = '[[example.visit]]\nplanned = "2026-04-07 08:00-08:30"\n'

    assert wrong(TEXT + example("missed", paid=0, pence=0, more='outcome = "refuse"\n', visits=visits)) == []


def test_only_what_was_known_by_a_day_is_played() -> None:
    # Three of the five visits lie before the end of the 9th: 3 × 936p = 2808p.
    visits = visit("2026-04-07", "08:00-08:30", "08:00:00 08:30:00", "times = 5")

    assert wrong(TEXT + example("by the 9th", paid=90, pence=2808, more="settled_on = 2026-04-09\n", visits=visits)) == []


def test_the_same_time_tomorrow_is_the_same_on_the_wall_when_the_clocks_change() -> None:
    # The clocks went back on the 25th. Each visit is at 08:00 in London, 24 or 25 hours after the one before: 3 × 936p = 2808p.
    visits = visit("2026-10-24", "08:00-08:30", "08:00:00 08:30:00", "times = 3")
    found = load_terms(TEXT + example("three mornings", paid=90, pence=2808, visits=visits), name="terms.toml")

    assert isinstance(found, Terms), found


def test_ends_that_were_entered_by_hand_need_a_reason_that_the_terms_name() -> None:
    paid = visit("2026-04-07", "08:00-08:30", "08:00:00 08:30:00", 'entered = "phone was broken"')
    parked = visit("2026-04-07", "08:00-08:30", "08:00:00 08:30:00", 'entered = "forgot"')
    text = re.sub(r"^reasons = .*$", 'reasons = ["phone was broken"]', TEXT, count=1, flags=re.MULTILINE)

    one = example("a reason of the contract", paid=30, pence=936, visits=paid)
    other = example("another reason", paid=0, pence=0, more='outcome = "park"\n', visits=parked)
    assert wrong(text + one + other) == []


def test_waiting_before_the_first_tap_is_played() -> None:
    # 10 min waited, of which 5 are paid; 24 min of contact. 29 min × 31.2p = 904.8p, rounded to 905p.
    waiting = f'[[step]]\nstep = "waiting"\n{SAID}at_most_minutes = 5\n\n'
    text = TEXT.replace('[[step]]\nstep = "whole_minutes"', f'{waiting}[[step]]\nstep = "whole_minutes"')
    visits = visit("2026-04-07", "08:00-08:30", "08:06:00 08:30:00", "waiting_minutes = 10")

    assert wrong(text + example("waited", paid=29, pence=905, visits=visits)) == []


def test_what_was_told_of_a_visit_that_was_not_made_is_played() -> None:
    # Told two hours before: short notice, of which half is paid. 15 min × 31.2p = 468p.
    rule = f'[[not_made]]\n{SAID}why = "cancelled_short_notice"\npercent = 50\n\n'
    told = 'told = "cancelled_by_client"\ntold_at = "2026-04-07 06:00-07:00"\n'
    visits = f'[[example.visit]]\nplanned = "2026-04-07 08:00-08:30"\n{told}'

    assert wrong(TEXT.replace("[price]", f"{rule}[price]") + example("told late", paid=15, pence=468, visits=visits)) == []


def test_a_fund_holder_is_paid_and_the_nhs_has_its_share() -> None:
    # 30 min are 936p; the NHS pays 33.33 %: 311.97p, rounded to 312p, and the council 624p.
    package = 'payee = "fund"\ncouncil_pence = 624\nhealth_pence = 312\n[example.package]\nhealth_percent = 3333\nfund_holder = "fund"\n'
    visits = visit("2026-04-07", "08:00-08:30", "08:00:00 08:30:00")

    assert wrong(TEXT + example("of a fund", paid=30, pence=936, more=package, visits=visits)) == []
