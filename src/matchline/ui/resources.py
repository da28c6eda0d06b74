"""The room of the resource groups: how each fares, new ones, and one group's pages."""

import asyncio

from starlette.responses import Response

from matchline.engine.declared import GROUP_PREFIX
from matchline.kept.attendance import Role
from matchline.ui import resources_group, resources_numbers
from matchline.ui.asked import Asked
from matchline.ui.live_stream import streams
from matchline.ui.looked_up import address as looked_for
from matchline.ui.paging import leaf
from matchline.ui.resources_form import RESOURCES, TOPICS, address, group_form, save_group
from matchline.ui.resources_picture import Picture, picture
from matchline.ui.room import Room, Route
from matchline.ui.section_form import SectionForm
from matchline.ui.settings import topics


async def listed(asked: Asked) -> Response:
    values = await _values(asked)
    stream = looked_for(f"{RESOURCES}/stream", {"page": asked.query("page")})
    return asked.page("resources.html", 200, **values, stream=stream, now=asked.engine.clock.now())


async def stream(asked: Asked) -> Response:
    async def part() -> str:
        return asked.render(asked, "resources_part.html", await _values(asked))

    return streams.answer(asked, part)


async def new(asked: Asked) -> Response:
    return _page(asked, group_form(asked, ""), "")


async def create(asked: Asked) -> Response:
    name = asked.form.get("name", "").strip()
    fault = _name_fault(asked, name)
    if fault:
        return _page(asked, group_form(asked, "").filled(asked.form), name, fault)
    form = await save_group(asked, name)
    if form.is_refused:
        return _page(asked, form, name)
    return asked.away(address(name), "The group is there. Give it numbers, and apps can ask for them.")


async def _values(asked: Asked) -> dict[str, object]:
    names = leaf(asked, RESOURCES, sorted(asked.engine.keeper.current.groups))
    pictures = [await _picture(asked, name) for name in names.rows]
    return {"pictures": pictures, "leaf": names, "address": address}


async def _picture(asked: Asked, name: str) -> Picture:
    await asyncio.sleep(0)  # each looks through its numbers: others have their turn in between
    return await picture(asked.engine, name)


def _name_fault(asked: Asked, name: str) -> str:
    if not name or "/" in name:
        return "must not be empty, and no / may be in it"
    current = asked.engine.keeper.current
    if name in current.groups or GROUP_PREFIX + name in current.sections:
        return "there is a group of this name already"
    return ""


def _page(asked: Asked, form: SectionForm, name: str, fault: str = "") -> Response:
    return asked.page(
        "resources_new.html",
        400 if fault or form.is_refused else 200,
        form=form,
        topics=list(topics(form.declared, TOPICS)),
        name=name,
        fault=fault,
    )


room = Room(
    "Resources",
    RESOURCES,
    (
        Route("GET", RESOURCES, listed),
        Route("GET", f"{RESOURCES}/stream", stream),
        Route("GET", f"{RESOURCES}/new", new, Role.ADMINISTRATOR),
        Route("POST", f"{RESOURCES}/new", create, Role.ADMINISTRATOR),
        *resources_group.ROUTES,
        *resources_numbers.ROUTES,
    ),
)
