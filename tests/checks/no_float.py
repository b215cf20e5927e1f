"""Does a float stand anywhere near pay? Prints each with its file and line, and fails if there is one.

Money and time are whole numbers from the tap to the statement. In these files a path is put together with joinpath, not with a slash,
so that every true division can be told.
"""

import ast
import sys
import tomllib
from collections.abc import Iterable, Iterator
from pathlib import Path

SERVER = Path(__file__).parents[2] / "server" / "calltime_server"
NEAR_PAY = (
    *("payment/**/*.py", "visits/**/*.py", "contracts/**/*.py", "contracts/**/*.toml", "store/**/*ledger*.py"),
    *("jobs/settle*.py", "jobs/reports.py", "jobs/try_terms.py", "jobs/finance/*.py", "jobs/bundle/*.py"),
)


def floats_in(source: str) -> list[tuple[int, str]]:
    """Line and reason of everything in this Python source that is or makes a float."""
    found = [(getattr(node, "lineno", 0), reason) for node in ast.walk(ast.parse(source)) if (reason := _reason(node))]
    return sorted(found)


def _reason(node: ast.AST) -> str | None:
    match node:
        case ast.Constant(value=float() | complex() as value):
            return f"the number {value}"
        case ast.Name(id="float" | "complex" as name):
            return f"the type {name}"
        case ast.Attribute(attr=str(name)) if name.startswith("Float"):
            return f"the column type {name}"
        case ast.Name(id="round") | ast.Attribute(attr="round"):
            return "round, which takes halves to the even number or a column to floats"
        case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()) | ast.Attribute(attr="truediv"):
            return "true division"
        case ast.Import(names=names) if any(alias.name.split(".")[0] == "math" for alias in names):
            return "the module math"
        case ast.ImportFrom(module=str(module)) if module.split(".")[0] == "math":
            return "the module math"
        case ast.ImportFrom(names=names) if any(alias.name.startswith("Float") for alias in names):
            return "a column type for floats"
        case _:
            return None


def floats_in_toml(source: str) -> list[tuple[int, str]]:
    """The same for a contract: a price without quotes, for one."""
    seen: list[str] = []
    tomllib.loads(source, parse_float=seen.append)
    lines = source.splitlines()
    return [(next((n for n, line in enumerate(lines, start=1) if text in line.split("#")[0]), 0), f"the number {text}") for text in seen]


def near_pay(server: Path = SERVER) -> Iterator[Path]:
    for pattern in NEAR_PAY:
        yield from sorted(server.glob(pattern))


def check(files: Iterable[Path]) -> list[str]:
    """One sentence for each float."""
    said = []
    for file in files:
        look = floats_in_toml if file.suffix == ".toml" else floats_in
        said += [f"{file}:{line}: {reason} stands near pay. Use whole numbers." for line, reason in look(file.read_text(encoding="utf-8"))]
    return said


if __name__ == "__main__":
    faults = check(near_pay())
    sys.stdout.writelines(f"{fault}\n" for fault in faults)
    sys.exit(1 if faults else 0)
