"""In which words is told that a line is parked or refused, by what clause, and what would release it?"""

from datetime import date

import polars as pl

from calltime_server.payment.terms import Terms
from calltime_server.visits import london

UNMADE_WORDS = {
    "no_access": "the carer got no access",
    "declined_at_door": "the service user declined the visit at the door",
    "cancelled_in_notice": "it was cancelled in notice",
    "cancelled_short_notice": "it was cancelled at short notice",
    "cancelled_by_council": "the council cancelled it",
}


def gate_told(terms: Terms) -> pl.Expr:
    """A sentence for each line that has a `gate`, over the columns of `decide`."""
    told = pl.lit(None, dtype=pl.String)
    for gate, sentence in _sentences(terms).items():
        told = pl.when(pl.col("gate") == gate).then(sentence).otherwise(told)
    return told


def lacking_releases(terms: Terms) -> str:
    """What releases a visit that lacks an end. What a provider enters does so only where the terms say with which reasons it is paid."""
    by_hand = (
        "a correction by the provider with a reason that these terms pay for"
        if terms.entered
        else "terms that pay for an end entered by hand"
    )
    return f"its tap, or {by_hand}"


def no_rate_told(terms: Terms) -> str:
    return (
        f"Parked ({terms.price.clause}): these terms name no price for all of this time with this provider, zone and service. "
        "Terms that name one release it."
    )


def unmade_told(terms: Terms) -> pl.Expr:
    """Of a visit that was not made and is paid all the same: why, how much, by which clause."""
    told = pl.lit(None, dtype=pl.String)
    for rule in terms.not_made:
        most = "" if rule.at_most_minutes is None else f", at most {rule.at_most_minutes} min"
        paid = f"{rule.percent} % of the planned time{most} ({rule.clause}): {{}} min."
        sentence = pl.format(f"Not made: {UNMADE_WORDS[rule.why]}{{}}. {paid}", _told_at(), pl.col("counted_seconds") // 60)
        told = pl.when(pl.col("delivery") == rule.why).then(sentence).otherwise(told)
    return told


def _sentences(terms: Terms) -> dict[str, pl.Expr]:
    absence = pl.format("the service user was absent ({}) from {} on", "absence", london.moment(pl.col("stopped_at")))
    grade, released = terms.grade, lacking_releases(terms)
    return {
        "missed": pl.format("Refused ({}): {}", pl.lit(terms.missed.clause), pl.lit(terms.missed.says)),
        "no_terms_in_force": _not_in_force(terms),
        **{why: _unmade(terms, why, words) for why, words in UNMADE_WORDS.items()},
        "absent": pl.format("Refused ({}): {}. {}", pl.lit(terms.absence.clause), absence, pl.lit(terms.absence.says))
        if terms.absence
        else pl.format(
            "Parked: {}, and these terms do not say what is paid then. A corrected absence, or terms that say it, releases it.", absence
        ),
        "tapped_while_absent": pl.format(
            "Parked: {}, and yet both taps are there. A corrected absence, or word of whose taps these are, releases it.", absence
        ),
        "no_stop": pl.lit(f"Parked: the stop is missing. {released[0].upper()}{released[1:]}, releases it."),
        "no_start": pl.lit(f"Parked: the start is missing. {released[0].upper()}{released[1:]}, releases it."),
        "entered_reason": _entered(terms),
        "low_grade": pl.format(
            "Parked ({}): a tap proves grade {}, and grade {} is asked for at the least. "
            "Better evidence, or terms that ask for less, releases it.",
            pl.lit(grade.clause if grade else ""),
            pl.col("grade"),
            pl.lit(grade.at_least if grade else 0),
        ),
        "one_carer_short": pl.format(
            "Parked: {} carers were asked for, and it is not known when all of them were there. "
            "The missing taps, or a plan for one carer alone, release it.",
            pl.col("carers"),
        ),
        "two_packages": pl.lit("Parked: more than one package of care fits this visit. Let one of them end before the other begins."),
        "no_package": pl.lit("Parked: no package of care was agreed that fits this visit. One that does releases it."),
    }


def _not_in_force(terms: Terms) -> pl.Expr:
    day = london.day(pl.col("planned_start"))
    starts = pl.format(
        "Parked: these terms start on {}, and on {} none were in force. Settle again with that day's terms.",
        pl.lit(_spelled(terms.starts)),
        day,
    )
    if terms.ends is None:
        return starts
    ended = pl.format(
        "Parked: these terms ended on {}, and on {} they were not in force. Settle again with that day's terms.",
        pl.lit(_spelled(terms.ends)),
        day,
    )
    return pl.when(pl.col("day") < terms.starts).then(starts).otherwise(ended)


def _spelled(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _unmade(terms: Terms, why: str, words: str) -> pl.Expr:
    rule = next((rule for rule in terms.not_made if rule.why == why), None) or terms.missed
    return pl.format(f"Not made: {words}{{}}. Refused ({{}}): {{}}", _told_at(), pl.lit(rule.clause), pl.lit(rule.says))


def _told_at() -> pl.Expr:
    when = pl.format(" (told {})", london.moment(pl.col("told_at")))
    return pl.when(pl.col("told_at").is_not_null()).then(when).otherwise(pl.lit(""))


def _entered(terms: Terms) -> pl.Expr:
    named = pl.col("entered_reasons").fill_null("no reason")
    if terms.entered is None:
        return pl.format(
            "Parked: an end was entered by hand ({}), and these terms pay for no such end. The tap, or terms that pay for it, releases it.",
            named,
        )
    return pl.format(
        "Parked ({}): an end was entered by hand ({}), and this reason is not among those that are paid. "
        "The tap releases it; or the end, entered again with a reason that is paid if that is the true one; or terms that pay for "
        "this one.",
        pl.lit(terms.entered.clause),
        named,
    )
