"""What the contact centre's screen says of an answer."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from matchline.observing.masking import Private
from matchline.ui.calls_words import BAD, GOOD, WARN
from matchline.ui.trying import Tried


@dataclass(frozen=True, slots=True, repr=False)
class Told(Private):
    kind: str  # of its badge
    title: str
    about: str
    session_id: str = ""
    data: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_matched(self) -> bool:
        return bool(self.session_id)


_REFUSALS = {
    "NoMatch": (
        BAD,
        "No session for this call",
        "Nobody's data is shown. The caller goes to the ordinary queue, and tells what they want.",
    ),
    "CodeNeeded": (
        WARN,
        "The access code, please",
        "Somebody waits here who is found by a code only. The IVR asks the caller to key it in, and asks again.",
    ),
    "AmbiguousMatch": (
        WARN,
        "More than one could be meant",
        "Nobody's data is shown. The IVR asks for the code, or sends the call to the ordinary queue.",
    ),
}


def told(called: Tried, answer: Mapping[str, object]) -> Told:
    data = answer.get("user_data")
    first = answer
    matches = answer.get("matches")
    if isinstance(matches, list) and matches and isinstance(matches[0], dict):
        first, data = matches[0], matches[0].get("user_data")
    if called.status == 200 and "_id" in first:
        shown = {str(name): str(text) for name, text in data.items()} if isinstance(data, dict) else {}
        return _matched(str(first["_id"]), shown, is_late="_late" in first)
    known = _REFUSALS.get(str(answer.get("exception", "")))
    if known:
        return Told(*known)
    return Told(BAD, f"The server answered {called.status}", str(answer.get("message", called.answer)))


def _matched(session_id: str, data: Mapping[str, str], *, is_late: bool) -> Told:
    if is_late:
        about = "Its time was up, and the group's grace lets calls find it a little longer."
        return Told(WARN, "Matched, late", about, session_id, data)
    about = "The number is given back, and the data is on the agent's screen before the first word."
    return Told(GOOD, "Matched", about, session_id, data)
