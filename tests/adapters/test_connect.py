"""Amazon Connect: its Lambda event, and answers within what a flow takes.

The event: "Using Lambda with Amazon Connect" of docs.aws.amazon.com/lambda and "Grant Amazon Connect access to your
AWS Lambda functions" of docs.aws.amazon.com/connect, where the answer's limits stand too (flat strings, 32 kB).
Read on 2026-11-23.
"""

import json
from collections.abc import Mapping
from typing import Any

import pytest

from matchline.adapters.connect import MOST_BYTES
from matchline.adapters.signing import signature
from tests.http.api import CALLER, NUMBERS, SHARED, body

from .site import SECRET, Site

pytestmark = pytest.mark.anyio


def event(number: str, parameters: Mapping[str, str] | None = None) -> dict[str, Any]:
    return {
        "Details": {
            "ContactData": {
                "Attributes": {},
                "Channel": "VOICE",
                "ContactId": "4a573372-1f28-4e26-b97b-000000000001",
                "CustomerEndpoint": {"Address": CALLER, "Type": "TELEPHONE_NUMBER"},
                "InitialContactId": "4a573372-1f28-4e26-b97b-000000000001",
                "InitiationMethod": "INBOUND",
                "InstanceARN": "arn:aws:connect:eu-west-2:111111111111:instance/c8c0e68d",
                "PreviousContactId": "4a573372-1f28-4e26-b97b-000000000001",
                "Queue": None,
                "SystemEndpoint": {"Address": number, "Type": "TELEPHONE_NUMBER"},
            },
            "Parameters": dict(parameters or {}),
        },
        "Name": "ContactFlowEvent",
    }


async def told(site: Site, sent: Mapping[str, Any]) -> dict[str, Any]:
    """The answer, which a flow must be able to use."""
    content = json.dumps(sent).encode()
    signed = {"matchline-signature": signature(SECRET, site.now, content)}
    response = await site.send("connect", content, signed)
    answer = body(response)
    assert len(response.content) < 32 * 1024
    assert all(isinstance(value, str) for value in answer.values())
    assert all(name.replace("_", "").replace("-", "").isalnum() and name.isascii() for name in answer)
    return answer


async def test_a_matched_call_has_its_id(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER, plan="gold")
    assert await told(site, event(NUMBERS[0])) == {"outcome": "hand-over", "match_id": session["_id"]}


async def test_the_flow_collects_and_sends_what_it_was_told(site: Site) -> None:
    session = await site.coded()
    asked = await told(site, event(SHARED))
    assert asked == {"outcome": "collect", "length": "6", "attempt": "1"}
    again = await told(site, event(SHARED, {**asked, "digits": "000000"}))
    assert again == {"outcome": "collect", "length": "6", "attempt": "2"}
    found = await told(site, event(SHARED, {**again, "digits": session["_access_code"]}))
    assert found["match_id"] == session["_id"]


async def test_the_queue_is_told_why(site: Site) -> None:
    answer = await told(site, event("+18005550199"))
    assert answer == {"outcome": "queue", "reason": "no-match", "flagged": "false"}


async def test_allowed_data_leaves_under_names_that_a_flow_can_use(site: Site) -> None:
    await site.api.configure("adapter.connect", hand_over_keys="plan, what is it?, outcome, match_id")
    data = {
        "plan": "gold",
        "what is it?": "no name",
        "outcome": "forged",
        "match_id": "forged",
        "pin": "0000",
    }
    session = await site.api.reserve(_phone_number=CALLER, **data)
    answer = await told(site, event(NUMBERS[0]))
    assert answer == {"outcome": "hand-over", "match_id": session["_id"], "plan": "gold"}


async def test_data_that_does_not_fit_stays_whole_behind_the_id(site: Site) -> None:
    await site.api.configure("adapter.connect", hand_over_keys="plan, note")
    session = await site.api.reserve(_phone_number=CALLER, plan="gold", note="\u00fc" * (MOST_BYTES // 2))
    assert await told(site, event(NUMBERS[0])) == {"outcome": "hand-over", "match_id": session["_id"]}
    assert (await site.api.get(f"/service/{session['_id']}/storage/plan")).text == "gold"
