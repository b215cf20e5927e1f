"""How often may a program ask? Each token for itself, so that one which runs in circles slows down nobody else."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from http import HTTPStatus

from limits import RateLimitItemPerMinute
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from calltime_server.api.problem_json import Problem

A_MINUTE = 3000
"""Requests of a token: fifty a second, held for a whole minute."""
BAD_A_MINUTE = 60
"""Requests from one address with a token that is not known, until it is told to wait."""
KNOCKS_A_MINUTE = 3000
"""Requests from one address that need no token: all phones of a network operator may have one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """Counts in the memory of this process: with several processes, each counts for itself."""

    a_minute: int = A_MINUTE
    bad_a_minute: int = BAD_A_MINUTE
    knocks_a_minute: int = KNOCKS_A_MINUTE
    _counts: MovingWindowRateLimiter = field(default_factory=lambda: MovingWindowRateLimiter(MemoryStorage()))

    def step(self, token: int) -> dict[str, str]:
        """Count a request of this token, and return the headers that tell how many are left. Raises Problem where none is."""
        allowed = RateLimitItemPerMinute(self.a_minute)
        if not self._counts.hit(allowed, "token", str(token)):
            raise self._too_many(allowed, "token", str(token), f"This token has asked {self.a_minute} times within a minute.")
        return self._told(allowed, "token", str(token))

    def stumble(self, address: str) -> None:
        """Count a request with a token that is not known. Raises Problem after too many."""
        allowed = RateLimitItemPerMinute(self.bad_a_minute)
        if not self._counts.hit(allowed, "stranger", address):
            says = f"Tokens that are not known were sent from this address {self.bad_a_minute} times within a minute."
            raise self._too_many(allowed, "stranger", address, says)

    def knock(self, address: str) -> None:
        """Count a request that needs no token. Raises Problem after too many."""
        allowed = RateLimitItemPerMinute(self.knocks_a_minute)
        if not self._counts.hit(allowed, "knock", address):
            says = f"This address has asked {self.knocks_a_minute} times within a minute without a token."
            raise self._too_many(allowed, "knock", address, says)

    def _told(self, allowed: RateLimitItemPerMinute, *of: str) -> dict[str, str]:
        window = self._counts.get_window_stats(allowed, *of)
        seconds = max(1, round(window.reset_time - time.time()))
        return {"RateLimit-Policy": f'"{of[0]}";q={allowed.amount};w=60', "RateLimit": f'"{of[0]}";r={window.remaining};t={seconds}'}

    def _too_many(self, allowed: RateLimitItemPerMinute, name: str, who: str, says: str) -> Problem:
        window = self._counts.get_window_stats(allowed, name, who)
        seconds = max(1, round(window.reset_time - time.time()))
        return Problem(
            HTTPStatus.TOO_MANY_REQUESTS,
            f"{says} Nothing was done. Ask again in {seconds} second{'s' if seconds != 1 else ''}, and less often.",
            kind="too-many",
            headers={"Retry-After": str(seconds), **self._told(allowed, name, who)},
        )
