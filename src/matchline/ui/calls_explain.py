"""Why a call would match or not: an entry of the call log in one click, or any call that is asked about.

What a customer called from and keyed in is posted, so that it stands in no address.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from starlette.responses import Response

from matchline import phone
from matchline.engine.explain import Explanation, Finding, Weighed, in_words
from matchline.engine.service import MATCHING
from matchline.errors import BadParameter, UnknownRoute
from matchline.foretold import State
from matchline.kept.call_log import CallEntry
from matchline.observing.masking import MASK, Private
from matchline.ui.asked import Asked
from matchline.ui.calls_words import BAD, GOOD, PLAIN, WARN, badge_of, what_happened, what_may_help
from matchline.ui.looked_up import whole_number

PATH = "/ui/calls"

_STATES = {State.HELD: GOOD, State.IN_GRACE: WARN}
_FINDINGS = {Finding.MET: GOOD, Finding.CONTRADICTED: BAD, Finding.NEUTRAL: PLAIN}


@dataclass(frozen=True, slots=True, repr=False)
class Wanted(Private):
    """The form."""

    number: str = ""
    phone: str = ""
    digits: str = ""
    service: str = ""

    @property
    def parameters(self) -> dict[str, str]:
        given = {"_access_number": self.number, "_phone_number": self.phone, "_access_code": self.digits}
        return {name: text for name, text in given.items() if text}


async def blank(asked: Asked) -> Response:
    return _page(asked, Wanted())


async def explain_entry(asked: Asked) -> Response:
    """Raises UnknownRoute when the entry is no longer kept."""
    entry_id = whole_number(asked.parameter("id"))
    entry = None if entry_id is None else await asked.engine.browsing.call(entry_id)
    if entry is None:
        raise UnknownRoute
    caller = "" if entry.caller is None or MASK in entry.caller else entry.caller
    wanted = Wanted(entry.number, caller, "", entry.service)
    return _page(asked, wanted, entry, await _explained(asked, wanted))


async def explain(asked: Asked) -> Response:
    given = {name: asked.form.get(name, "").strip() for name in ("number", "phone", "digits", "service")}
    wanted = Wanted(**given)
    fault = _fault(wanted)
    if fault:
        return _page(asked, wanted, fault=fault, status=400)
    try:
        return _page(asked, wanted, explanation=await _explained(asked, wanted))
    except BadParameter as bad:
        return _page(asked, wanted, fault=bad.message, status=400)


def _fault(wanted: Wanted) -> str:
    if not wanted.number:
        return "Which number was called?"
    if max(map(len, wanted.parameters.values())) > phone.MAX_TEXT:
        return f"No number is longer than {phone.MAX_TEXT} characters."
    return ""


async def _explained(asked: Asked, wanted: Wanted) -> Explanation | None:
    """None when no service is configured that could be asked."""
    services = _services(asked)
    if not services:
        return None
    service = wanted.service if wanted.service in services else services[0]
    return await asked.engine.inquiries.explain(service, wanted.parameters)


def _services(asked: Asked) -> list[str]:
    configured = asked.engine.keeper.current.services
    return sorted(name for name, service in configured.items() if service.builtin == MATCHING)


def _page(
    asked: Asked,
    wanted: Wanted,
    entry: CallEntry | None = None,
    explanation: Explanation | None = None,
    *,
    fault: str = "",
    status: int = 200,
) -> Response:
    return asked.page(
        "calls_explain.html",
        status,
        wanted=wanted,
        entry=entry,
        explanation=explanation,
        candidates=[_candidate(asked, each, entry) for each in explanation.weighed] if explanation else [],
        service_names=_services(asked),
        fault=fault,
        badge_of=badge_of,
        what_happened=what_happened,
        what_may_help=what_may_help,
        is_caller_unknown=bool(entry and entry.caller and not wanted.phone),
    )


def _candidate(asked: Asked, weighed: Weighed, entry: CallEntry | None) -> Mapping[str, object]:
    """A reservation on the called number, for people."""
    return {
        "session_id": weighed.session_id,
        "phone": asked.engine.browsing.shown_phone(weighed.phone) if weighed.phone else None,
        "ending": _ending(weighed, entry),
        "state": str(weighed.state),
        "kind": _STATES.get(weighed.state, PLAIN),
        "when": weighed.when,
        "criteria": [
            (each.name, str(each.finding), _FINDINGS[each.finding], each.why) for each in weighed.criteria
        ],
        "weight": None if weighed.weight is None else in_words(weighed.weight),
        "answered": weighed.answered,
    }


def _ending(weighed: Weighed, entry: CallEntry | None) -> str:
    """Whether a customer's number ends as what the call log kept of the caller's: `same`, `other`, or empty."""
    if not (entry and entry.caller and weighed.phone):
        return ""
    return "same" if weighed.phone.endswith(entry.caller.removeprefix(MASK)) else "other"
