"""Callback applications: booked, given another time, cancelled and looked for by HTTP (docs/callbacks.md)."""

from starlette.requests import Request
from starlette.responses import Response

from matchline.clock import moment
from matchline.engine import Engine
from matchline.engine.service import Request as Asked
from matchline.errors import BadParameter, UnknownService
from matchline.faults.callbacks import CallbackExceptionAvailability, UnknownCallback, WrongCallbackState
from matchline.faults.charts import ChartBusy, ChartEnded
from matchline.http.answers import json_answer
from matchline.http.body import read_fields
from matchline.http.head import asking
from matchline.http.operation import (
    FORMS,
    JSON,
    KEYS,
    TEXTS,
    Body,
    In,
    Operation,
    Parameter,
    texts,
)
from matchline.http.service_api import ASK_FAULTS, ASKED_BY, BODY_FAULTS, ServiceApi
from matchline.http.stored import base_url
from matchline.kept.callback import Callback, CallbackState
from matchline.options import Schema
from matchline.principal import APPLICATIONS, APPS
from matchline.wire import BASE_PATH

CALLBACK_PATH = f"{BASE_PATH}/service/callback"

_MOMENT: Schema = {"type": "string", "format": "date-time"}
_RESCHEDULING: Schema = {
    "type": "object",
    "required": ["_new_desired_time"],
    "properties": {"_new_desired_time": _MOMENT},
    "additionalProperties": True,
}

_STATE: Schema = {"type": "string", "enum": [str(each) for each in CallbackState]}
_BOOKING: Schema = {
    "type": "object",
    "propertyNames": KEYS,
    "properties": {"_customer_number": {"type": "string"}, "_desired_time": _MOMENT},
    "additionalProperties": True,
}
_RESCHEDULED: Schema = {
    "type": "object",
    "required": ["_id", "_desired_time"],
    "properties": {"_id": {"type": "string"}, "_desired_time": _MOMENT},
}
_SHOWN: Schema = {
    "type": "object",
    "required": [
        *("_id", "_service_name", "_customer_number", "_callback_state"),
        *("_desired_time", "_expiration_time", "_url"),
    ],
    "properties": {
        **{name: {"type": "string"} for name in ("_id", "_service_name", "_customer_number", "_url")},
        **dict.fromkeys(("_desired_time", "_expiration_time"), _MOMENT),
        "_callback_state": _STATE,
        "_callback_reason": {"type": "string"},
    },
}

_QUERY = (
    Parameter("_id", In.QUERY, "The callback with this id."),
    Parameter("_customer_number", In.QUERY, "Those of this customer, in any spelling of the number."),
    Parameter(
        "_callback_state",
        In.QUERY,
        "Those in this state.",
        schema=_STATE,
    ),
)
_PERIOD = (
    Parameter("start", In.QUERY, "From when on; from now unless it is given.", schema=_MOMENT),
    Parameter("number-of-days", In.QUERY, "For how many days; for one unless it is given."),
    Parameter("end", In.QUERY, "Until when, instead.", schema=_MOMENT),
    Parameter("max-time-slots", In.QUERY, "How many slots at most."),
)


class CallbackApi:
    def __init__(self, engine: Engine, services: ServiceApi) -> None:
        self._engine = engine
        self._services = services

    async def create(self, request: Request) -> Response:
        """Book a callback: at `_desired_time`, or at once."""
        self._engine.callbacks.service(request.path_params["name"])
        return await self._services.ask(request)

    async def reschedule(self, request: Request) -> Response:
        """Give a scheduled callback another time."""
        asked = await self._asked(request)
        return json_answer(await self._engine.callbacks.reschedule(request.path_params["id"], asked))

    async def cancel(self, request: Request) -> Response:
        """Cancel a callback that is not completed."""
        session_id, name = request.path_params["id"], request.path_params["name"]
        return json_answer(await self._engine.callbacks.cancel(session_id, name, asking(request)))

    async def find(self, request: Request) -> Response:
        """Callbacks that all parameters fit, the newest first."""
        return await self._found(request, "")

    async def find_of(self, request: Request) -> Response:
        """Callbacks of a service that all parameters fit, the newest first."""
        name = request.path_params["name"]
        self._engine.callbacks.service(name)
        return await self._found(request, name)

    async def availability(self, request: Request) -> Response:
        """Slots that are free, and how many callbacks each still takes."""
        return json_answer(await self._engine.callbacks.availability(await self._asked(request)))

    async def _asked(self, request: Request) -> Asked:
        configured = self._engine.callbacks.service(request.path_params["name"])
        return await self._services.asked(request, configured)

    async def _found(self, request: Request, service: str) -> Response:
        fields = await read_fields(request, self._engine.keeper.current.server.limits)
        operand = fields.data.get("operand")
        if operand and operand.body != b"AND":
            raise BadParameter(
                "operand", "must be AND: callbacks that fit one of several are not looked for."
            )
        found = await self._engine.callbacks.find(fields.parameters, asking(request), service)
        here = base_url(self._engine, request)
        return json_answer([_shown(each, here) for each in found])

    def operations(self) -> tuple[Operation, ...]:
        of_service, one = f"{CALLBACK_PATH}/{{name}}", f"{CALLBACK_PATH}/{{name}}/{{id}}"
        found: Schema = {"type": "array", "items": _SHOWN}
        done, begun = texts("_id"), texts("_id", "_data_id")
        looked = (UnknownService, *BODY_FAULTS)
        changed = (UnknownService, UnknownCallback, WrongCallbackState, ChartBusy, ChartEnded)
        moved = (*changed, CallbackExceptionAvailability, *BODY_FAULTS)
        refused = (*ASK_FAULTS, CallbackExceptionAvailability)
        kinds = (*FORMS, JSON)
        booking = Body(dict.fromkeys(kinds, _BOOKING))
        moving = Body(dict.fromkeys(kinds, _RESCHEDULING), required=True)
        return (
            Operation(
                "GET",
                CALLBACK_PATH,
                self.find,
                found,
                parameters=_QUERY,
                faults=BODY_FAULTS,
                scopes=APPLICATIONS,
            ),
            Operation(
                "GET",
                f"{of_service}/availability",
                self.availability,
                TEXTS,
                parameters=_PERIOD,
                faults=looked,
                scopes=APPS,
            ),
            Operation(
                "POST",
                of_service,
                self.create,
                begun,
                body=booking,
                parameters=ASKED_BY,
                faults=refused,
                scopes=APPS,
            ),
            Operation(
                "GET", of_service, self.find_of, found, parameters=_QUERY, faults=looked, scopes=APPLICATIONS
            ),
            Operation("PUT", one, self.reschedule, _RESCHEDULED, body=moving, faults=moved, scopes=APPS),
            Operation("DELETE", one, self.cancel, done, faults=changed, scopes=APPS),
        )


def _shown(found: Callback, here: str) -> dict[str, str]:
    """The names are those of Genesys Mobile Services; a reason is there when one was given."""
    shown = {
        "_id": found.session_id,
        "_service_name": found.service,
        "_customer_number": found.phone_text,
        "_callback_state": str(found.state),
        "_desired_time": moment(found.desired_at),
        "_expiration_time": moment(found.ends_at),
        "_url": f"{here}{CALLBACK_PATH}/{found.service}/{found.session_id}",
    }
    return {**shown, "_callback_reason": found.reason} if found.reason else shown
