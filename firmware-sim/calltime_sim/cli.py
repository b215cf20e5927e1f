"""What can a person tell the workbench? To show the demo, to play the town against a Calltime elsewhere, to be an NFC reader."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from rich.console import Console

from calltime_edge.enrolment import NotEnrolled
from calltime_sim import demo, workbench
from calltime_sim.office import Office
from calltime_sim.services.service import ServiceTrouble
from calltime_sim.town import TownTrouble
from calltime_sim.workbench import WorkbenchTrouble


def main() -> None:
    """Read the command and obey."""
    arguments = _parser().parse_args()
    logging.basicConfig(level=logging.ERROR)
    try:
        sys.exit(arguments.act(arguments))
    except (ServiceTrouble, TownTrouble, WorkbenchTrouble, NotEnrolled, TimeoutError) as trouble:
        sys.exit(f"calltime-sim: {trouble}")
    except KeyboardInterrupt:
        sys.exit(130)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="calltime-sim", description="The workbench of Calltime: hardware and a town that are not there.")
    commands = parser.add_subparsers(dest="command", required=True)
    show = commands.add_parser("demo", help="one published day of care, from tap to pound, all on this machine")
    show.add_argument("--once", action="store_true", help="stop by itself when the day is settled")
    show.add_argument("--seconds", type=float, default=25.0, help="how long the day lasts; 0: as fast as the doors answer (%(default)s)")
    show.add_argument("--broker", choices=["auto", "embedded"], default="auto", help="auto: Mosquitto where there is one (%(default)s)")
    show.add_argument("--port", type=int, default=8080, help="where the pages are served (%(default)s)")
    show.add_argument("--folder", type=Path, default=Path("out/demo"), help="emptied first, then filled (%(default)s)")
    show.set_defaults(act=_demo)
    town = commands.add_parser("town", help="play the day against a Calltime that runs elsewhere; needs the settings of calltime-server")
    town.add_argument("--server", required=True, help="address of calltime-server, such as http://server:8080")
    town.add_argument("--seconds", type=float, default=25.0, help="how long the day lasts (%(default)s)")
    town.add_argument("--folder", type=Path, default=Path("out/town"), help="doors, actuals and statement; emptied first (%(default)s)")
    town.set_defaults(act=_town)
    workbench.add_command(commands)
    return parser


def _demo(arguments: argparse.Namespace) -> int:
    wish = demo.Wish(folder=arguments.folder, once=arguments.once, seconds=arguments.seconds, port=arguments.port, broker=arguments.broker)
    return demo.run(wish, Console(soft_wrap=True))


def _town(arguments: argparse.Namespace) -> int:
    return demo.run_town(arguments.server, Office({}), seconds=arguments.seconds, folder=arguments.folder, console=Console(soft_wrap=True))


if __name__ == "__main__":
    main()
