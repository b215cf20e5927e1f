"""What does every rule of a contract have, and how are its amounts written?"""

import re
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

Words = Annotated[str, Field(min_length=1, max_length=1000, pattern=r"\S")]


class Ruling(BaseModel):
    """A sentence of the contract, the clause where it stands, and in the classes derived from it what it sets."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid")

    says: Words
    clause: Words


def _quoted(value: Any) -> Any:
    """Money is text: unquoted, TOML reads it as a binary fraction, and 18.72 is not one."""
    if isinstance(value, str):
        return value
    raise ValueError(f'the price {value} stands without quotes. Put it in quotes, with pounds and pence, as in "18.72"')


def _pounds(text: str) -> str:
    if re.fullmatch(r"[0-9]{1,6}\.[0-9]{2,4}", text) is None or set(text) <= set("0."):
        raise ValueError(f'"{text}" is not a price. Write pounds, a point and two to four digits, as in "18.72", above nothing')
    return text


Pounds = Annotated[str, BeforeValidator(_quoted), AfterValidator(_pounds)]
"""Pounds in quotes, with two to four digits after the point."""


def pence_of(pounds: str) -> int:
    """In hundredths of a penny."""
    whole, digits = pounds.split(".")
    return int(whole) * 10_000 + int(digits.ljust(4, "0"))


Percent = Annotated[int, Field(ge=0, le=100)]
