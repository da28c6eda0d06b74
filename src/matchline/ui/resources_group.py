"""One resource group: how it fares, its numbers, its options, its end."""

from collections.abc import Mapping

from starlette.responses import Response

from matchline.engine.browse import Filter
from matchline.engine.declared import GROUP_PREFIX
from matchline.errors import UnknownRoute
from matchline.kept.attendance import Role
from matchline.options import Option
from matchline.ui.asked import Asked
from matchline.ui.live_stream import streams
from matchline.ui.looked_up import address as looked_for
from matchline.ui.resources_form import ONE, RESOURCES, TOPICS, address, group_form, save_group
from matchline.ui.resources_listed import NumbersPage, listed, numbers_of, numbers_page
from matchline.ui.resources_picture import HOUR, HOURS, Picture, history_plot, hours_of, picture
from matchline.ui.room import Route
from matchline.ui.section_form import SectionForm
from matchline.ui.session_page import Shown
from matchline.ui.session_page import shown as shown_session
from matchline.ui.settings import topics

_NAMED = 5  # sessions, in the warning before a group is deleted
_GROUP_OPTION = "_resource_group"  # by which a service names the group that it hands out numbers of


async def shown(asked: Asked) -> Response:
    return await page(asked, group_form(asked, asked.parameter("name")))


async def change(asked: Asked) -> Response:
    form = await save_group(asked, known_name(asked))
    if form.is_refused:
        return await page(asked, form, 409 if form.differences else 400)
    message = "Saved: the next reservation finds it so, on every node."
    return asked.away(address(asked.parameter("name")), message if form.changes else "Nothing was changed.")


async def stream(asked: Asked) -> Response:
    name = known_name(asked)
    first = numbers_page(asked, name)

    async def part() -> str:
        found = await picture(asked.engine, name)
        numbers = first if first.find else numbers_page(asked, name)  # to find some, all are read: once
        return asked.render(asked, "resources_group_part.html", await _lively(asked, found, numbers))

    return streams.answer(asked, part)


async def delete(asked: Asked) -> Response:
    """Numbers that are in use drain first; a group without numbers is gone at once."""
    name, keeper = known_name(asked), asked.engine.keeper
    await keeper.remove_numbers(name, [each.text for each in numbers_of(keeper.current, name)])
    await asked.engine.sweeper.sweep()  # what nobody uses need not wait for the next one
    await keeper.load()
    left = len(numbers_of(keeper.current, name))
    if left:
        numbers = "1 number is" if left == 1 else f"{left:,} numbers are"
        message = f"{numbers} in use: the group drains, and no one is given a number of it any more."
        return asked.away(address(name), f"{message} Delete it when it is empty.")
    if GROUP_PREFIX + name in keeper.current.sections:
        await keeper.remove_section(GROUP_PREFIX + name)
    return asked.away(RESOURCES, f"The group {name} is deleted.")


def known_name(asked: Asked) -> str:
    """The group that the address names. Raises UnknownRoute."""
    name = asked.parameter("name")
    if name not in asked.engine.keeper.current.groups:
        raise UnknownRoute
    return name


async def page(asked: Asked, form: SectionForm, status: int = 200, **told: object) -> Response:
    name = known_name(asked)
    found, numbers = await picture(asked.engine, name), numbers_page(asked, name)
    place = {"find": numbers.find, "page": str(numbers.ids.place)}
    values = {
        **await _lively(asked, found, numbers),
        "services": _services(asked, name),
        "sessions": await _holders(asked, name) if found.held else (),
        "form": form,
        "topics": list(topics(form.declared, TOPICS)),
        "stream": looked_for(f"{address(name)}/stream", place),
        "fault": "",
        **told,
    }
    return asked.page("resources_group.html", status, **values)


async def _lively(asked: Asked, found: Picture, numbers: NumbersPage) -> dict[str, object]:
    """What changes by itself."""
    now = found.now
    samples = await asked.engine.historian.samples(found.group.name, now - HOURS * HOUR)
    return {
        "picture": found,
        "now": now,
        "plot": history_plot(samples, now),
        "hours": hours_of(samples),
        "span": HOURS,
        "address": address(found.group.name),
        **await listed(asked, numbers),
    }


async def _holders(asked: Asked, name: str) -> list[Shown]:
    """Sessions that hold a number of the group: the latest begun."""
    live = await asked.engine.browsing.sessions(Filter(group=name), limit=_NAMED)
    return [shown_session(asked, each) for each in live.sessions]


def _services(asked: Asked, name: str) -> list[str]:
    """Those that hand out the group's numbers unless a request wants others."""
    services = asked.engine.keeper.current.services.values()
    return sorted(each.name for each in services if _uses(asked, each.builtin, each.section, name))


def _uses(asked: Asked, builtin: str, section: Mapping[str, str], name: str) -> bool:
    declared: Mapping[str, Option] = asked.services[builtin].declared if builtin in asked.services else {}
    option = declared.get(_GROUP_OPTION)
    return option is not None and (section.get(_GROUP_OPTION) or option.default) == name


ROUTES = (
    Route("GET", ONE, shown),
    Route("POST", ONE, change, Role.ADMINISTRATOR),
    Route("GET", f"{ONE}/stream", stream),
    Route("POST", f"{ONE}/delete", delete, Role.ADMINISTRATOR),
)
