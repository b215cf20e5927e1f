"""What is a command, and how does a room of commands add its own?"""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, _SubParsersAction
from collections.abc import Callable
from typing import TypeAlias

from calltime_server.config import Config

Act: TypeAlias = Callable[[Config, Namespace], None]
AddCommand: TypeAlias = Callable[[str, Act, str], ArgumentParser]


def add_command(commands: _SubParsersAction[ArgumentParser], name: str, act: Act, says: str) -> ArgumentParser:
    """A parser of this name, which does this; `says` is told in the list, and as a sentence in its own help."""
    made = commands.add_parser(name, help=says, description=says[0].upper() + says[1:] + ".")
    made.set_defaults(act=act)
    return made
