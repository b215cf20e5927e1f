"""In which sentences does a decided line explain itself?

The columns of a line are its explanation already; here they are put into words, each with its clause. Kept apart from deciding, because
words take longer than sums, and whoever tries other terms on a year needs none.
"""

from collections.abc import Callable, Sequence

import polars as pl

from calltime_server.payment import telling
from calltime_server.payment.calculation import Calculation, calculation
from calltime_server.payment.deciding import lines_of
from calltime_server.payment.gate_words import gate_told, no_rate_told, unmade_told
from calltime_server.payment.once import once
from calltime_server.payment.period.beside import told_beside
from calltime_server.payment.period.money import budget_sentence
from calltime_server.payment.price_words import price_told
from calltime_server.payment.share_words import shares_told
from calltime_server.payment.tap_words import with_taps_told
from calltime_server.payment.terms import Terms

Pieces = Sequence[pl.Expr | pl.Series]
Words = Callable[[pl.DataFrame, Terms], Pieces]

IS_VISIT = pl.col("kind") == "visit"
GATED = pl.col("gate").is_not_null()


def explained(decided: pl.DataFrame, terms: Terms) -> pl.DataFrame:
    """Frame: as it came from `decide` → the lines with their `explanation`, in the same order."""
    told = [
        _told(decided, IS_VISIT & ~GATED, _worked, terms),
        _told(decided, IS_VISIT & GATED, _gated, terms),
        _told(decided, ~IS_VISIT, _beside, terms),
    ]
    return lines_of(decided.with_columns(pl.concat(told).sort("line")["explanation"]), terms)


def _told(decided: pl.DataFrame, which: pl.Expr, words: Words, terms: Terms) -> pl.DataFrame:
    some = decided.with_row_index("line").filter(which).rechunk()  # pl.format fails on columns that lie in different pieces
    pieces = some.select("line", **{f"piece {number}": piece for number, piece in enumerate(words(some, terms))})
    told = pl.concat_str(pl.exclude("line"), separator=" ", ignore_nulls=True)
    return pieces.rechunk().select("line", explanation=told)


def _worked(lines: pl.DataFrame, terms: Terms) -> Pieces:
    steps = calculation(terms)
    lines = with_taps_told(lines)
    return [
        once(lines, [telling.planned()]),
        lines["taps_told"],
        *_before_the_steps(terms),
        once(lines, _visit_steps(steps, terms)),
        *(step.sentence for step in steps.period),
        price_told(lines, terms, seconds=steps.last, covered=steps.covered),
        *_after_the_price(terms),
        lines["evidence"],
    ]


def _gated(_lines: pl.DataFrame, terms: Terms) -> Pieces:
    nobody = pl.when(pl.col("delivery") == "missed").then(telling.nobody_tapped(terms.matching.window_minutes))
    return [telling.planned(), telling.tapped(), nobody, gate_told(terms), telling.evidence()]


def _beside(_lines: pl.DataFrame, terms: Terms) -> Pieces:
    return [told_beside(terms), *shares_told(terms)]


def _before_the_steps(terms: Terms) -> list[pl.Expr]:
    sentences = []
    if terms.entered is not None:
        sentences.append(telling.entered(terms.entered.clause))
    if terms.absence is not None:
        sentences.append(telling.stopped(terms.absence.clause))
    if terms.not_made:
        sentences.append(unmade_told(terms))
    return sentences


def _visit_steps(steps: Calculation, terms: Terms) -> list[pl.Expr]:
    sentences = [step.sentence for step in steps.visit]
    return [pl.when(~pl.col("given")).then(sentence) for sentence in sentences] if terms.not_made else sentences


def _after_the_price(terms: Terms) -> list[pl.Expr]:
    unpriced = pl.when(pl.col("reason") == "no_rate").then(pl.lit(no_rate_told(terms)))
    budget = budget_sentence(terms)
    return [unpriced, *([] if budget is None else [budget]), *shares_told(terms)]
