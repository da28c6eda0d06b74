"""Objects that hold what is nobody's business do not show it (rule 22)."""

import importlib
import pkgutil
from collections.abc import Iterator
from dataclasses import fields, is_dataclass

import pytest
from msgspec import Struct

import matchline
from matchline.engine.handling import Call
from matchline.model import CodeWish, Record, Strategy, Terms, Value, Wish
from matchline.observing.masking import MASKED, Private, masked_phone
from matchline.verdict import Asked, Match, Query

# Names that mean something else in many classes, classes in which they do, and those of the charts and of clients.
OTHERWISE = {"key", "candidates", "options", "parameters", "body"}
HARMLESS = {"GuessBudgets", "Ambiguous", "NeedsCode"}  # how often, and how many digits
CHARTS = "matchline.scxml"
CLIENT = "matchline.client"  # in other programs, of what these have asked for


@pytest.mark.parametrize(
    ("text", "shown"),
    [("+14155550123", "…23"), ("0123", "…23"), ("123", "…"), ("23", "…"), ("alice", "…"), ("", "…")],
)
def test_a_number_shows_its_last_two_digits(text: str, shown: str) -> None:
    assert masked_phone(text) == shown


def test_what_a_call_tells_is_masked_however_deep_it_stands() -> None:
    query = Query((Asked(1, "+14155550123"),), "4711", "c1")
    assert repr(query) == str(query) == f"{query}"
    assert "numbers=(Asked(number_id=1, phone=…23),), code=…, call_id='c1'" in repr(query)
    assert repr(Call("100", "+14155550123", "4711")) == (
        "Call(access_number='100', phone=…23, digits=…, call_id=None)"
    )


def test_data_and_codes_are_masked() -> None:
    values = {"name": Value.text("Ada L.")}
    wish = Wish("DNIS", Strategy.CLUSTER, Terms(1), "+14155550123", CodeWish(("4711",), 1, frozenset("4")))
    for private in (values, Record("r", None, 0, values), Match("s", "d", False, values), wish, wish.code):
        assert not [secret for secret in ("Ada", "4711", "555") if secret in repr(private)]


def held_in() -> Iterator[type]:
    """Every struct and data class of the package."""
    for found in pkgutil.walk_packages(matchline.__path__, "matchline."):
        if ".testing" in found.name or found.name.endswith("__main__"):
            continue
        module = importlib.import_module(found.name)
        for each in vars(module).values():
            if isinstance(each, type) and each.__module__ == found.name:
                yield each


def test_no_class_that_holds_a_secret_shows_it() -> None:
    secret = set(MASKED) - OTHERWISE
    looked_at, showing = 0, []
    for each in held_in():
        if issubclass(each, Struct):
            names = set(each.__struct_fields__)
        elif is_dataclass(each):
            names = {field.name for field in fields(each)}
        else:
            continue
        looked_at += 1
        if each.__name__ in HARMLESS or each.__module__.startswith((CHARTS, CLIENT)):
            continue
        if names & secret and each.__repr__ is not Private.__repr__:
            showing.append(f"{each.__module__}.{each.__name__}: {names & secret}")
    assert not showing, "\n".join(showing)
    assert looked_at > 50, "the classes were found"
