"""Does docs/payment-rules.md tell what the contract files say? Run alone, it writes it anew."""

import re
import sys
from pathlib import Path

from calltime_server.payment.catalogue import StepKind, catalogue
from calltime_server.payment.examples import play
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from calltime_server.payment.terms_told import told_terms

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/payment-rules.md"
CONTRACTS = ROOT / "server/calltime_server/contracts"

ABOUT = """\
# Payment rules

This page is written from the contract files: every sentence, clause, number and example below stands in one of them, and the examples have
been worked by the same code that pays. Do not edit it: change the contract file, then write the page anew with
`python tests/checks/payment_rules.py`.

Terms are read from top to bottom. Each step takes the time that the step before it left. What a period adds up comes after what is done to
single visits, and the price comes last. Every line ends as paid, parked (something may still release it) or refused (by a clause).

## The steps that terms can have
"""


def page() -> str:
    """Write the whole page from the contract files."""
    steps = [_steps("On each visit by itself:", "visit"), _steps("On all visits of a period together:", "period")]
    return "\n".join([ABOUT, *steps, *(_council(file) for file in files())])


def files() -> list[Path]:
    """List the contract files, the example council first."""
    return sorted(CONTRACTS.glob("*/*.toml"), key=lambda file: (file.parent.name != "example", file))


def _steps(title: str, works_on: str) -> str:
    return "\n".join([title, "", *(_step(kind) for kind in catalogue() if kind.works_on == works_on), ""])


def _step(kind: StepKind) -> str:
    told = "; ".join(f"`{each.name}` ({each.takes})" for each in kind.parameters)
    return f"- **{kind.name}**: {kind.does}{f' Told: {told}.' if told else ''}"


def _council(file: Path) -> str:
    terms = load_terms(file.read_text(encoding="utf-8"), name=f"{file.parent.name}/{file.name}")
    if not isinstance(terms, Terms):
        raise SystemExit("\n".join(f"{file}:{fault.line}: {fault.says}" for fault in terms))
    return re.sub(r"^#", "##", told_terms(terms, play(terms)), flags=re.MULTILINE)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{PAGE.relative_to(ROOT)}: {len(files())} contract files\n")
