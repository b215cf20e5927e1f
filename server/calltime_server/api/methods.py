"""Which methods does an address take? HEAD is answered like GET without the body, OPTIONS with the list of them, and others not at all."""

from __future__ import annotations

from http import HTTPStatus

from fastapi import FastAPI, Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from calltime_server.api.problem_json import NOWHERE, Problem, problem_answer


class Methods:
    """Stands before everything else of the API."""

    def __init__(self, app: ASGIApp, api: FastAPI) -> None:
        """`api` is whose addresses are asked for."""
        self._app = app
        self._api = api

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let it be answered."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        method, allowed = scope["method"], self._allowed(scope["path"].removeprefix(scope.get("root_path", "")))
        told = {"Allow": ", ".join(allowed)}
        if allowed and method == "OPTIONS":
            await Response(status_code=HTTPStatus.NO_CONTENT, headers=told)(scope, receive, send)
        elif allowed and method not in allowed:
            refused = problem_answer(Request(scope), Problem(HTTPStatus.METHOD_NOT_ALLOWED, NOWHERE, headers=told))
            await refused(scope, receive, send)
        elif method == "HEAD":
            await self._app({**scope, "method": "GET"}, receive, _without_body(send))
        else:
            await self._app(scope, receive, send)

    def _allowed(self, path: str) -> list[str]:
        """An address that is written out, such as /terms/check, is not one that also fits a pattern, such as /terms/{starts}."""
        routes = [route for route in self._api.routes if isinstance(route, Route) and route.path_regex.match(path)]
        written_out = [route for route in routes if route.path == path]
        methods = {method for route in written_out or routes for method in route.methods or ()}
        return sorted({*methods, "OPTIONS", *(("HEAD",) if "GET" in methods else ())}) if methods else []


def _without_body(send: Send) -> Send:
    async def head_only(message: Message) -> None:
        await send({**message, "body": b""} if message["type"] == "http.response.body" else message)

    return head_only
