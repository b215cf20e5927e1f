"""Does this text hold terms that can be used to pay, and if not, what is wrong with it and where?

All faults are reported at once. Terms whose own worked examples do not come out, or that have a cliff that nobody signed for, are refused
as well: that is looked at when the rest holds.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256

from pydantic import ValidationError

from calltime_server.faults import Fault
from calltime_server.payment.cliffs import wrong_cliffs
from calltime_server.payment.examples import wrong_examples
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_faults import wrong_shape
from calltime_server.payment.terms_sense import Wrong, senseless, unshown, wrong_order
from calltime_server.payment.terms_shape import Contract, readable
from calltime_server.payment.terms_steps import PERIOD_STEPS
from calltime_server.payment.toml_lines import Key, line_of, lines_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """Terms that can be tried, and what must be mended before they can be put in force: of their examples, and of their cliffs."""

    terms: Terms
    to_mend: tuple[Fault, ...]


def load_terms(text: str, *, name: str) -> Terms | tuple[Fault, ...]:
    """The terms in this TOML text, or everything that is wrong with it, by line. `name` is what people call the file."""
    found = load_to_try(text, name=name)
    if isinstance(found, Trial):
        return found.to_mend or found.terms
    return found


def load_to_try(text: str, *, name: str) -> Trial | tuple[Fault, ...]:
    """The same of terms that are only tried: examples that do not come out, or that lack, do not refuse them."""
    try:
        written = tomllib.loads(text)
    except (ValueError, RecursionError) as error:
        return (_not_toml(text, str(error)),)
    parts = readable(written)
    wrong, of_examples = [*wrong_order(written), *senseless(parts)], [*unshown(parts)]
    try:
        contract = Contract.model_validate(written)
    except ValidationError as error:
        return _located([*wrong_shape(error), *wrong, *of_examples], text)
    if wrong:
        return _located([*wrong, *of_examples], text)
    terms = _terms(contract, text=text, name=name)
    return Trial(terms=terms, to_mend=_located(of_examples or [*_wrong_outcomes(terms)], text))


def _wrong_outcomes(terms: Terms) -> Iterator[Wrong]:
    for number, says in wrong_examples(terms):
        yield ("example", number), says
    yield from wrong_cliffs(terms)


def _terms(contract: Contract, *, text: str, name: str) -> Terms:
    return Terms(
        name=name,
        sha256=sha256(text.encode()).hexdigest(),
        council=contract.council,
        title=contract.title,
        nation=contract.nation,
        starts=contract.starts,
        ends=contract.ends,
        approved_by=contract.approved_by,
        pairing=contract.pairing,
        matching=contract.matching,
        period=contract.period,
        visit_steps=tuple(step for step in contract.step if not isinstance(step, PERIOD_STEPS)),
        period_steps=tuple(step for step in contract.step if isinstance(step, PERIOD_STEPS)),
        missed=contract.missed,
        not_made=contract.not_made,
        absence=contract.absence,
        entered=contract.entered,
        grade=contract.grade,
        price=contract.price,
        shares=contract.share,
        charge=contract.charge,
        known_cliffs=contract.known_cliff,
        examples=contract.example,
        text=text,
    )


def _not_toml(text: str, trouble: str) -> Fault:
    found = re.search(r"at line (\d+)", trouble)
    line = int(found.group(1)) if found else text.count("\n") + 1
    return Fault(line=line, column=None, says=f"This is not TOML: {trouble}. Mend this line first; the rest is read after that.")


def _located(wrong: Sequence[Wrong], text: str) -> tuple[Fault, ...]:
    lines = lines_of(text)
    faults = [Fault(line=line_of(key, lines), column=_column(key), says=says) for key, says in wrong]
    return tuple(sorted(faults, key=lambda fault: (fault.line or 0, fault.column or "", fault.says)))


def _column(key: Key) -> str | None:
    return next((name for name in reversed(key) if isinstance(name, str)), None)
