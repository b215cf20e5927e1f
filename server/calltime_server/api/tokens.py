"""How do programs look after tokens? They list and revoke them; only a person makes one, so that no token outlives the person's will."""

from __future__ import annotations

from http import HTTPStatus
from typing import Annotated

from fastapi import APIRouter, Path, Request
from pydantic import BaseModel, ConfigDict, Field

from calltime_server.api.describing import needs
from calltime_server.api.front import Front
from calltime_server.api.lists import Cursor, Limit, Listed, listed, read_cursor
from calltime_server.api.problem_json import Problem
from calltime_server.api.times import Time
from calltime_server.rights import Right, Role
from calltime_server.store.tokens import Token, list_tokens, revoke_token


class TokenTold(BaseModel):
    """What is known of a token; the token itself is shown once, to whoever makes it."""

    model_config = ConfigDict(frozen=True, from_attributes=True, title="Token")

    number: int = Field(examples=[7])
    called: str = Field(examples=["finance system, nightly"])
    role: Role
    provider: str | None = Field(examples=["North Care"])
    scopes: list[str] = Field(examples=[["pay:read"]])
    made_at: Time
    expires_at: Time
    used_at: Time | None = Field(description="When it was last sent, to the minute.")
    revoked_at: Time | None


def add_to(api: APIRouter, front: Front) -> None:
    """Add the addresses of this part."""

    @api.get("/tokens", summary="List tokens", openapi_extra=needs(Right.KEEP_TOKENS))
    def tokens(request: Request, limit: Limit = 100, cursor: Cursor = "") -> Listed[TokenTold]:
        """Those of your organisation, the newest first."""
        behind = read_cursor(request, cursor, int)
        with front.open(request, Right.KEEP_TOKENS, "read the list of tokens") as connection:
            found = list_tokens(connection, before=behind[0] if behind else None, limit=limit + 1)
        return listed(request, [_told(token) for token in found], limit=limit, key=lambda token: (token.number,))

    @api.delete("/tokens/{number}", status_code=HTTPStatus.NO_CONTENT, summary="Revoke a token", openapi_extra=needs(Right.KEEP_TOKENS))
    def revoke(request: Request, number: Annotated[int, Path(ge=1, le=2**63 - 1)]) -> None:
        """From now on nobody is let in with it. Revoking again changes nothing."""
        with front.open(request, Right.KEEP_TOKENS, "revoked a token", {"token": number}) as connection:
            if not revoke_token(connection, number, now=front.now()):
                raise Problem(HTTPStatus.NOT_FOUND, "Your organisation has no token with this number. List tokens to see which there are.")


def _told(token: Token) -> TokenTold:
    return TokenTold.model_validate(token)
