"""match-interaction: which session does this call belong to?"""

from collections.abc import Mapping

from matchline import phone
from matchline.engine import Engine
from matchline.engine.handling import call_of, handling_of
from matchline.engine.service import Answer, Request, Service
from matchline.errors import AmbiguousMatch, CodeNeeded, NoMatch
from matchline.model import Values
from matchline.options import Choice, Flag, Integer, Option, Text
from matchline.principal import IVRS
from matchline.verdict import (
    Ambiguous,
    Match,
    Matched,
    NeedsCode,
    NoneMatches,
    RequireCode,
)
from matchline.wire import shown_values


async def run(engine: Engine, request: Request) -> Answer:
    verdict = await engine.matching.match(
        call_of(request.options), handling_of(request.service, request.options), request.principal
    )
    match verdict:
        case Matched(matches):
            answers = [_answer(request, found) for found in matches]
            return {"matches": answers} if request.flag("_return_multiple_matches") else answers[0]
        case NoneMatches():
            raise NoMatch(_reason(request, "no-match"))
        case NeedsCode(digits):
            raise CodeNeeded({"_digits": str(digits), **_reason(request, "code-needed")})
        case Ambiguous(digits):
            settled_by_code = {"_digits": str(digits)} if digits else {}
            raise AmbiguousMatch({**settled_by_code, **_reason(request, "ambiguous")})


def _answer(request: Request, found: Match) -> dict[str, object]:
    answer: dict[str, object] = {"_id": found.session_id, "_data_id": found.data_id}
    if found.values is not None:
        answer["user_data"] = _user_data(request, found.data_id, found.values)
    if found.late:
        answer["_late"] = "true"
    return {**answer, **_reason(request, "late" if found.late else "matched")}


def _user_data(request: Request, data_id: str, values: Values) -> Mapping[str, str]:
    return shown_values(request.base_url, data_id, values)


def _reason(request: Request, reason: str) -> dict[str, str]:
    return {"_reason": reason} if request.flag("_return_reason") else {}


_DAY = 86_400  # seconds
_PHONE = Text(phone.MAX_TEXT, "a telephone number")

service = Service(
    name="match-interaction",
    summary="Find the session that a call belongs to, and give its access number back.",
    options=(
        Option(
            "_access_number", _PHONE, "The number that the customer called.", mandatory=True, request=True
        ),
        Option("_phone_number", _PHONE, "The caller's number.", request=True),
        Option("_access_code", Text(256, "digits"), "The code that the caller keyed in.", request=True),
        Option(
            "_return_multiple_matches",
            Flag(),
            "Whether to answer every session that the rules do not exclude, best first, as `matches`.",
            "false",
            request=True,
        ),
        Option("_return_user_data", Flag(), "Whether to answer the user data too.", "false", request=True),
        Option(
            "_return_data",
            Flag(),
            "The same as `_return_user_data`.",
            "false",
            request=True,
            advanced=True,
        ),
        Option(
            "_delete_service",
            Flag(),
            "Whether to end the matched session and delete its data.",
            "false",
            request=True,
        ),
        Option(
            "_call_id",
            Text(256, "the call's own id"),
            "The same call asked again gets the same answer.",
            request=True,
        ),
        Option("_return_reason", Flag(), "Whether to add `_reason` to the answer.", "false", request=True),
        Option(
            "_require_code",
            Choice(tuple(RequireCode)),
            "When a session that has a code is found by it alone: `never`; `shared`: on shared numbers a session "
            "is found only by its code or its phone; `always`: the code is asked for whenever there is one.",
            "shared",
        ),
        Option(
            "_on_ambiguous",
            Choice(("refuse", "newest")),
            "What to do when several sessions match equally well: refuse with 409, or give the newest.",
            "refuse",
        ),
        Option(
            "_on_multiple",
            Choice(("release", "keep")),
            "Whether several matches answered at once are released, or stay reserved.",
            "release",
            advanced=True,
        ),
        Option("_max_matches", Integer(1, 1000), "The most matches answered at once.", "100", advanced=True),
        Option(
            "_code_overrides_phone",
            Flag(),
            "Whether a right code matches from another phone than the session's.",
            "false",
            advanced=True,
        ),
        Option(
            "_repeat_window",
            Integer(0, 300, "seconds"),
            "How long after a match the same number, phone and code get the same answer, until the slot is given out "
            "again or the phone has a new session on the number: for IVRs that send no `_call_id`.",
            "0",
            advanced=True,
        ),
        Option(
            "_call_memory",
            Integer(0, _DAY, "seconds"),
            "How long a call id is bound to the session that it matched.",
            "3600",
            advanced=True,
        ),
        Option(
            "_ttl_after_match",
            Integer(0, _DAY, "seconds"),
            "How long session and data live at least after a match, whatever `max_ttl` says.",
            "300",
            advanced=True,
        ),
    ),
    run=run,
    scopes=IVRS,
    faults=(NoMatch, AmbiguousMatch, CodeNeeded),
    answer={
        "_id": {"type": "string"},
        "_data_id": {"type": "string"},
        "user_data": {"type": "object", "additionalProperties": {"type": "string"}},
        "_late": {"type": "string", "enum": ["true"]},
        "_reason": {"type": "string"},
        "matches": {"type": "array", "items": {"type": "object"}},
    },
)
