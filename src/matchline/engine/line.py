"""What a configured adapter is: a line, the section `adapter.<name>` with its options as they are set."""

from collections.abc import Mapping

from msgspec import Struct

from matchline.engine.declared import ADAPTER_PREFIX
from matchline.observing.masking import Private
from matchline.options import Option, Section, Value


class Line(Private, Struct, frozen=True):
    """Telephony that is connected: a platform, and how its calls are treated."""

    name: str
    platform: str
    options: Mapping[str, Value | None]
    secret_option: str | None = None  # which of them proves that an event is the platform's

    @property
    def service(self) -> str:
        """The configured match service that is asked."""
        return self.text("_service") or ""

    @property
    def secret(self) -> str | None:
        """What the platform signs its events with; None: they are not signed."""
        return None if self.secret_option is None else self.text(self.secret_option)

    def text(self, name: str) -> str | None:
        value = self.options[name]
        return None if value is None else str(value)

    def given(self, name: str) -> str:
        """An option that is mandatory or has a default."""
        text = self.text(name)
        assert text is not None, f"{name} is set"
        return text

    def number(self, name: str) -> int:
        value = self.options[name]
        assert isinstance(value, int), f"{name} has a default"
        return value

    def flag(self, name: str) -> bool:
        return self.options[name] is True


def platform_key(options: Section) -> str:
    """Under which name the options of a line's platform are declared, beside those of the built-ins."""
    return ADAPTER_PREFIX + (options.get("_type") or "")


def line(name: str, options: Section, declared: Mapping[str, Option]) -> Line:
    """Of a section that has no faults; an empty text counts as not set."""
    texts = {each: options.get(each) or option.default for each, option in declared.items()}
    values = {each: declared[each].parse(text) if text else None for each, text in texts.items()}
    secret = next((each.name for each in declared.values() if each.secret), None)
    return Line(name, options.get("_type") or "", values, secret)
