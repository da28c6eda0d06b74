"""An office whose callbacks are booked: its hours, its capacity, and a chart that does as it is told."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from matchline.clock import ManualClock, instant_of
from tests.charts.chart_api import Charted, chart, charted, configuration
from tests.http.api import CALLER, body

MONDAY = "2026-11-23T08:00:00Z"  # nine o'clock in Berlin, when the office opens
TEN, ELEVEN, TWELVE = (f"2026-11-23T{hour:02}:00:00Z" for hour in (10, 11, 12))
ROOM = 2  # callbacks that a slot of an hour takes, but one at noon

OBEDIENT = chart(
    """<datamodel><data id="told"/><data id="_desired_time" expr="'at once'"/></datamodel>
<state id="open">
  <onentry><ws:response requestid="_x._request_id"><param name="when" expr="_desired_time"/></ws:response></onentry>
  <transition event="stand"><send type="matchline:callback">
    <param name="_callback_state" expr="_event.data.state"/><param name="_callback_reason" expr="_event.data.reason"/>
    </send><ws:response requestid="_event.sendid"/></transition>
  <transition event="callback.*"><assign location="told" expr="_event"/></transition>
  <transition event="tell" cond="told"><ws:response requestid="_event.sendid">
    <param name="name" expr="told.name"/><param name="data" expr="told.data"/></ws:response></transition>
  <transition event="loop" target="looping"/>
  <transition event="end" target="over"/>
</state><state id="looping"><transition target="looping"/></state><final id="over"/>"""
)

SERVICES = f"""
[service.hours]
_type = "builtin"
_service = "office-hours"
_timezone = "Europe/Berlin"
_regular_hours = "Mon-Fri 09:00-17:00"
_exceptions = "2026-11-25 closed, 12-24 09:00-12:00"

[service.agents]
_type = "builtin"
_service = "capacity"
_timezone = "Europe/Berlin"
_max_capacity = "{ROOM}"
_capacity_hours = "Mon-Fri 12:00-13:00=1"
_request_time_bucket = "60"

[service.whenever]
_type = "ors"
_service = "call-back.scxml"
_service_type = "callback"
_max_request_by_time_bucket = "1"

[service.sales]
_type = "ors"
_service = "call-back.scxml"
_service_type = "callback"
_business_hours_service = "hours"
_capacity_service = "agents"
"""

CALL_BACK = """_service_type = "callback"
_business_hours_service = "hours"
_capacity_service = "agents"
"""


class Office(Charted):
    async def book(
        self, desired: str | None = None, service: str = "call-back", **fields: str
    ) -> httpx.Response:
        given = {"_customer_number": CALLER, **({"_desired_time": desired} if desired else {}), **fields}
        return await self.post(f"/service/callback/{service}", data=given)

    async def booked(self, desired: str | None = None, **fields: str) -> dict[str, Any]:
        return body(await self.book(desired, **fields))

    async def move(self, session: dict[str, Any], to: str, **fields: str) -> httpx.Response:
        path = f"/service/callback/call-back/{session['_id']}"
        return await self.send("PUT", path, data={"_new_desired_time": to, **fields})

    async def cancel(self, session: dict[str, Any], service: str = "call-back") -> httpx.Response:
        return await self.delete(f"/service/callback/{service}/{session['_id']}")

    async def found(self, service: str = "", **wanted: str) -> list[dict[str, str]]:
        answer = await self.get(f"/service/callback{service and '/' + service}", params=wanted)
        assert answer.status_code == 200, answer.text
        found: list[dict[str, str]] = answer.json()
        return found

    async def state(self, session: dict[str, Any]) -> str:
        (found,) = await self.found(_id=session["_id"])
        return found["_callback_state"]

    async def stand(self, session: dict[str, Any], state: str, **reason: str) -> None:
        await self.answer(session, "stand", state=state, **reason)

    async def free(self, service: str = "call-back", **period: str) -> dict[str, str]:
        return body(await self.get(f"/service/callback/{service}/availability", params=period))


@asynccontextmanager
async def office(folder: Path, store_url: str = "memory://") -> AsyncIterator[Office]:
    """On a Monday, when it opens."""
    text = configuration(
        folder,
        {"call-back": OBEDIENT},
        "scxml_workers = 1",
        f"_response_timeout = 30\n{CALL_BACK}",
        SERVICES,
    )
    async with charted(text, store_url, ManualClock(instant_of(MONDAY))) as api:
        found = Office(api.engine, api.clock)
        async with found.client:
            yield found
