"""What a room of the UI is: one area with its entry in the navigation and its routes.

A room is one file (or a few) beside this one that has a `room`. Rooms are discovered, not listed.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from matchline.kept.attendance import Role
from matchline.ui.asked import Asked

Handler = Callable[[Asked], Awaitable[Response]]

# The order of the navigation; a room that is not named comes last.
ORDER = ("Services", "Resources", "Lines", "Live", "Calls", "Simulator", "Keys", "Audit", "Settings", "Nodes")


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address. What changes anything is a POST: those alone are guarded against forgery."""

    method: str
    path: str  # the whole one, `/ui/…`; parameters as `{name}` or `{name:path}`
    handler: Handler
    role: Role | None = Role.SUPERVISOR  # who may at least; an administrator may everything; None: anyone


@dataclass(frozen=True, slots=True)
class Room:
    """An area of the UI."""

    title: str  # in the navigation; "": it is not there
    path: str  # of its first page
    routes: tuple[Route, ...]

    @property
    def place(self) -> int:
        return ORDER.index(self.title) if self.title in ORDER else len(ORDER)
