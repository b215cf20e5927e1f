"""Does calltime-sim say in a sentence why a day cannot be played, and leave alone what is not its own?"""

import os
import socket
import subprocess
from pathlib import Path

from calltime_sim.services.programs import program
from calltime_sim.services.service import free_port


def refusal(*words: str, **settings: str) -> str:
    command = [program("calltime-sim"), *words]
    done = subprocess.run(command, env={**os.environ, **settings}, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 1
    assert done.stderr.startswith("calltime-sim: ")
    assert "Traceback" not in done.stderr
    return done.stderr


def test_a_demo_whose_port_is_taken_says_what_to_do_and_empties_no_folder(tmp_path: Path) -> None:
    kept = tmp_path / "statement.txt"
    kept.write_text("of the demo that still runs")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        said = refusal("demo", "--once", "--port", str(port), "--folder", str(tmp_path))

    assert f"cannot be served on port {port} of 127.0.0.1: something else listens there" in said
    assert 'make demo DEMO="--port 8090"' in said
    assert kept.exists()


def test_a_demo_on_a_port_that_does_not_exist_is_told(tmp_path: Path) -> None:
    assert "cannot be served on port 80800" in refusal("demo", "--port", "80800", "--folder", str(tmp_path / "demo"))


def test_a_town_whose_doors_cannot_be_enrolled_says_why(postgres_database: str, tmp_path: Path) -> None:
    server = f"http://127.0.0.1:{free_port()}"

    said = refusal(
        *("town", "--server", server, "--folder", str(tmp_path / "town")),
        CALLTIME_DATABASE=postgres_database,
        CALLTIME_BROKER="mqtt://127.0.0.1",
        CALLTIME_PUBLIC_URL="https://localhost",
    )

    assert f"The server {server} did not answer as expected" in said
