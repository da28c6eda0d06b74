"""A service's options as a form: its parts, and the ways to its pages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from matchline.chart_examples import EXAMPLES, ChartExample
from matchline.engine.declared import LOGIN_OPTIONS, SERVICE_PREFIX
from matchline.engine.service import BUILTIN, COMMON_OPTIONS, ORS, Service, bound_to
from matchline.options import Option, Section, Text
from matchline.ui.asked import Asked
from matchline.ui.form_input import Extra, Input
from matchline.ui.section_form import SectionForm

SERVICES = "/ui/services"

_MOST_DOCUMENTS = 200  # to choose from

_GROUP_HINT = "the name of a resource group"


@dataclass(frozen=True, slots=True)
class Part:
    title: str
    names: tuple[str, ...]  # of options
    folded: bool = False


def address(name: str) -> str:
    return f"{SERVICES}/of/{quote(name, safe='')}"


def declared_of(asked: Asked, section: Section) -> Mapping[str, Option]:
    builtin = asked.services.get(bound_to(section))
    return builtin.declared if builtin else COMMON_OPTIONS


def service_form(
    asked: Asked, name: str, declared: Mapping[str, Option], section: Section, fixed: Section
) -> SectionForm:
    """`fixed`: what it is bound by."""
    current = asked.engine.keeper.current
    groups = tuple(sorted(current.groups))
    known = {"_service": (*EXAMPLES, *documents(asked))} if fixed.get("_type") == ORS else {}
    free = {each: option for each, option in declared.items() if each not in _binding(fixed)}
    return SectionForm(
        SERVICE_PREFIX + name,
        free,
        section,
        has_extras=True,
        fixed=fixed,
        suggestions=known | {each: groups for each, option in free.items() if _names_a_group(option)},
    )


def documents(asked: Asked) -> tuple[str, ...]:
    """SCXML documents that services can be bound to: those of the server's folder, and of the folders in it."""
    folder = asked.engine.keeper.current.server.charts.folder
    if folder is None:
        return ()
    root = Path(folder)
    found = (path for pattern in ("*.scxml", "*/*.scxml") for path in root.glob(pattern))
    return tuple(sorted(path.relative_to(root).as_posix() for path in islice(found, _MOST_DOCUMENTS)))


def begun(form: SectionForm, document: str) -> SectionForm:
    """The form of a new SCXML service with what this document needs; as it is where there is no such document."""
    example = EXAMPLES.get(document)
    given = {"_service": document, **(example.options if example else {})}
    if document not in form.suggestions.get("_service", ()):
        return form
    changes = {name: text for name, text in given.items() if name in form.declared}
    extras = tuple(Extra(name, text) for name, text in given.items() if name not in form.declared)
    return replace(form, input=Input(changes=changes, extras=extras))


def bound_example(form: SectionForm) -> ChartExample | None:
    """The chart that comes with Matchline, where the form names one."""
    return EXAMPLES.get(form.changes.get("_service", form.section.get("_service")) or "")


def new_binding(service: Service) -> Section:
    """What a new service has from its template."""
    return {"_type": ORS} if service.name == ORS else {"_type": BUILTIN, "_service": service.name}


def binding(section: Section) -> Section:
    """What a service is bound by is chosen once, with its template."""
    return {name: text for name, text in section.items() if name in _binding(section)}


def _binding(section: Section) -> frozenset[str]:
    """The document of an SCXML service may be exchanged for another."""
    return frozenset({"_type", "_name"} if section.get("_type") == ORS else {"_type", "_name", "_service"})


def parts(declared: Mapping[str, Option]) -> tuple[Part, ...]:
    """The options by how often they are needed."""
    own = [name for name in declared if name not in COMMON_OPTIONS]
    advanced = [name for name in own if declared[name].advanced]
    return (
        Part("About", ("_service", "description")),
        Part("Options", tuple(name for name in own if name not in advanced)),
        Part("Advanced", (*advanced, "_overwritable_options"), folded=True),
        Part("A login of its own", tuple(LOGIN_OPTIONS), folded=True),
    )


def _names_a_group(option: Option) -> bool:
    return isinstance(option.kind, Text) and option.kind.hint == _GROUP_HINT
