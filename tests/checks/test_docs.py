"""Do the documents name what is there, and is there what they name?"""

import re
import subprocess
import sys
import tomllib
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

import pytest
from starlette.routing import Mount, Route

from calltime_server.app import make_app
from calltime_server.config import EXAMPLE_TERMS
from calltime_server.payment.terms import Terms
from calltime_server.payment.terms_file import load_terms
from calltime_wire.refusals import Reason

ROOT = Path(__file__).parents[2]
ROOMS = ("edge", "gateway", "server", "firmware-sim")
PACKAGES = (
    "edge/calltime_edge",
    "gateway/calltime_gateway",
    "gateway/calltime_wire",
    "server/calltime_server",
    "firmware-sim/calltime_sim",
)
BUILT = ROOT / "server/calltime_server/web/static/phone"
SOURCES = (".py", ".sql", ".toml", ".html")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), ROOT / "edge/README.md"])
DECISIONS = sorted(ROOT.glob("docs/adr/0*.md"))
SCRIPTS: dict[str, str] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]

LIFE = (ROOT / "docs/the-life-of-a-visit.md").read_text()
RUNNING = (ROOT / "docs/running-it.md").read_text()

named = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))


def source_files() -> set[str]:
    found = (file for package in PACKAGES for file in (ROOT / package).rglob("*") if file.suffix in SOURCES)
    return {"/".join(file.relative_to(ROOT).parts[1:]) for file in found if file.name != "__init__.py" and BUILT not in file.parents}


def variables(*paths: Path) -> set[str]:
    files = [file for path in paths for file in (path.rglob("*") if path.is_dir() else [path])]
    read = [
        file.read_text()
        for file in files
        if file.is_file() and not {"__pycache__", "node_modules"} & set(file.parts) and file.suffix not in {".json", ".mo", ".png", ".wasm"}
    ]
    return {found for text in read for found in re.findall(r"\bCALLTIME(?:_[A-Z]+)+\b", text)}


@cache
def commands(program: str) -> frozenset[str]:
    """The commands that the real program lists in its help: indented by four, the words about them by more."""
    words = [str(Path(sys.executable).with_name(program)), "--help"]
    said = subprocess.run(words, capture_output=True, text=True, check=True, timeout=60).stdout
    return frozenset(re.findall(r"^ {4}([a-z][a-z0-9-]*)\b", said, re.MULTILINE))


def code_in(document: Path) -> list[str]:
    text = document.read_text()
    return re.findall(r"```.*?```|^ {4}\S.*$|`[^`\n]+`", text, re.DOTALL | re.MULTILINE)


def anchors(document: Path) -> set[str]:
    """The names of a document's headings, as the web pages of repositories make them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def test_the_life_of_a_visit_names_every_source_file_and_no_other() -> None:
    told = set(re.findall(r"`(calltime_\w+/[\w./-]+\.\w+)`", LIFE))

    assert told == source_files()


def test_running_it_tells_every_setting_and_no_other() -> None:
    known = variables(
        *(ROOT / room for room in ROOMS), ROOT / "tests/fixtures", ROOT / ".ci", ROOT / "docker-compose.yml", ROOT / ".env.example"
    )

    assert set(re.findall(r"`(CALLTIME(?:_[A-Z]+)+)`", RUNNING)) == known


@pytest.mark.parametrize("program", SCRIPTS)
def test_running_it_tells_every_command(program: str) -> None:
    assert commands(program)
    for command in commands(program):
        assert re.search(rf"^\| `{program} {command}\b", RUNNING, re.MULTILINE), f"no row for {program} {command}"


@named
def test_no_document_tells_a_command_that_does_not_exist(document: Path) -> None:
    for code in code_in(document):
        for program, command in re.findall(rf"\b({'|'.join(SCRIPTS)})(?: --folder \S+)? ([a-z][a-z0-9-]*)", code):
            assert command in commands(program), f"{program} has no command {command}"


@named
def test_every_link_within_the_checkout_leads_somewhere(document: Path) -> None:
    for target in re.findall(r"\]\(([^)\s]+)\)", document.read_text()):
        if target.startswith(("http://", "https://")):
            continue
        path, _, anchor = target.partition("#")
        there = (document.parent / path).resolve() if path else document
        assert there.exists(), f"{target} leads nowhere"
        assert not anchor or anchor in anchors(there), f"{target}: {there.name} has no such heading"


def test_running_it_tells_every_page_that_can_be_opened() -> None:
    """What programs ask for stands in docs/api.md, which has a test of its own."""
    terms = load_terms(EXAMPLE_TERMS.read_text(), name="example")
    assert isinstance(terms, Terms)
    app = make_app(dsn="postgresql:///none", terms=terms, broker="", public_url="", now=lambda: datetime(2026, 10, 5, 12, tzinfo=UTC))
    pages = next(room for room in app.routes if isinstance(room, Mount) and not room.path)
    opened = [route for route in pages.routes if isinstance(route, Route) and "GET" in (route.methods or ())]
    addresses = {route.path.replace(":path", "") for route in opened} - {"/"}

    assert addresses
    assert {address for address in addresses if f"`{address}`" not in RUNNING} == set()


def test_running_it_tells_every_kind_of_problem_and_every_reason_of_quarantine() -> None:
    sources = [file.read_text() for file in (ROOT / "server/calltime_server/visits").glob("*.py")]
    kinds = {kind for text in sources for kind in re.findall(r'kind="(\w+)"', text)}
    rows = [line.split("|")[1] for line in RUNNING.splitlines() if line.startswith("| `")]
    told = {name for row in rows for name in re.findall(r"`([^`]+)`", row)}

    assert kinds
    assert kinds <= told
    assert {reason.value for reason in Reason} <= told


@pytest.mark.parametrize("decision", DECISIONS, ids=lambda path: path.stem)
def test_a_decision_is_one_screen_and_says_what_was_given_up_and_when_to_revisit(decision: Path) -> None:
    text = decision.read_text()
    places = [text.find(f"\n## {part}\n") for part in ("Context", "Decision", "What we gave up", "When to revisit")]

    assert -1 not in places
    assert places == sorted(places)
    assert len(text.splitlines()) <= 60
    assert f"({decision.name})" in (ROOT / "docs/adr/README.md").read_text()
