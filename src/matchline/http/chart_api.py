"""Where programs post events to charts that told them the address: the Basic HTTP Event I/O Processor.

The address holds a token that only the chart knows; whoever has it needs no other credentials.
"""

from starlette.requests import Request
from starlette.responses import Response

from matchline.engine import Engine
from matchline.errors import BadParameter, TooLarge, UnknownSession
from matchline.faults.charts import ChartBusy, ChartEnded
from matchline.http.answers import json_answer
from matchline.http.body import read_body
from matchline.http.head import header
from matchline.http.operation import FORMS, Body, Operation
from matchline.principal import ANYONE
from matchline.scxml.http_io import FORM, form_fields, received
from matchline.wire import CHART_EVENTS_PATH

MAX_NAME = 255  # characters of an event's name


class ChartApi:
    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    async def post(self, request: Request) -> Response:
        """Send a chart an event: named by the field `_scxmleventname`, else `HTTP.POST`."""
        body = (await read_body(request, self._engine.keeper.current.server.limits.body)).decode(
            errors="replace"
        )
        fields = form_fields(request.scope["query_string"].decode(errors="replace"))
        is_form = (header(request, b"content-type") or FORM).split(";")[0].strip().lower() == FORM
        event = received(
            "POST", [*fields, *form_fields(body)] if is_form else fields, None if is_form else body
        )
        if len(event.name) > MAX_NAME or any(char.isspace() for char in event.name):
            raise BadParameter("_scxmleventname", f"must be one word of at most {MAX_NAME} characters.")
        await self._engine.charts.post(request.path_params["token"], request.path_params["session"], event)
        return json_answer({})

    def operations(self) -> tuple[Operation, ...]:
        return (
            Operation(
                "POST",
                f"{CHART_EVENTS_PATH}{{token}}/{{session}}",
                self.post,
                {"type": "object"},
                body=Body({FORMS[0]: {"type": "object"}, "text/plain": {"type": "string"}}),
                faults=(BadParameter, TooLarge, UnknownSession, ChartEnded, ChartBusy),
                scopes=ANYONE,
            ),
        )
