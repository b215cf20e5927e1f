"""How does a page become HTML? The one file that imports Jinja2; everything that is shown is escaped."""

from http import HTTPStatus

from fastapi.responses import HTMLResponse
from jinja2 import Environment, PackageLoader, StrictUndefined

from calltime_server.visits.civil_day import day_of
from calltime_server.web import shown

TEMPLATES = Environment(
    loader=PackageLoader("calltime_server.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
)
TEMPLATES.filters |= {
    show.__name__: show
    for show in (
        *(shown.pounds, shown.lasting, shown.hours, shown.day, shown.minute),
        *(shown.second, shown.moment, shown.sentences, shown.number),
    )
}
TEMPLATES.filters["civil_day"] = day_of
TEMPLATES.globals["planned"] = shown.planned


def render(template: str, *, status: HTTPStatus = HTTPStatus.OK, **values: object) -> HTMLResponse:
    """Fill in a template; a value that it asks for and does not get is an error, not a blank."""
    return HTMLResponse(TEMPLATES.get_template(template).render(values), status_code=status)
