"""What a match service's options say: the call that is asked about, and how it is handled."""

from collections.abc import Mapping

from msgspec import Struct

from matchline.observing.masking import Private
from matchline.options import Value
from matchline.verdict import MatchPolicy, RequireCode

Options = Mapping[str, Value | None]


class Call(Private, Struct, frozen=True):
    """A call as an IVR or an adapter reports it, in its own words."""

    access_number: str
    phone: str | None = None
    digits: str | None = None
    call_id: str | None = None


class Handling(Struct, frozen=True):
    """How a match service handles its calls; times in seconds."""

    service: str  # the name under which it is configured
    policy: MatchPolicy
    with_values: bool
    delete: bool
    keep_multiple: bool
    ttl_after_match: int
    call_memory: int
    repeat_window: int


def call_of(options: Options) -> Call:
    return Call(
        _text(options, "_access_number") or "",
        _text(options, "_phone_number"),
        _text(options, "_access_code"),
        _text(options, "_call_id"),
    )


def handling_of(service: str, options: Options) -> Handling:
    return Handling(
        service,
        MatchPolicy(
            RequireCode(_text(options, "_require_code") or ""),
            _text(options, "_on_ambiguous") == "newest",
            _flag(options, "_code_overrides_phone"),
            _flag(options, "_return_multiple_matches"),
            _number(options, "_max_matches"),
        ),
        with_values=_flag(options, "_return_user_data") or _flag(options, "_return_data"),
        delete=_flag(options, "_delete_service"),
        keep_multiple=_text(options, "_on_multiple") == "keep",
        ttl_after_match=_number(options, "_ttl_after_match"),
        call_memory=_number(options, "_call_memory"),
        repeat_window=_number(options, "_repeat_window"),
    )


def _text(options: Options, name: str) -> str | None:
    value = options[name]
    return None if value is None else str(value)


def _number(options: Options, name: str) -> int:
    value = options[name]
    assert isinstance(value, int), f"{name} has a default"
    return value


def _flag(options: Options, name: str) -> bool:
    return options[name] is True
