"""What a person wants of a section's options, read from the form that came back.

A change is told by what the form was shown with: options that were left alone are not touched, so that two people
who change different ones do not undo each other's work.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import msgspec

from matchline.errors import BadParameter
from matchline.observing.masking import Private
from matchline.options import Flag, Option, is_extra_name

# What the names of a form's fields begin with.
OPTION, REMOVED, EXTRA = "o.", "r.", "x."
VERSION = "was"

Changes = Mapping[str, str | None]  # option → its new text; None: removed


@dataclass(frozen=True, slots=True, repr=False)
class Extra(Private):
    """A parameter of the section's own, as a person wrote it."""

    name: str = ""
    text: str = ""
    fault: str = ""


@dataclass(frozen=True, slots=True, repr=False)
class Input(Private):
    was: Mapping[str, str] = field(default_factory=dict)  # as they saw it; secrets masked
    changes: Changes = field(default_factory=dict)
    extras: tuple[Extra, ...] = ()


def read_input(form: Mapping[str, str], declared: Mapping[str, Option], *, has_extras: bool) -> Input:
    """Raises BadParameter for a form that none of the pages sends."""
    was = _version(form)
    wanted: dict[str, str | None] = {}
    for option in declared.values():
        wanted |= _secret(option, form) if option.secret else _plain(option, form, was.get(option.name))
    extras = _extras(form, declared) if has_extras else ()
    if has_extras:
        wanted |= {name: None for name in was if name not in declared}
        wanted |= {each.name: each.text for each in extras if not each.fault}
    changes = {name: text for name, text in wanted.items() if text != was.get(name)}
    return Input(was, changes, extras)


def default_of(option: Option) -> str:
    """A flag that says nothing of its default is off."""
    return option.default or ("false" if isinstance(option.kind, Flag) else "")


def _version(form: Mapping[str, str]) -> dict[str, str]:
    try:
        return msgspec.json.decode(form.get(VERSION) or "{}", type=dict[str, str])
    except msgspec.DecodeError:
        raise BadParameter(VERSION, "is not what the form was sent with.") from None


def _secret(option: Option, form: Mapping[str, str]) -> dict[str, str | None]:
    """Nothing typed: it stays as it is."""
    given = form.get(OPTION + option.name)
    if given:
        return {option.name: given}
    return {option.name: None} if REMOVED + option.name in form else {}


def _plain(option: Option, form: Mapping[str, str], was: str | None) -> dict[str, str | None]:
    """A default that was not set before stays unset: it follows when the product's changes."""
    given = form.get(OPTION + option.name)
    if given is None and not isinstance(option.kind, Flag):
        return {}
    text = "false" if given is None else given.strip()  # browsers leave out a box without a tick
    is_default = text == default_of(option)
    return {option.name: None if text == "" or (is_default and was != text) else text}


def _extras(form: Mapping[str, str], declared: Mapping[str, Option]) -> tuple[Extra, ...]:
    found: dict[str, Extra] = {}
    places = sorted(
        {name.split(".")[1] for name in form if name.startswith(EXTRA)}, key=lambda n: (len(n), n)
    )
    for place in places:
        name, text = (form.get(f"{EXTRA}{place}.{part}", "").strip() for part in ("name", "text"))
        if name or text:
            key = place if name in found else name
            found[key] = Extra(name, text, _name_fault(name, taken={*declared, *found}))
    return tuple(found.values())


def _name_fault(name: str, taken: set[str]) -> str:
    if name in taken:
        return "there is one of this name already"
    if not is_extra_name(name):
        return "must be an ECMAScript variable name: letters, digits, _ and $, beginning with a letter or $"
    return ""
