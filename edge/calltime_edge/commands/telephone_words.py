"""With which words is a telephone line started, and are its numbers and PINs kept? `calltime-edge telephone …`."""

from __future__ import annotations

import argparse


def add_to(commands: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add them."""
    telephone = commands.add_parser("telephone", help="be a telephone line: carers call from homes and key in a PIN (docs/telephone.md)")
    telephone.add_argument(
        "--records-may-be-lost", action="store_true", help="for a trial: even in memory, where a tap is gone with the power"
    )
    words = telephone.add_subparsers(dest="what")
    number = words.add_parser("number", help="say at whose home a telephone is; prints what the office is to be told")
    number.add_argument("number", help="such as 01872555123 or +441872555123")
    number.add_argument("service_user")
    pin = words.add_parser(
        "pin", help="make a carer a new PIN, instead of any that she had; prints it once, and what the office is to be told"
    )
    pin.add_argument("carer")
    pin.add_argument("--language", choices=["en", "cy"], help="in which she is spoken to (as in the settings)")
    forget = words.add_parser("forget", help="let no call in any more by a number, for a home or for a carer; what was tapped stays")
    forget.add_argument("reference", help="the number, the service user, the carer, or what stands for a number or a PIN")
    words.add_parser("list", help="whose homes call in, and which carers have a PIN")
    words.add_parser("recordings", help="what is to be recorded for an Asterisk: name and sentence, with a tab between")
