"""request-interaction: begin a session for a customer who will call."""

from matchline.engine import Engine
from matchline.engine.idempotency import idempotency_of
from matchline.engine.reserve import Access
from matchline.engine.service import Answer, Request, Service
from matchline.errors import IdempotencyConflict, NumbersExhausted, UnknownResourceGroup
from matchline.faults.refusals import QuotaReached
from matchline.options import Flag, Integer, Option
from matchline.services.access import ACCESS_ANSWER, ACCESS_OPTIONS, access_answer, access_terms

_LONGEST_TTL = 31_536_000  # seconds; the server's max_ttl is the one that counts


async def run(engine: Engine, request: Request) -> Answer:
    access = await engine.reservations.reserve(
        request.service,
        access_terms(engine, request),
        {**request.extras, **request.data},
        request.principal,
        ttl_seconds=request.number("_ttl"),
        idempotency=idempotency_of(request),
        with_pool=request.flag("_return_pool_health"),
    )
    return {
        "_id": access.session_id,
        "_data_id": access.data_id,
        **access_answer(access),
        **_pool_health(access),
    }


async def update(engine: Engine, session_id: str, request: Request) -> Answer:
    """Merge user data into the session's."""
    session = await engine.reservations.own_session(session_id, request.principal)
    await engine.records.merge(session.data_id, request.data, request.principal)
    return {"_id": session_id}


async def renew(engine: Engine, session_id: str, request: Request) -> Answer:  # noqa: ARG001
    """Reservation and time to live start again."""
    return {"_id": session_id, **access_answer(await engine.reservations.renew(session_id))}


def _pool_health(access: Access) -> Answer:
    if access.pool is None:
        return {}
    pool = access.pool
    return {
        "_pool_health": {
            "_group": access.group.name,
            "_strategy": str(access.group.strategy),
            "_total": str(pool.total),
            "_free": str(pool.free),
            "_reserved": str(pool.reserved),
            "_cooling": str(pool.cooling),
        }
    }


service = Service(
    name="request-interaction",
    summary="Begin a session for a customer who will call: store the app's user data, reserve an access number.",
    options=(
        *ACCESS_OPTIONS,
        Option(
            "_ttl",
            Integer(1, _LONGEST_TTL, "seconds"),
            "How long the session and its data live; never shorter than the reservation and its late grace, "
            "at most `max_ttl`.",
            "30",
            request=True,
        ),
        Option(
            "_return_pool_health",
            Flag(),
            "Whether to tell how many numbers of the group are free, reserved and cooling (exclusive groups only).",
            "false",
            request=True,
        ),
    ),
    run=run,
    faults=(UnknownResourceGroup, QuotaReached, IdempotencyConflict, NumbersExhausted),
    answer={
        **ACCESS_ANSWER,
        "_id": {"type": "string"},
        "_data_id": {"type": "string"},
        "_pool_health": {"type": "object", "additionalProperties": {"type": "string"}},
    },
    takes_data=True,
    requests={"update": update, "renew": renew},
)
