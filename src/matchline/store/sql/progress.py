"""The step that looks at many sessions at once, for the apps that follow them."""

from collections.abc import Mapping, Sequence

import msgspec

from matchline.clock import Instant
from matchline.kept.call_log import LOOKED_AT
from matchline.kept.progress import MATCHED_LATELY, Progress
from matchline.model import Held
from matchline.store.sql import Reader


def progress(db: Reader, session_ids: Sequence[str], now: Instant) -> Mapping[str, Progress]:
    found = dict.fromkeys(session_ids, Progress(live=False, matched=False))
    for session_id, matched, *held in db.rows("progress_of", {"ids": _json(session_ids), "now": now}):
        found[session_id] = Progress(live=True, matched=bool(matched), held=_held(*held))
    gone = [session_id for session_id, each in found.items() if not each.live]
    for session_id in _matched(db, gone, now - MATCHED_LATELY):
        found[session_id] = Progress(live=False, matched=True)
    return found


def _matched(db: Reader, session_ids: Sequence[str], since: Instant) -> list[str]:
    if not session_ids:
        return []
    asked = {"ids": _json(session_ids), "newest": LOOKED_AT, "since": since}
    return [session_id for (session_id,) in db.rows("matched_lately", asked)]


def _held(group: str | None, number: str, code: str | None, expires_at: Instant) -> Held | None:
    return None if group is None else Held(group, number, code or None, expires_at)


def _json(session_ids: Sequence[str]) -> str:
    return msgspec.json.encode(session_ids).decode()
