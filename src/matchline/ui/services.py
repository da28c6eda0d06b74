"""The services' room: all of them, and new ones from templates."""

from starlette.responses import Response

from matchline.chart_examples import EXAMPLES
from matchline.engine.declared import SERVICE_PREFIX
from matchline.engine.service import Service
from matchline.errors import UnknownService
from matchline.kept.attendance import Role
from matchline.ui import service_page
from matchline.ui.asked import Asked
from matchline.ui.paging import leaf
from matchline.ui.room import Room, Route
from matchline.ui.section_form import SectionForm, save
from matchline.ui.service_form import (
    SERVICES,
    address,
    begun,
    bound_example,
    documents,
    new_binding,
    parts,
    service_form,
)


async def listed(asked: Asked) -> Response:
    current = asked.engine.keeper.current
    return asked.page(
        "services.html",
        leaf=leaf(asked, SERVICES, [current.services[name] for name in sorted(current.services)]),
        counted=await asked.engine.browsing.count(),
        address=address,
    )


async def templates(asked: Asked) -> Response:
    """One for each built-in, each chart that comes with Matchline, each document of the server's folder."""
    return asked.page(
        "service_templates.html",
        builtins=sorted(asked.services.values(), key=lambda each: each.name),
        examples=EXAMPLES.values(),
        documents=documents(asked),
    )


async def new(asked: Asked) -> Response:
    """With what the template's address gives."""
    return _page(asked, begun(_form(asked, ""), asked.query("document")), "")


async def create(asked: Asked) -> Response:
    name = asked.form.get("name", "").strip()
    fault = _name_fault(asked, name)
    if fault:
        return _page(asked, _form(asked, name).filled(asked.form), name, fault)
    form = await save(asked.engine.keeper, lambda: _form(asked, name), asked.form)
    if form.is_refused:
        return _page(asked, form, name)
    return asked.away(address(name), "The service is there, and can be asked on every node.")


def _name_fault(asked: Asked, name: str) -> str:
    if not name:
        return "must not be empty"
    if SERVICE_PREFIX + name in asked.engine.keeper.current.sections:
        return "there is a service of this name already"
    return ""


def _builtin(asked: Asked) -> Service:
    name = asked.parameter("builtin")
    if name not in asked.services:
        raise UnknownService(name)
    return asked.services[name]


def _form(asked: Asked, name: str) -> SectionForm:
    builtin = _builtin(asked)
    section = asked.engine.keeper.current.sections.get(SERVICE_PREFIX + name, {})
    return service_form(asked, name, builtin.declared, section, new_binding(builtin))


def _page(asked: Asked, form: SectionForm, name: str, fault: str = "") -> Response:
    status = 400 if fault or form.is_refused else 200
    builtin = _builtin(asked)
    return asked.page(
        "service_new.html",
        status,
        form=form,
        parts_of=parts(builtin.declared),
        builtin=builtin,
        example=bound_example(form),
        name=name,
        fault=fault,
    )


room = Room(
    "Services",
    SERVICES,
    (
        Route("GET", SERVICES, listed),
        Route("GET", f"{SERVICES}/new", templates, Role.ADMINISTRATOR),
        Route("GET", f"{SERVICES}/new/{{builtin}}", new, Role.ADMINISTRATOR),
        Route("POST", f"{SERVICES}/new/{{builtin}}", create, Role.ADMINISTRATOR),
        *service_page.ROUTES,
    ),
)
