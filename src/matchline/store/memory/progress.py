"""The step that looks at many sessions at once, for the apps that follow them."""

from collections.abc import Mapping, Sequence

from matchline.clock import Instant
from matchline.errors import NotFound
from matchline.kept.call_log import LOOKED_AT
from matchline.kept.progress import MATCHED_LATELY, Progress
from matchline.store.memory.sessions import session
from matchline.store.memory.tables import Tables


def progress(tables: Tables, session_ids: Sequence[str], now: Instant) -> Mapping[str, Progress]:
    return {session_id: _progress(tables, session_id, now) for session_id in session_ids}


def _progress(tables: Tables, session_id: str, now: Instant) -> Progress:
    try:
        found = session(tables, session_id, now)
    except NotFound:
        return Progress(live=False, matched=_matched(tables, session_id, now - MATCHED_LATELY))
    return Progress(live=True, matched=found.matched, held=found.held)


def _matched(tables: Tables, session_id: str, since: Instant) -> bool:
    oldest = tables.last_call - LOOKED_AT
    return any(
        entry.session_id == session_id and entry.at > since
        for entry in tables.calls.values()
        if entry.id > oldest
    )
