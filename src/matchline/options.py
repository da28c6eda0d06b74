"""What an option is: a name, a kind of value, a default, a sentence. Declared once, beside what it rules.

From a declaration follow validation, the reference page, the OpenAPI entry and the configuration check. The
lists themselves stand with their owners: a built-in's in its file, the rest in the engine's policy.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from matchline import codes, phone
from matchline.errors import BadParameter

Value: TypeAlias = str | int | bool
Schema: TypeAlias = dict[str, object]

# What neither a request nor a `$name$` may touch (they bind the service or guard it).
FIXED = frozenset({"_type", "_service", "_name", "_ors", "username", "password", "realm"})

NO_NUL = r"^[^\u0000]*$"  # as a schema's pattern
HAS_NUL = "must not contain a NUL character"

_REFERENCE = re.compile(r"\$([A-Za-z_][A-Za-z0-9_]*)\$")
_EXTRA_NAME = re.compile(r"[A-Za-z$][A-Za-z0-9_$]*")


class Kind(Protocol):
    """A kind of value: how its text is read, and how it is described."""

    def parse(self, text: str) -> Value:
        """Raises ValueError with the rest of a sentence that begins with the option's name."""
        ...

    @property
    def values(self) -> str:
        """The valid values, for the reference."""
        ...

    def schema(self) -> Schema: ...


@dataclass(frozen=True, slots=True)
class Text:
    limit: int = 4096  # characters
    hint: str = "text"

    def parse(self, text: str) -> str:
        if len(text) > self.limit:
            raise ValueError(f"must not be longer than {self.limit} characters")
        if "\0" in text:
            raise ValueError(HAS_NUL)
        return text

    @property
    def values(self) -> str:
        return self.hint

    def schema(self) -> Schema:
        return {"type": "string", "maxLength": self.limit, "pattern": NO_NUL}


@dataclass(frozen=True, slots=True)
class Integer:
    minimum: int
    maximum: int
    unit: str = ""

    def parse(self, text: str) -> int:
        # A number of more digits than the limit has is out of range; it is not worth converting.
        # Some JSON libraries write every number with a fraction: 30.0 is a whole number there.
        found = re.fullmatch(r"(-?[0-9]{1,18})(\.0{1,18})?", text.strip(), re.ASCII)
        if not found:
            raise ValueError(f"must be a whole number, {self.values}")
        number = int(found[1])
        if not self.minimum <= number <= self.maximum:
            raise ValueError(f"must be {self.values}")
        return number

    @property
    def values(self) -> str:
        return f"{self.minimum} to {self.maximum}" + (f" {self.unit}" if self.unit else "")

    def schema(self) -> Schema:
        return {"type": "integer", "minimum": self.minimum, "maximum": self.maximum}


@dataclass(frozen=True, slots=True)
class Flag:
    def parse(self, text: str) -> bool:
        match text.strip().casefold():
            case "true":
                return True
            case "false":
                return False
        raise ValueError("must be true or false")

    @property
    def values(self) -> str:
        return "`true`, `false`"

    def schema(self) -> Schema:
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Choice:
    among: tuple[str, ...]

    def parse(self, text: str) -> str:
        if text.strip() not in self.among:
            raise ValueError(f"must be one of {', '.join(self.among)}")
        return text.strip()

    @property
    def values(self) -> str:
        return ", ".join(f"`{value}`" for value in self.among)

    def schema(self) -> Schema:
        return {"type": "string", "enum": list(self.among)}


@dataclass(frozen=True, slots=True)
class Region:
    def parse(self, text: str) -> str:
        region = text.strip().upper()
        if not phone.is_region(region):
            raise ValueError("must be an ISO 3166 region such as US or DE")
        return region

    @property
    def values(self) -> str:
        return "an ISO 3166 region, such as `US`"

    def schema(self) -> Schema:
        return {"type": "string", "pattern": "^[A-Za-z]{2}$"}


@dataclass(frozen=True, slots=True)
class Realm:
    """What a header can carry between quotes."""

    def parse(self, text: str) -> str:
        if not re.fullmatch(r"[ -~]{1,200}", text) or set(text) & set('"\\'):
            raise ValueError("must be 1 to 200 printable ASCII characters without quotes and backslashes")
        return text

    @property
    def values(self) -> str:
        return "printable ASCII characters without quotes and backslashes"

    def schema(self) -> Schema:
        return {"type": "string", "maxLength": 200, "pattern": r"^[ !#-\[\]-~]+$"}


@dataclass(frozen=True, slots=True)
class CodePrefix:
    def parse(self, text: str) -> str:
        codes.CodeSpace.parse(text.strip())
        return text.strip()

    @property
    def values(self) -> str:
        return "digits such as `7`, or a range such as `7-9`"

    def schema(self) -> Schema:
        return {"type": "string"}


@dataclass(frozen=True, slots=True)
class Option:
    """One option of one kind of section."""

    name: str
    kind: Kind
    doc: str
    default: str | None = None
    mandatory: bool = False
    request: bool = False  # may be given by a request as a parameter
    secret: bool = False  # write-only: never shown
    advanced: bool = False  # few need it: forms fold it away

    def parse(self, text: str) -> Value:
        """Raises BadParameter naming this option."""
        try:
            return self.kind.parse(text)
        except ValueError as error:
            raise BadParameter(self.name, f"{error}.") from None


Section: TypeAlias = Mapping[str, str]  # option names and their configured texts


def listed(text: str) -> tuple[str, ...]:
    """The entries of a comma list."""
    return tuple(entry.strip() for entry in text.split(",") if entry.strip())


def is_extra_name(name: str) -> bool:
    """Whether a section may carry this parameter of its own: an ECMAScript variable name without `_` ahead."""
    return _EXTRA_NAME.fullmatch(name) is not None


def substitute(text: str, parameters: Mapping[str, str]) -> str:
    """`$name$` replaced by the request parameter of that name; by nothing when the request has none."""
    if "$" not in text:
        return text
    return _REFERENCE.sub(lambda found: parameters.get(found[1], ""), text)


def section_faults(
    declared: Mapping[str, Option], section: Section, *, references: bool = False
) -> dict[str, str]:
    """Option name → what is wrong with its configured text.

    Where references are possible, a text with `$name$` is judged at the request.
    """
    faults = {}
    for name, text in section.items():
        option = declared.get(name)
        if option is None or text == "" or (references and _REFERENCE.search(text)):
            continue
        try:
            option.kind.parse(text)
        except ValueError as error:
            faults[name] = f"{error}"
    return faults
