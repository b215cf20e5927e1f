"""Do these steps make sense in this order?"""

from collections.abc import Mapping, Sequence
from typing import Any

CUT = ("count_from", "trim_to_window")
EACH_END = "round of each end"
LENGTHS = ("whole_minutes", "round", "tolerance", "minimum", "band", "cap_at_planned")
HOURS = ("complete_units", "agreed_hours", "contingency_hours", "percent_of_planned", "bank", "weekly_ceiling")
BESIDE = ("budget", "retainer", "block_hours")
PERIOD = (*HOURS, *BESIDE)
VISIT = (*CUT, "double_handed", "waiting", EACH_END, *LENGTHS)
GIVES_WHOLE_MINUTES = {"whole_minutes", "round", EACH_END, "band"}

# Each of the first must stand before each of the second, because …
BEFORE: tuple[tuple[tuple[str, ...], tuple[str, ...], str], ...] = (
    (VISIT, PERIOD, "a period adds up what its visits came to, so what is done to a visit comes first"),
    (("double_handed",), (*CUT, EACH_END, "waiting", *LENGTHS), "it says which time counts at all, and would undo what was done before it"),
    (
        CUT,
        (EACH_END, "waiting", *LENGTHS),
        "it cuts at times on the clock, and a length that was changed before has no such times",
    ),
    ((EACH_END,), ("waiting", *LENGTHS), "it begins anew from the two times, and would undo what was done before it"),
    (("waiting",), ("whole_minutes",), "the seconds of waiting come on top, and minutes would no longer be whole"),
    (("waiting",), ("round", "band"), "waiting on top of a rounded length makes one that was never rounded"),
    (("waiting",), ("cap_at_planned",), "waiting on top of a capped length would pay more than the cap allows"),
    (("whole_minutes",), ("round", "band"), "after it the minutes are whole already, and no seconds are left to be dropped"),
    (
        ("whole_minutes",),
        ("cap_at_planned",),
        "capped first, odd seconds would be put down to the plan and not to the rounding, and the provider told a wrong reason",
    ),
    (("round", "tolerance", "minimum"), ("band",), "after a band a visit would get a length that is none of the bands"),
    (("minimum",), ("cap_at_planned",), "capped first, a minimum longer than the plan would pay more than the cap allows"),
    (("round", "band"), ("cap_at_planned",), "capped first, a length could be rounded up to more than the cap allows"),
    (("tolerance",), ("cap_at_planned",), "capped first, every long visit would look as if it had kept to its plan"),
    (("complete_units",), HOURS[1:], "hours would be used up by minutes that are dropped afterwards"),
    (("agreed_hours",), ("contingency_hours",), "contingency hours pay what is above the agreed hours, and that must be known by then"),
    (("agreed_hours", "contingency_hours", "percent_of_planned"), ("bank",), "the bank pays what is above, and that must be known by then"),
    (HOURS[:-1], ("weekly_ceiling",), "time that is not paid anyway would use up the provider's week"),
    (HOURS, BESIDE, "it works on the hours that are paid, and these must be known by then"),
)
# The first needs one of the second before it, because …
NEEDS = (
    ("contingency_hours", ("agreed_hours",), "contingency hours are those above the agreed hours"),
    ("bank", ("agreed_hours", "percent_of_planned"), "the bank pays only for what another step has parked"),
)


def out_of_order(entries: Sequence[Mapping[str, Any]]) -> list[tuple[int, str]]:
    """The number of each step (a table with `step`) that stands wrong, from 0, with the reason."""
    steps = [_name(entry) for entry in entries]
    given = [str(entry.get("step")) for entry in entries]
    wrong = [
        (number, f"The step `{step}` stands here a second time. Each step is taken once: remove one of the two.")
        for number, step in enumerate(given)
        if step in given[:number]
    ]
    return [*wrong, *_turned_round(steps), *_lonely(steps), *_not_whole(steps)]


def _name(entry: Mapping[str, Any]) -> str:
    name = str(entry.get("step"))
    return EACH_END if name == "round" and entry.get("of") == "each_end" else name


def _turned_round(steps: Sequence[str]) -> list[tuple[int, str]]:
    return [
        (steps.index(second), f"The step `{second}` stands before `{first}`: {why}. Put `{first}` first.")
        for firsts, seconds, why in BEFORE
        for first in firsts
        for second in seconds
        if first in steps and second in steps and steps.index(second) < steps.index(first)
    ]


def _lonely(steps: Sequence[str]) -> list[tuple[int, str]]:
    return [
        (steps.index(step), f"The step `{step}` stands alone: {why}. Add {' or '.join(f'`{each}`' for each in others)} before it.")
        for step, others, why in NEEDS
        if step in steps and not set(others) & set(steps)
    ]


def _not_whole(steps: Sequence[str]) -> list[tuple[int, str]]:
    if steps and not GIVES_WHOLE_MINUTES & set(steps):
        return [(0, "No step makes whole minutes, and only whole minutes are paid. Add the step `whole_minutes`.")]
    if EACH_END in steps and "waiting" in steps:
        if not {"whole_minutes", "band"} & set(steps):
            says = (
                "The step `waiting` adds seconds to ends that were rounded, and only whole minutes are paid. Add `whole_minutes` after it."
            )
            return [(steps.index("waiting"), says)]
    elif EACH_END in steps and "whole_minutes" in steps:
        says = "The step `whole_minutes` does nothing: each end is rounded to whole minutes. Remove it."
        return [(steps.index("whole_minutes"), says)]
    return []
