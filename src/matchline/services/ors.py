"""Services whose behaviour is an SCXML document: `_type=ors`.

What runs their charts is `charts`, or an external Orchestration Server where one is configured.
"""

from matchline import phone
from matchline.engine import Engine
from matchline.engine.callback_policy import CALLBACK, CALLBACK_OPTIONS
from matchline.engine.idempotency import idempotency_of
from matchline.engine.orchestration_policy import SERVICE_OPTIONS
from matchline.engine.service import ORS, Answer, Request, Service
from matchline.errors import IdempotencyConflict
from matchline.faults.callbacks import CallbackExceptionAvailability
from matchline.faults.charts import (
    ChartBusy,
    ChartEnded,
    ChartRefusal,
    OrchestrationFailed,
    OrchestrationUnanswered,
    OrchestrationUnavailable,
    UnusableDocument,
)
from matchline.kept.charting import runs_elsewhere
from matchline.options import Integer, Option, Text

_DAY = 86_400  # seconds
_YEAR = 365 * _DAY
_LONGEST_WAIT = 60  # seconds; proxies give up then


async def run(engine: Engine, request: Request) -> Answer:
    if request.options["_service_type"] == CALLBACK:
        return await engine.callbacks.create(request, idempotency_of(request))
    elsewhere = engine.orchestration.serves(request.service)
    desk = engine.orchestration if elsewhere else engine.charts
    return await desk.start(request, idempotency_of(request))


async def ask(engine: Engine, session_id: str, name: str, request: Request) -> Answer:
    """Send a request to the session's chart."""
    desk = engine.orchestration if runs_elsewhere(session_id) else engine.charts
    return await desk.ask(session_id, name, request)


async def describe(engine: Engine, session_id: str) -> Answer:
    desk = engine.orchestration if runs_elsewhere(session_id) else engine.charts
    return await desk.describe(session_id)


service = Service(
    name=ORS,
    summary="Begin a session whose behaviour is an SCXML document, and answer with what its chart responds.",
    options=(
        Option(
            "_phone_number",
            Text(phone.MAX_TEXT, "a telephone number"),
            "The device's number, compared later with the caller's.",
            request=True,
        ),
        Option(
            "_ttl",
            Integer(1, _YEAR, "seconds"),
            "How long the session, its data and its chart live; at most `max_ttl`.",
            str(_DAY),
            request=True,
        ),
        Option(
            "_response_timeout",
            Integer(0, _LONGEST_WAIT, "seconds"),
            "How long a request waits for the chart's response.",
            "5",
        ),
        *SERVICE_OPTIONS,
        *CALLBACK_OPTIONS,
    ),
    run=run,
    answer={"_id": {"type": "string"}, "_data_id": {"type": "string"}},
    faults=(
        *(UnusableDocument, ChartRefusal, IdempotencyConflict, ChartEnded, ChartBusy),
        *(OrchestrationUnavailable, OrchestrationUnanswered, OrchestrationFailed),
        CallbackExceptionAvailability,
    ),
    takes_data=True,
    any_request=ask,
    describe=describe,
)
