"""A section's options as a form: what is shown follows from their declarations."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace

from matchline.engine.configure import Keeper
from matchline.errors import ConfigurationChanged, InvalidConfiguration
from matchline.kept.audit import MASKED
from matchline.observing.masking import Private
from matchline.options import Choice, Flag, Integer, Option, Section
from matchline.ui.form_input import Changes, Extra, Input, read_input

_ATTEMPTS = 5  # others change the configuration meanwhile; this often in a row means a fault


@dataclass(frozen=True, slots=True, repr=False)
class Field(Private):
    """One option as the form has it."""

    option: Option
    text: str  # '' where it is not set, and of a secret
    is_set: bool
    fault: str
    references: bool  # whether `$name$` may stand for a value
    suggestions: tuple[str, ...]

    @property
    def control(self) -> str:
        match self.option.kind:
            case _ if self.option.secret:
                return "secret"
            case Flag() if self.text in ("", "true", "false"):
                return "checkbox"
            case Choice(among) if self.text in ("", *among):
                return "select"
            case Integer() if not self.references:
                return "number"
        return "text"

    @property
    def in_force(self) -> str:
        return self.text or self.option.default or ""


@dataclass(frozen=True, slots=True)
class Difference:
    """What someone else changed since the form was shown."""

    name: str
    was: str | None
    now: str | None


@dataclass(frozen=True, slots=True, repr=False)
class SectionForm(Private):
    name: str  # of the section
    declared: Mapping[str, Option]  # those that can be changed here
    section: Section  # as it is configured now
    has_extras: bool = False  # whether it may have parameters of its own, and references to them
    fixed: Section = field(default_factory=dict)  # what it has besides, never changed here
    suggestions: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    input: Input | None = None  # None: nothing came back yet
    faults: Mapping[str, str] = field(default_factory=dict)
    general: tuple[str, ...] = ()  # faults that are not of one option here

    @property
    def version(self) -> str:
        """What the form is shown with, for a hidden field."""
        return json.dumps(self._shown, sort_keys=True)

    @property
    def differences(self) -> tuple[Difference, ...]:
        if self.input is None:
            return ()
        was, now = self.input.was, self._shown
        names = sorted(name for name in {*was, *now} if was.get(name) != now.get(name))
        return tuple(Difference(name, was.get(name), now.get(name)) for name in names)

    @property
    def fault_count(self) -> int:
        return len(self.faults) + len(self.general) + sum(bool(each.fault) for each in self._given)

    @property
    def is_refused(self) -> bool:
        return bool(self.differences or self.fault_count)

    @property
    def changes(self) -> Changes:
        return self.input.changes if self.input else {}

    @property
    def extras(self) -> list[Extra]:
        """Parameters of its own, each with what is wrong with it."""
        if self.input is not None:
            return [replace(each, fault=each.fault or self.faults.get(each.name, "")) for each in self._given]
        known = {*self.declared, *self.fixed}
        return [Extra(name, text) for name, text in self.section.items() if name not in known]

    @property
    def _given(self) -> tuple[Extra, ...]:
        return self.input.extras if self.input else ()

    def fields(self, names: Iterable[str]) -> list[Field]:
        return [self._field(self.declared[name]) for name in names if name in self.declared]

    def filled(self, sent: Mapping[str, str]) -> "SectionForm":
        """With what a person wants. Raises BadParameter."""
        return replace(self, input=read_input(sent, self.declared, has_extras=self.has_extras))

    async def saved(self, keeper: Keeper) -> "SectionForm":
        """This form, refused or not. Raises ConfigurationChanged when it is of a section as it is no longer."""
        if self.is_refused:
            return self
        current = keeper.current
        if current.sections.get(self.name, {}) != self.section:
            raise ConfigurationChanged
        new = {name: text for name, text in self.fixed.items() if self.section.get(name) != text}
        try:
            await keeper.set_options(self.name, {**new, **self.changes}, current.version)
        except InvalidConfiguration as invalid:
            return self._judged(invalid)
        return self

    def _field(self, option: Option) -> Field:
        text = self.section.get(option.name, "")
        return Field(
            option,
            "" if option.secret else self.changes.get(option.name, text) or "",
            text != "",
            self.faults.get(option.name, ""),
            self.has_extras,
            self.suggestions.get(option.name, ()),
        )

    @property
    def _shown(self) -> dict[str, str]:
        """What can be changed here; of secrets only that they are set."""
        return {
            name: MASKED if name in self.declared and self.declared[name].secret else text
            for name, text in self.section.items()
            if text != "" and name not in self.fixed and (self.has_extras or name in self.declared)
        }

    def _judged(self, invalid: InvalidConfiguration) -> "SectionForm":
        """Each fault at its option, as far as that is here."""
        here = {*self.declared, *(each.name for each in self.extras)}
        faults, general = {}, []
        for section, option, why in invalid.places:
            if section == self.name and option in here:
                faults[option] = why
            else:
                place = "" if section == self.name else f"[{section}] "
                general.append(f"{place}{option or ''} {why}")
        return replace(self, faults=faults, general=tuple(general))


async def save(keeper: Keeper, make: Callable[[], SectionForm], sent: Mapping[str, str]) -> SectionForm:
    """The form as a person filled it in: saved, unless it is refused. `make`: of what is configured at the moment."""
    for _ in range(_ATTEMPTS):
        await keeper.catch_up()
        try:
            return await make().filled(sent).saved(keeper)
        except ConfigurationChanged:
            continue
    raise ConfigurationChanged
