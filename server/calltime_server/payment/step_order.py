"""Do these steps make sense in this order?"""

from collections.abc import Sequence

# The first must stand before the second, because …
BEFORE = (
    (
        "whole_minutes",
        "cap_at_planned",
        "capped first, odd seconds would be put down to the plan and not to the rounding, and the provider told a wrong reason",
    ),
)


def out_of_order(steps: Sequence[str]) -> list[tuple[int, str]]:
    """The number of each step that stands wrong, from 0, with the reason."""
    wrong = [
        (number, f"The step `{step}` stands here a second time. Each step is taken once: remove one of the two.")
        for number, step in enumerate(steps)
        if step in steps[:number]
    ]
    wrong += [
        (steps.index(second), f"The step `{second}` stands before `{first}`: {why}. Put `{first}` first.")
        for first, second, why in BEFORE
        if first in steps and second in steps and steps.index(second) < steps.index(first)
    ]
    if steps and "whole_minutes" not in steps:
        wrong.append((0, "No step makes whole minutes, and only whole minutes are paid. Add the step `whole_minutes`."))
    return wrong
