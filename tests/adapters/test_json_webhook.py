"""JSON webhooks: Retell's inbound webhook as its documentation tells it, and the neutral shape.

"Inbound webhook" and "Secure the webhook" of docs.retellai.com, and how Retell's Python SDK checks the signature.
Read on 2026-11-23.
"""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any

import httpx
import pytest

from matchline.adapters.signing import signature
from matchline.clock import SECOND
from tests.http.api import CALLER, NUMBERS, SHARED

from .site import SECRET, Site

pytestmark = pytest.mark.anyio

INBOUND = {
    "event": "call_inbound",
    "event_timestamp": 1780012672105,
    "call_inbound": {"agent_id": "agent_12345", "from_number": CALLER, "to_number": "+18005550100"},
}


async def retell(site: Site, event: Mapping[str, Any], age: int = 0, secret: str = SECRET) -> httpx.Response:
    body, milliseconds = json.dumps(event).encode(), str((site.now - age) * SECOND)
    digest = hmac.new(secret.encode(), body + milliseconds.encode(), hashlib.sha256).hexdigest()
    return await site.send("json", body, {"x-retell-signature": f"v={milliseconds},d={digest}"})


async def neutral(site: Site, event: Mapping[str, Any]) -> dict[str, Any]:
    body = json.dumps(event).encode()
    response = await site.send("json", body, {"matchline-signature": signature(SECRET, site.now, body)})
    assert response.status_code == 200
    answer: dict[str, Any] = response.json()
    return answer


async def test_a_voice_agent_is_given_the_id_and_the_allowed_data(site: Site) -> None:
    await site.api.configure("adapter.json", hand_over_keys="plan, outcome")
    session = await site.api.reserve(_phone_number=CALLER, plan="gold", outcome="forged", pin="0000")
    variables = {"outcome": "hand-over", "match_id": session["_id"], "plan": "gold"}
    expected = {"call_inbound": {"dynamic_variables": variables}}
    assert (await retell(site, INBOUND)).json() == expected
    assert (await retell(site, INBOUND, age=10)).json() == expected, "the same event, sent again"


async def test_a_voice_agent_is_told_why_there_is_no_session(site: Site) -> None:
    variables = {"outcome": "queue", "reason": "no-match", "flagged": "false"}
    assert (await retell(site, INBOUND)).json() == {"call_inbound": {"dynamic_variables": variables}}


async def test_other_events_are_noted(site: Site) -> None:
    for event in ("call_ended", "chat_inbound", None, 7):
        response = await retell(site, {**INBOUND, "event": event})
        assert (response.status_code, response.json()) == (200, {})


async def test_what_retell_did_not_sign_lately_is_refused(site: Site) -> None:
    assert (await retell(site, INBOUND, secret="another")).status_code == 403
    assert (await retell(site, INBOUND, age=301)).status_code == 403
    for given in ("", "v=,d=", "v=1", f"v={'9' * 40},d={'0' * 64}", "t=1,v1=0"):
        refused = await site.send("json", json.dumps(INBOUND), {"x-retell-signature": given})
        assert refused.status_code == 403


async def test_the_neutral_shape_collects(site: Site) -> None:
    session = await site.coded(plan="gold")
    await site.api.configure("adapter.json", hand_over_keys="plan")
    call = {"number": SHARED, "caller": None, "call_id": "c1"}
    asked = await neutral(site, call)
    assert asked["prompt"] == "Please enter the 6 digits of your code."
    state = {name: asked[name] for name in ("length", "attempt")}
    found = await neutral(site, {**call, **state, "digits": session["_access_code"]})
    assert found == {"outcome": "hand-over", "match_id": session["_id"], "data": {"plan": "gold"}}


async def test_the_neutral_shape_takes_digits_as_a_number(site: Site) -> None:
    await site.api.reserve(_phone_number=CALLER)
    answer = await neutral(site, {"number": NUMBERS[0], "caller": int(CALLER), "digits": 123456})
    assert answer["outcome"] == "queue"
