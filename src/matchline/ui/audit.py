"""The audit trail's room: who changed what, before and after."""

from starlette.responses import Response

from matchline.ui.asked import Asked
from matchline.ui.room import Room, Route

PATH = "/ui/audit"
PAGE = 50  # entries

_NEWEST = 1 << 62  # above every place
_MAX_DIGITS = 18


async def trail(asked: Asked) -> Response:
    before = asked.query("before")
    place = int(before) if before.isascii() and before.isdigit() and len(before) <= _MAX_DIGITS else _NEWEST
    entries = await asked.engine.store.audit(place, PAGE + 1)
    older = entries[PAGE - 1].place if len(entries) > PAGE else None
    return asked.page("audit.html", entries=entries[:PAGE], older=older, is_first=place == _NEWEST)


room = Room("Audit", PATH, (Route("GET", PATH, trail),))
