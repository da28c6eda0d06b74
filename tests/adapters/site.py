"""A server with a line to each platform that speaks HTTP, and a clock that the test moves."""

from collections.abc import Mapping
from typing import Any

import httpx

from matchline.cli.call import phones
from matchline.cli.call.phone import Answered, Asks, Call, Goes, Way
from matchline.clock import SECOND, ManualClock
from matchline.engine import Engine
from matchline.wiring import in_process_client
from tests.http.api import CONFIGURATION, SHARED, Api

SECRET = "12345"  # what each line that can be signed is signed with
PUBLIC_URL = "https://calls.example.com"

AGENT, QUEUE = "sip:agents@cc.example.com", "sip:queue@cc.example.com"
EXTENSION = "sofia/gateway/cc/5000"
KEYS = "customer, plan"  # of the data that may leave

LINES = f"""
[adapter.twilio]
_type = "twilio"
auth_token = "{SECRET}"
agent = "{AGENT}"
queue = "{QUEUE}"

[adapter.jambonz]
_type = "jambonz"
secret = "{SECRET}"
agent = "{AGENT}"
queue = "{QUEUE}"

[adapter.voicexml]
_type = "voicexml"
agent = "{AGENT}"
queue = "{QUEUE}"

[adapter.freeswitch]
_type = "freeswitch"
agent = "{EXTENSION}"
queue = "5999"

[adapter.connect]
_type = "connect"
secret = "{SECRET}"

[adapter.json]
_type = "json"
secret = "{SECRET}"
"""

WHOLE = CONFIGURATION.replace("[server]", f'[server]\npublic_url = "{PUBLIC_URL}"') + LINES

PLATFORMS = tuple(sorted(filter(None, phones())))


class Site:
    def __init__(self, engine: Engine, clock: ManualClock) -> None:
        self.api = Api(engine, clock)
        self.engine = engine
        self.clock = clock
        self.client = in_process_client(engine)  # answers in the platforms' own shapes

    async def send(
        self,
        line: str,
        body: bytes | str,
        headers: Mapping[str, str] | None = None,
        query: str = "",
        method: str = "POST",
    ) -> httpx.Response:
        path = f"/adapters/{line}" + (f"?{query}" if query else "")
        return await self.client.request(method, path, content=body, headers=dict(headers or {}))

    async def dial(self, platform: str, call: Call, *digits: str) -> list[Answered]:
        """All answers to a call from which so much is keyed in, each in its turn."""
        phone, way = phones()[platform], Way(f"{PUBLIC_URL}/adapters/{platform}", SECRET, self.now)
        answers: list[Answered] = []
        asked, given = None, ""
        for keyed in (*digits, "", "", "", ""):
            sent = phone.send(call, way, asked, given)
            address = httpx.URL(sent.url).raw_path.decode()
            response = await self.client.post(address, content=sent.body, headers=dict(sent.headers))
            assert response.status_code == 200, response.text
            answers.append(phone.understand(response.content))
            if isinstance(answers[-1], Goes):
                return answers
            asked, given = answers[-1], keyed
            if not asked.url:
                asked = Asks(asked.length, asked.prompt, way.url, asked.state)
        raise AssertionError("the dialogue has no end")

    @property
    def now(self) -> int:
        """Seconds since 1970."""
        return self.clock.now() // SECOND

    async def coded(self, **data: str) -> dict[str, Any]:
        """A session on the shared number that is found by its code."""
        return await self.api.reserve(_resource_group="SHARED", _provide_code="true", **data)


def call(number: str = SHARED, caller: str = "", call_id: str = "CA1") -> Call:
    return Call(number, caller, call_id)
