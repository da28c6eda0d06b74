"""The room of what happens now: live sessions and their reservations, found by what is known of them."""

from starlette.responses import Response

from matchline.engine.browse import PAGE, Filter
from matchline.kept.live import SessionPage, Standing
from matchline.ui import session_page
from matchline.ui.asked import Asked
from matchline.ui.live_stream import streams
from matchline.ui.looked_up import address, text
from matchline.ui.room import Room, Route
from matchline.ui.session_page import PATH, shown

_FIELDS = ("number", "phone", "service", "state", "id")  # of the filter


async def listed(asked: Asked) -> Response:
    engine, query, before = asked.engine, _query(asked), text(asked, "before")
    page = await _page(asked)
    return asked.page(
        "live.html",
        200,
        **await _values(asked, page),
        query=query,
        states=tuple(Standing),
        service_names=sorted(engine.keeper.current.services),
        is_full=len(page.sessions) == PAGE,
        is_first=not before,
        newest=address(PATH, query),
        older=address(PATH, {**query, "before": page.next}),
        stream=address(f"{PATH}/stream", {**query, "before": before}),
        now=engine.browsing.now(),
    )


async def stream(asked: Asked) -> Response:
    async def part() -> str:
        return asked.render(asked, "live_part.html", await _values(asked, await _page(asked)))

    return streams.answer(asked, part)


async def _values(asked: Asked, page: SessionPage) -> dict[str, object]:
    """Of the part that changes by itself."""
    return {
        "sessions": [shown(asked, each) for each in page.sessions],
        "counted": await asked.engine.browsing.lately_counted(),
        "is_filtered": any(_query(asked).values()),
        "has_older": page.next is not None,
    }


async def _page(asked: Asked) -> SessionPage:
    query = _query(asked)
    wanted = Filter(
        number=query["number"],
        phone=query["phone"],
        service=query["service"],
        standing=Standing(query["state"]) if query["state"] in set(Standing) else None,
        prefix=query["id"],
    )
    return await asked.engine.browsing.sessions(wanted, text(asked, "before") or None)


def _query(asked: Asked) -> dict[str, str]:
    return {name: text(asked, name) for name in _FIELDS}


room = Room(
    "Live",
    PATH,
    (
        Route("GET", PATH, listed),
        Route("GET", f"{PATH}/stream", stream),
        Route("GET", f"{PATH}/sessions/{{id}}", session_page.page),
        Route("GET", f"{PATH}/sessions/{{id}}/stream", session_page.stream),
        Route("POST", f"{PATH}/sessions/{{id}}/release", session_page.release),
        Route("POST", f"{PATH}/sessions/{{id}}/end", session_page.end),
    ),
)
