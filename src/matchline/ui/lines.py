"""The lines' room: which telephony platforms are connected, and how their calls are treated."""

from collections.abc import Iterator, Mapping
from operator import itemgetter
from urllib.parse import quote

from starlette.responses import Response

from matchline.engine.declared import ADAPTER_PREFIX
from matchline.engine.line import platform_key
from matchline.engine.service import MATCHING
from matchline.errors import UnknownRoute
from matchline.kept.attendance import Role
from matchline.options import Option, Section
from matchline.ui.asked import Asked
from matchline.ui.paging import leaf
from matchline.ui.room import Room, Route
from matchline.ui.section_form import SectionForm, save
from matchline.ui.settings import topics
from matchline.wire import LINES_PATH

PATH = "/ui/lines"

# The options that every line has, around those of its platform.
_ABOUT = ("_service", "description")
_DIALOGUE = ("look_up_limit", "retries", "collect_seconds", "hand_over_keys")

_FIXED = "_type"  # chosen once, with the platform


async def listed(asked: Asked) -> Response:
    return asked.page(
        "lines.html",
        leaf=leaf(asked, PATH, sorted(_sections(asked), key=itemgetter(0))),
        match=MATCHING,
        address=_address,
    )


async def platforms(asked: Asked) -> Response:
    return asked.page("line_platforms.html", platforms={name: _needed(asked, name) for name in _known(asked)})


async def new(asked: Asked) -> Response:
    return _new_page(asked, _form(asked, "", _new(asked)), "")


async def create(asked: Asked) -> Response:
    name, fixed = asked.form.get("name", "").strip(), _new(asked)
    fault = _name_fault(asked, name)
    if fault:
        return _new_page(asked, _form(asked, name, fixed).filled(asked.form), name, fault)
    form = await save(asked.engine.keeper, lambda: _form(asked, name, fixed), asked.form)
    if form.is_refused:
        return _new_page(asked, form, name)
    return asked.away(_address(name), "The line is there, on every node.")


async def shown(asked: Asked) -> Response:
    return _page(asked, _of(asked))


async def change(asked: Asked) -> Response:
    form = await save(asked.engine.keeper, lambda: _of(asked), asked.form)
    if form.is_refused:
        return _page(asked, form, 409 if form.differences else 400)
    return asked.away(
        _address(asked.parameter("name")),
        "Saved: it holds for the next call." if form.changes else "Nothing was changed.",
    )


async def delete(asked: Asked) -> Response:
    name = _of(asked).name
    await asked.engine.keeper.remove_section(name)
    return asked.away(PATH, f"The line {name.removeprefix(ADAPTER_PREFIX)} is deleted.")


def _address(name: str) -> str:
    return f"{PATH}/of/{quote(name, safe='')}"


def _sections(asked: Asked) -> Iterator[tuple[str, Section]]:
    for name, section in asked.engine.keeper.current.sections.items():
        if name.startswith(ADAPTER_PREFIX):
            yield name.removeprefix(ADAPTER_PREFIX), section


def _known(asked: Asked) -> list[str]:
    """The platforms that can be connected."""
    declared = asked.engine.keeper.declared
    return sorted(key.removeprefix(ADAPTER_PREFIX) for key in declared if key.startswith(ADAPTER_PREFIX))


def _needed(asked: Asked, platform: str) -> list[str]:
    """Options that a line of this platform must be given."""
    declared = asked.engine.keeper.declared[ADAPTER_PREFIX + platform]
    return [name for name, each in declared.items() if each.mandatory and not each.default and name != _FIXED]


def _new(asked: Asked) -> Section:
    """What a line of the platform in the address is bound by. Raises UnknownRoute."""
    platform = asked.parameter("platform")
    if platform not in _known(asked):
        raise UnknownRoute
    return {_FIXED: platform}


def _of(asked: Asked) -> SectionForm:
    """Of the line in the address. Raises UnknownRoute."""
    name = asked.parameter("name")
    section = dict(_sections(asked)).get(name)
    if section is None:
        raise UnknownRoute
    return _form(asked, name, {_FIXED: section.get(_FIXED, "")})


def _form(asked: Asked, name: str, fixed: Section) -> SectionForm:
    keeper = asked.engine.keeper
    section = keeper.current.sections.get(ADAPTER_PREFIX + name, {})
    declared = keeper.declared.get(platform_key(fixed), {})
    free = {each: option for each, option in declared.items() if each != _FIXED}
    services = tuple(sorted(n for n, each in keeper.current.services.items() if each.builtin == MATCHING))
    return SectionForm(ADAPTER_PREFIX + name, free, section, fixed=fixed, suggestions={"_service": services})


def _name_fault(asked: Asked, name: str) -> str:
    if not name:
        return "must not be empty"
    return "there is a line of this name already" if name in dict(_sections(asked)) else ""


def _topics(declared: Mapping[str, Option]) -> list[tuple[str, list[str]]]:
    own = tuple(name for name in declared if name not in {*_ABOUT, *_DIALOGUE})
    return list(topics(declared, {"The line": _ABOUT, "The platform": own, "The dialogue": _DIALOGUE}))


def _new_page(asked: Asked, form: SectionForm, name: str, fault: str = "") -> Response:
    status = 400 if fault or form.is_refused else 200
    return asked.page(
        "line_new.html",
        status,
        platform=form.fixed[_FIXED],
        form=form,
        topics=_topics(form.declared),
        name=name,
        fault=fault,
    )


def _page(asked: Asked, form: SectionForm, status: int = 200) -> Response:
    name = asked.parameter("name")
    return asked.page(
        "line.html",
        status,
        name=name,
        form=form,
        topics=_topics(form.declared),
        address=_address(name),
        events=LINES_PATH + name,
    )


_ONE = f"{PATH}/of/{{name}}"

room = Room(
    "Lines",
    PATH,
    (
        Route("GET", PATH, listed),
        Route("GET", f"{PATH}/new", platforms, Role.ADMINISTRATOR),
        Route("GET", f"{PATH}/new/{{platform}}", new, Role.ADMINISTRATOR),
        Route("POST", f"{PATH}/new/{{platform}}", create, Role.ADMINISTRATOR),
        Route("GET", _ONE, shown),
        Route("POST", _ONE, change, Role.ADMINISTRATOR),
        Route("POST", f"{_ONE}/delete", delete, Role.ADMINISTRATOR),
    ),
)
