"""request-access: access information for a session that is already running."""

from matchline.engine import Engine
from matchline.engine.service import Answer, Request, Service
from matchline.errors import NumbersExhausted, UnknownResourceGroup, UnknownSession
from matchline.faults.refusals import QuotaReached
from matchline.options import Option, Text
from matchline.services.access import ACCESS_ANSWER, ACCESS_OPTIONS, access_answer, access_terms


async def run(engine: Engine, request: Request) -> Answer:
    session_id = request.text("_id") or ""
    terms = access_terms(engine, request)
    access = await engine.reservations.request_access(session_id, terms, request.principal)
    return access_answer(access)


service = Service(
    name="request-access",
    summary="Reserve an access number for a running session, or renew the one that it has.",
    options=(
        Option("_id", Text(256, "a session's id"), "The session.", mandatory=True, request=True),
        *ACCESS_OPTIONS,
    ),
    run=run,
    faults=(UnknownResourceGroup, QuotaReached, UnknownSession, NumbersExhausted),
    answer=ACCESS_ANSWER,
)
