"""How does a page become HTML? The one file that imports Jinja2; everything that is shown is escaped, in the person's language."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import sha256
from http import HTTPStatus
from importlib import resources
from urllib.parse import quote, urlencode

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import ChainableUndefined, Environment, PackageLoader, PrefixLoader, StrictUndefined
from jinja2.runtime import Context, Macro
from markupsafe import Markup

from calltime_server.visits.civil_day import day_of
from calltime_server.web import shown
from calltime_server.web.cells import DATA, ROW_HEADER, Cell
from calltime_server.web.language import LANGUAGES, Language, language_of, translations
from calltime_server.web.navigation import rooms_of
from calltime_server.web.seat import Seat

COMPONENTS = (
    *("accordion", "back-link", "breadcrumbs", "button", "character-count", "checkboxes", "date-input", "details", "error-message"),
    *("error-summary", "fieldset", "file-upload", "hint", "input", "inset-text", "label", "notification-banner", "pagination", "panel"),
    *("password-input", "radios", "select", "service-navigation", "skip-link", "summary-list", "table", "tabs", "tag", "task-list"),
    *("textarea", "warning-text"),
)
"""Those of the design system that the style sheet knows (server/assets/calltime.scss)."""


def render(request: Request, template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: object) -> HTMLResponse:
    """Fill in a template; a value that it asks for and does not get is an error, not a blank.

    Besides `values` it gets `seat`, `rooms`, `here` (the path of the room in which the page is), `other_language` (this page in
    the other one) and `now`.
    """
    seat = seat_of(request)
    rooms = rooms_of(seat)
    inside = [room.path for room in rooms if f"{request.url.path}/".startswith(f"{room.path.rstrip('/')}/")]
    given = {
        "seat": seat,
        "rooms": rooms,
        "here": max(inside, key=len, default=None),
        "other_language": _same_page(request, "cy" if seat.language == "en" else "en"),
        "now": getattr(request.state, "now", None),
    }
    return HTMLResponse(pages_in(seat.language).get_template(template).render(given | values), status_code=status)


def seat_of(request: Request) -> Seat:
    """Who asks; nobody where the request failed before that was found out."""
    seat = getattr(request.state, "seat", None)
    return seat if isinstance(seat, Seat) else Seat(who=None, language=language_of(request), csrf="")


def _same_page(request: Request, language: Language) -> str:
    query = [(name, value) for name, value in request.query_params.multi_items() if name != "lang"]
    return f"{quote(request.url.path)}?{urlencode([*query, ('lang', language)])}"


class Said:
    """What `_` is in a page: words in its language, with values escaped. The same few are said of each row, so each is looked up once."""

    __slots__ = ("_known", "_translate")

    def __init__(self, translate: Callable[[str], str]) -> None:
        self._translate = translate
        self._known: dict[str, Markup] = {}

    def __call__(self, words: str, **values: object) -> Markup:
        """Translate."""
        if values:
            return Markup(self._translate(words)) % values  # noqa: S704 (words of ours)
        known = self._known.get(words)
        if known is None:
            known = self._known[words] = Markup(self._translate(words)) % {}  # noqa: S704 (words of ours)
        return known


class PlainContext(Context):
    """Calls macros at once: of everything else that is called Jinja2 asks what it wants to be given, and a table has a macro a cell."""

    def call(self, called: Callable[..., object], *given: object, **named: object) -> object:
        """Call whatever a template calls."""
        kind = type(called)
        if kind not in (Macro, Said, Cell):
            return super().call(called, *given, **named)
        # What was set around the call, which only functions that ask for the context are told.
        named.pop("_block_vars", None)
        named.pop("_loop_vars", None)
        return called(self.eval_ctx, *given, **named) if kind is Macro else called(*given, **named)


@cache
def pages_in(language: Language) -> Environment:
    """The templates with the words, days and numbers of one language, and the components of the design system by their names there."""
    pages = Environment(
        loader=PackageLoader("calltime_server.web"),
        autoescape=True,
        undefined=StrictUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.i18n"],
    )
    pages.context_class = PlainContext
    pages.policies["ext.i18n.trimmed"] = True
    pages.install_gettext_translations(translations(language), newstyle=True)  # type: ignore[attr-defined] # the extension adds it
    pages.filters |= shown.shows(language)
    said = translations(language).gettext
    pages.filters |= {
        "civil_day": day_of,
        "said": said,
        "said_each": lambda words: {name: said(says) for name, says in words.items()},
        "pairs": lambda names: [(name, name) for name in names],
    }
    pages.globals |= {"_": Said(said), "row_header_cell": ROW_HEADER, "data_cell": DATA}
    pages.globals |= {"planned": shown.planned, "asset": asset, "LANGUAGES": LANGUAGES} | _components()
    return pages


@cache
def _components() -> dict[str, Callable[..., object]]:
    """The macros of govuk-frontend-jinja. They ask for every option that might have been given, so here a missing one is a blank."""
    theirs = Environment(
        loader=PrefixLoader({"govuk_frontend_jinja": PackageLoader("govuk_frontend_jinja")}),
        autoescape=True,
        undefined=ChainableUndefined,
        auto_reload=False,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    theirs.context_class = PlainContext
    names = {f"govuk{component.title().replace('-', '')}": component for component in COMPONENTS}
    modules = {
        name: theirs.get_template(f"govuk_frontend_jinja/components/{component}/macro.html").module for name, component in names.items()
    }
    return {name: getattr(module, name) for name, module in modules.items()}


@cache
def asset(name: str) -> str:
    """The address of a file in `static`, with what tells one version of it from another."""
    content = resources.files("calltime_server.web").joinpath("static", name).read_bytes()
    return f"/static/{name}?v={sha256(content).hexdigest()[:12]}"
