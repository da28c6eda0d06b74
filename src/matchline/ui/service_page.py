"""One service: its options, its end, and a way to try it."""

from collections.abc import Mapping

from starlette.responses import Response

from matchline.engine.browse import Filter
from matchline.engine.declared import SERVICE_PREFIX
from matchline.engine.service import ConfiguredService
from matchline.errors import UnknownService
from matchline.kept.attendance import Role
from matchline.ui.asked import Asked
from matchline.ui.room import Route
from matchline.ui.section_form import SectionForm, save
from matchline.ui.service_form import (
    SERVICES,
    address,
    binding,
    bound_example,
    declared_of,
    parts,
    service_form,
)
from matchline.ui.trying import Tried, path_of, tried

_NAMED = 5  # sessions, in the warning before a service is deleted


async def shown(asked: Asked) -> Response:
    return await _page(asked, _form(asked))


async def change(asked: Asked) -> Response:
    form = await save(asked.engine.keeper, lambda: _form(asked), asked.form)
    if form.is_refused:
        return await _page(asked, form, 409 if form.differences else 400)
    message = (
        "Saved: the next request finds it so, on every node." if form.changes else "Nothing was changed."
    )
    return asked.away(address(asked.parameter("name")), message)


async def delete(asked: Asked) -> Response:
    configured = _configured(asked)
    await asked.engine.keeper.remove_section(SERVICE_PREFIX + configured.name)
    return asked.away(SERVICES, f"The service {configured.name} is deleted.")


async def attempt(asked: Asked) -> Response:
    return await _page(asked, _form(asked), told=await tried(asked, _configured(asked)))


def _configured(asked: Asked) -> ConfiguredService:
    name = asked.parameter("name")
    found = asked.engine.keeper.current.services.get(name)
    if found is None:
        raise UnknownService(name)
    return found


def _form(asked: Asked) -> SectionForm:
    configured = _configured(asked)
    section = configured.section
    return service_form(asked, configured.name, declared_of(asked, section), section, binding(section))


async def _page(asked: Asked, form: SectionForm, status: int = 200, told: Tried | None = None) -> Response:
    configured = _configured(asked)
    counted = await asked.engine.browsing.count()
    live = await asked.engine.browsing.sessions(Filter(service=configured.name), limit=_NAMED)
    values: Mapping[str, object] = {
        "service": configured,
        "builtin": asked.services.get(configured.builtin),
        "form": form,
        "example": bound_example(form),
        "parts_of": parts(form.declared),
        "address": address(configured.name),
        "path": path_of(asked, configured.name),
        "live": counted.services.get(configured.name, 0),
        "is_counted": counted.complete,
        "sessions": live.sessions,
        "tried": told,
    }
    return asked.page("service.html", status, **values)


_ONE = f"{SERVICES}/of/{{name}}"

ROUTES = (
    Route("GET", _ONE, shown),
    Route("POST", _ONE, change, Role.ADMINISTRATOR),
    Route("POST", f"{_ONE}/delete", delete, Role.ADMINISTRATOR),
    Route("POST", f"{_ONE}/try", attempt, Role.ADMINISTRATOR),
)
