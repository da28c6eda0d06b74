"""The null data model (appendix B.1): no data, and `In('state')` as the only condition."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

import msgspec

from matchline.scxml.events import Event
from matchline.scxml.faults import EvaluationError

IN = re.compile(r"""\s*In\(\s*(?:'([^']*)'|"([^"]*)"|([^\s'"()]+))\s*\)\s*""")


class NullDatamodel:
    def __init__(self) -> None:
        self._active: frozenset[str] = frozenset()

    def begin_event(self) -> None:
        """Nothing here takes time."""

    def condition(self, expr: str) -> bool:
        found = IN.fullmatch(expr)
        if not found:
            raise EvaluationError(f"the null data model knows no condition but In(): {expr}")
        return (found[1] or found[2] or found[3]) in self._active

    def value(self, expr: str) -> str | None:
        self._refuse(expr)

    def text(self, expr: str) -> str:
        self._refuse(expr)

    def content(self, text: str) -> str | None:
        return msgspec.json.encode(" ".join(text.split())).decode()

    def declare(self, name: str) -> None:
        self._refuse(name)

    def assign(self, location: str, expr: str) -> None:
        self._refuse(f"{location} = {expr}")

    def assign_json(self, location: str, json: str | None) -> None:
        self._refuse(f"{location} = {json}")

    def script(self, source: str) -> None:
        self._refuse(source)

    def foreach(self, array: str, item: str, index: str | None) -> Iterator[None]:
        self._refuse(f"{item}, {index} of {array}")

    def set_event(self, event: Event) -> None:
        """Nothing can read `_event`."""

    def set_active(self, ids: Sequence[str]) -> None:
        self._active = frozenset(ids)

    def variables(self) -> dict[str, str | None]:
        return {}

    def restore(self, variables: Mapping[str, str | None]) -> None:
        """There is nothing to restore."""

    def _refuse(self, text: str) -> NoReturn:
        raise EvaluationError(f"the null data model has no expressions: {text}")
