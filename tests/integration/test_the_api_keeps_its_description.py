"""Is openapi.json true? Schemathesis asks a real office with the small day in it all that is allowed, and much that is not."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from calltime_server.rights import RIGHTS, Right, Role
from calltime_server.store.connection import connect, execute
from fixtures.office import Pass, let_in, office
from fixtures.small_day import SmallDay

PROGRAM = Path(sys.executable).parent / "schemathesis"
SEED = "20261005"
EXAMPLES = "6"
SLOWLY = "2800/m"  # below what a token may ask in a minute: an answer of 429 would show nothing
PHASES = {Role.OFFICER: "examples,coverage", Role.PROVIDER: "examples,fuzzing"}
HOOKS = """
import schemathesis

@schemathesis.serializer("application/toml")
def toml(context, value):
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")
"""
# Whether a reference is known, and what goes with what, no schema says: 400, 404 and 409 tell it in a sentence.
WRONG_ON_PURPOSE = "positive_data_acceptance"


def described(client: httpx.Client) -> dict[str, dict[str, dict[str, object]]]:
    """The operations, by path and method."""
    paths: dict[str, dict[str, dict[str, object]]] = client.get("/api/v1/openapi.json").json()["paths"]
    return paths


@pytest.mark.parametrize(("role", "provider"), [(Role.OFFICER, None), (Role.PROVIDER, "North Care")])
def test_whatever_is_asked_is_answered_as_described(settled_day: SmallDay, tmp_path: Path, role: Role, provider: str | None) -> None:
    if not PROGRAM.exists():
        pytest.skip("Schemathesis is missing. Install the development tools: make setup")
    let = let_in_under_a_high_number(settled_day.dsn, role, provider)
    with office(settled_day.dsn, let=let) as client:
        arguments = ("run", f"{client.base_url}/api/v1/openapi.json", "--header", f"Authorization: Bearer {let.token}", "--no-color")
        bounds = ("--seed", SEED, "--max-examples", EXAMPLES, "--phases", PHASES[role], "--workers", "1")
        gently = ("--continue-on-failure", "--rate-limit", SLOWLY)
        checks = ("--checks", "all", "--exclude-checks", WRONG_ON_PURPOSE, "--warnings", "off", "--suppress-health-check", "all")
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path)}
        environment |= {"PYTHONPATH": str(tmp_path), "SCHEMATHESIS_HOOKS": "bodies"}
        (tmp_path / "bodies.py").write_text(HOOKS, encoding="utf-8")
        found = subprocess.run(
            [PROGRAM, *arguments, *bounds, *gently, *checks],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            timeout=280,
            check=False,
        )
        still_let_in = client.get("/api/v1/visits").status_code

    assert found.returncode == 0, found.stdout[-20_000:] + found.stderr
    assert still_let_in == 200  # and so was not answered 401 all the while


def let_in_under_a_high_number(dsn: str, role: Role, provider: str | None) -> Pass:
    """A token whose number nobody hits on who revokes tokens at random."""
    with connect(dsn) as connection:
        execute(connection, "ALTER TABLE api_token ALTER COLUMN token RESTART WITH 7000000000007", {})
    return let_in(dsn, role, provider=provider)


def test_every_operation_but_that_of_doors_needs_a_token_and_names_its_right(client: httpx.Client) -> None:
    without = []
    for path, methods in described(client).items():
        for method, operation in methods.items():
            if operation["security"] == []:
                without.append((method, path))
                continue
            assert operation["security"] == [{"token": []}], path
            assert Right(str(operation["x-scope"])) in {right for rights in RIGHTS.values() for right in rights}, path

    assert sorted(without) == [("get", "/phone/time"), ("post", "/enrolments"), ("post", "/phone/mine")]


def test_every_operation_refuses_whoever_has_no_token_and_whoever_has_not_the_scope(settled_day: SmallDay) -> None:
    with office(settled_day.dsn, let=let_in(settled_day.dsn, Role.ADMINISTRATOR)) as client:
        for path, methods in described(client).items():
            for method, operation in methods.items():
                if operation["security"] == []:
                    continue
                address = "/api/v1" + path.replace("{", "").replace("}", "")
                assert client.request(method, address, headers={"Authorization": ""}).status_code == 401, (method, path)
                if Right(str(operation["x-scope"])) not in RIGHTS[Role.ADMINISTRATOR]:
                    assert client.request(method, address).status_code == 403, (method, path)


def test_every_operation_has_a_summary_one_tag_and_what_it_answers(client: httpx.Client) -> None:
    tags = {tag["name"] for tag in client.get("/api/v1/openapi.json").json()["tags"]}
    for path, methods in described(client).items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation.get("summary"), where
            assert len(operation["tags"]) == 1, where  # type: ignore[arg-type]
            assert set(operation["tags"]) <= tags, where  # type: ignore[call-overload]
            responses: dict[str, dict[str, object]] = operation["responses"]  # type: ignore[assignment]
            good = [answer for status, answer in responses.items() if status.startswith("2")]
            assert good, where
            for answer in good:
                for kind, content in answer.get("content", {}).items():  # type: ignore[attr-defined]
                    assert content.get("schema"), f"{where} does not say what it answers as {kind}"


def test_the_page_for_programs_lists_every_operation(client: httpx.Client) -> None:
    told = [
        f"| `{method.upper()} {path}` | {operation.get('summary')} | {operation.get('x-scope', 'none')} |"
        for path, methods in described(client).items()
        for method, operation in methods.items()
    ]
    page = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")
    listed = [line for line in page.splitlines() if line.startswith(("| `GET /", "| `POST /", "| `PUT /", "| `DELETE /", "| `PATCH /"))]

    assert listed == told, "\n" + "\n".join(told)


def test_every_time_in_an_answer_is_spelt_the_same_way(client: httpx.Client) -> None:
    whole = client.get("/api/v1/openapi.json").json()
    schemas = whole["components"]["schemas"]
    answers = [
        content["schema"]
        for methods in whole["paths"].values()
        for operation in methods.values()
        for response in operation["responses"].values()
        for content in response.get("content", {}).values()
    ]
    seen: set[str] = set()
    loose = sorted({name for answer in answers for name in times_not_of_one_spelling(answer, schemas, "an answer", seen)})

    assert loose == []


def times_not_of_one_spelling(schema: object, schemas: dict[str, object], of: str, seen: set[str]) -> Iterator[str]:
    """Which schemas that are reached from this one have a time that may be written in any way."""
    match schema:
        case {"$ref": str(ref)}:
            name = ref.rpartition("/")[2]
            if name not in seen:
                seen.add(name)
                yield from times_not_of_one_spelling(schemas[name], schemas, name, seen)
        case {"format": "date-time", **more}:
            yield from () if "pattern" in more else (of,)
        case dict():
            for each in schema.values():
                yield from times_not_of_one_spelling(each, schemas, of, seen)
        case list():
            for each in schema:
                yield from times_not_of_one_spelling(each, schemas, of, seen)
