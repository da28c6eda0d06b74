"""Writing XML that platforms read."""

import re
from collections.abc import Mapping
from xml.etree.ElementTree import Element, SubElement, tostring

# What XML 1.0 cannot carry (§ 2.2), not even as a reference.
_UNKNOWN_TO_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def carried(text: str) -> str:
    """As much of a text as XML can carry."""
    return _UNKNOWN_TO_XML.sub("", text)


def root(tag: str, /, **attributes: str) -> Element:
    return Element(tag, _clean(attributes))


def add(parent: Element, tag: str, text: str | None = None, /, **attributes: str) -> Element:
    """A child; in its attributes' names `_` stands for `-`, and a `_` at the end for nothing."""
    names = {each.rstrip("_").replace("_", "-"): value for each, value in attributes.items()}
    child = SubElement(parent, tag, _clean(names))
    if text is not None:
        child.text = carried(text)
    return child


def document(root: Element) -> bytes:
    return bytes(tostring(root, encoding="UTF-8", xml_declaration=True))


def _clean(attributes: Mapping[str, str]) -> dict[str, str]:
    return {name: carried(value) for name, value in attributes.items()}
