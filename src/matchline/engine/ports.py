"""Which ports serve which addresses: the section `port_restrictions`, as Genesys Mobile Services has it.

Each option's name is a pattern of addresses, in which `*` stands for anything, and its value a list of ports and
ranges of ports. An address that no pattern fits is served on every port.
"""

import re
from functools import lru_cache

from matchline.options import Section, listed

_LAST_PORT = 65_535
_REMEMBERED = 4096  # addresses whose ports need not be looked up again

Ports = tuple[range, ...]


class PortRestrictions:
    """Of the patterns that fit an address the longest counts. The section has no faults."""

    def __init__(self, section: Section) -> None:
        ordered = sorted(section.items(), key=lambda option: -len(option[0]))
        self._patterns = [(_compiled(pattern), ports(text)) for pattern, text in ordered if text]
        self._ports_of = lru_cache(_REMEMBERED)(self._find)

    def __bool__(self) -> bool:
        return bool(self._patterns)

    def allow(self, path: str, port: int) -> bool:
        """Whether this address is served on this port."""
        found = self._ports_of(path)
        return found is None or any(port in each for each in found)

    def _find(self, path: str) -> Ports | None:
        return next((allowed for pattern, allowed in self._patterns if pattern.fullmatch(path)), None)


def ports(text: str) -> Ports:
    """Raises ValueError with the rest of a sentence."""
    found = []
    for entry in listed(text):
        first, dash, last = (part.strip() for part in entry.partition("-"))
        if not (_is_port(first) and (_is_port(last) or not dash)):
            raise ValueError("must be a comma list of ports and ranges, such as 92-98,100")
        found.append(range(int(first), int(last or first) + 1))
    return tuple(found)


def port_faults(section: Section) -> dict[str, str]:
    """Pattern → what is wrong with it or with its ports."""
    faults = {}
    for pattern, text in section.items():
        if not pattern.startswith("/"):
            faults[pattern] = "must be a pattern of addresses that begins with /"
            continue
        try:
            ports(text)
        except ValueError as error:
            faults[pattern] = str(error)
    return faults


def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(".*".join(map(re.escape, pattern.split("*"))), re.DOTALL)


def _is_port(text: str) -> bool:
    return (
        text.isascii() and text.isdecimal() and len(text) <= len(str(_LAST_PORT)) and int(text) <= _LAST_PORT
    )
