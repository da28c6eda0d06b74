"""A grammar of the elements that documents may use: what each may hold, and with which attributes."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from xml.etree.ElementTree import Element, fromstring


@dataclass(frozen=True)
class Form:
    """An element's. `holds` is a pattern over its children's names, each followed by a blank."""

    holds: str = ""
    needs: Mapping[str, str] = field(default_factory=dict)  # attribute → pattern of its values
    may_have: Mapping[str, str] = field(default_factory=dict)
    speaks: bool = False  # whether it may hold text


Grammar = Mapping[str, Form]


def check(document: bytes, root: str, grammar: Grammar) -> Element:
    """The document, which must follow the grammar."""
    assert document.startswith(b"<?xml version='1.0' encoding='UTF-8'?>")
    page = fromstring(document)  # noqa: S314 - our own
    assert page.tag == root
    for element in page.iter():
        _check(element, grammar)
    return page


def _check(element: Element, grammar: Grammar) -> None:
    name = _plain(element.tag)
    assert name in grammar, f"<{name}> is not known"
    form = grammar[name]
    children = "".join(f"{_plain(child.tag)} " for child in element)
    assert re.fullmatch(form.holds, children), f"<{name}> must not hold {children}"
    assert form.speaks or not (element.text or "").strip(), f"<{name}> holds text"
    patterns = {**form.needs, **form.may_have}
    assert not set(form.needs) - set(element.attrib), f"<{name}> needs {set(form.needs)}"
    for attribute, value in element.attrib.items():
        assert _plain(attribute) in patterns, f"<{name} {attribute}> is not known"
        assert re.fullmatch(patterns[_plain(attribute)], value, re.DOTALL), f'<{name} {attribute}="{value}">'


def _plain(name: str) -> str:
    return name.rpartition("}")[2]
