"""The room of the call log: what was asked about each call, what was answered, and why."""

from starlette.responses import Response

from matchline.kept.call_log import CallPage, Outcome
from matchline.ui import calls_explain
from matchline.ui.asked import Asked
from matchline.ui.calls_explain import PATH
from matchline.ui.calls_words import badge_of, what_happened
from matchline.ui.looked_up import address, text, whole_number
from matchline.ui.room import Room, Route

PAGE = 50  # entries

_FIELDS = ("number", "caller", "verdict")  # of the filter


async def listed(asked: Asked) -> Response:
    query = {name: text(asked, name) for name in _FIELDS}
    after = text(asked, "after")
    page = await _page(asked, query, whole_number(after))
    return asked.page(
        "calls.html",
        entries=page.entries,
        query=query,
        verdicts=tuple(Outcome),
        badge_of=badge_of,
        what_happened=what_happened,
        is_filtered=any(query.values()),
        is_full=len(page.entries) == PAGE,
        is_first=not after,
        newest=address(PATH, query),
        older=address(PATH, {**query, "after": str(page.next)}) if page.next else None,
        days=asked.engine.keeper.current.server.call_log_days,
    )


async def _page(asked: Asked, query: dict[str, str], after: int | None) -> CallPage:
    verdict = query["verdict"]
    return await asked.engine.inquiries.calls(
        query["number"] or None,
        query["caller"] or None,
        Outcome(verdict) if verdict in set(Outcome) else None,
        after,
        PAGE,
    )


room = Room(
    "Calls",
    PATH,
    (
        Route("GET", PATH, listed),
        Route("GET", f"{PATH}/explain", calls_explain.blank),
        Route("POST", f"{PATH}/explain", calls_explain.explain),
        Route("GET", f"{PATH}/{{id}}/explain", calls_explain.explain_entry),
    ),
)
