"""jambonz: conversations as its documentation tells them, and verbs as it understands them.

Payloads: "Webhooks overview", "gather", "dial" and "sip:refer" of docs.jambonz.org; the schema of the verbs is
written from the last three, of each only what is used; the signature from "Securing HTTP endpoints" and jambonz'
Python SDK. All read on 2026-11-23. What is answered is also shown to jambonz' own validator, the one that runs in a
jambonz (@jambonz/verb-specifications, from npm).
"""

import hashlib
import hmac
import json
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx
import jsonschema_rs
import pytest

from tests.http.api import CALLER, SHARED

from .site import AGENT, PUBLIC_URL, QUEUE, SECRET, Site

pytestmark = pytest.mark.anyio

_TEXT, _NUMBER = {"type": "string"}, {"type": "number"}
_ADDRESS = {"type": "string", "pattern": "^https?://"}
_HEADERS = {"type": "object", "additionalProperties": _TEXT}


def _object(required: Mapping[str, Any], **optional: Any) -> dict[str, Any]:
    properties = {**required, **optional}
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


_TARGET = {
    "oneOf": [
        _object({"type": {"const": "sip"}, "sipUri": _TEXT}, headers=_HEADERS),
        _object({"type": {"const": "phone"}, "number": _TEXT}, headers=_HEADERS),
    ]
}
VERBS = jsonschema_rs.validator_for(
    {
        "type": "array",
        "items": {
            "oneOf": [
                _object(
                    {"verb": {"const": "gather"}, "actionHook": _ADDRESS},
                    input={"type": "array", "items": {"enum": ["digits", "speech"]}},
                    numDigits=_NUMBER,
                    finishOnKey=_TEXT,
                    timeout=_NUMBER,
                    interDigitTimeout=_NUMBER,
                    dtmfBargein={"type": "boolean"},
                    say=_object({"text": _TEXT}),
                ),
                _object(
                    {"verb": {"const": "dial"}, "target": {"type": "array", "items": _TARGET, "minItems": 1}},
                    actionHook=_ADDRESS,
                    headers=_HEADERS,
                    answerOnBridge={"type": "boolean"},
                ),
                _object(
                    {"verb": {"const": "sip:refer"}, "referTo": _TEXT},
                    actionHook=_ADDRESS,
                    headers=_HEADERS,
                ),
            ]
        },
    }
)

INCOMING = {
    "call_sid": "e35d4edf-efd2-424c-8667-000000000001",
    "direction": "inbound",
    "from": CALLER,
    "to": "+18005550100",
    "call_id": "b770aa5a-2776-123d-a6a1-000000000001",
    "sip_status": 100,
    "call_status": "trying",
    "account_sid": "de190aaa-e84b-4bb2-86e3-000000000001",
    "application_sid": "33b259c1-303d-486a-a8dd-000000000001",
    "originating_sip_trunk_name": "acme.io",
    "sip": {"headers": {"call-id": "935f3b60-2775-123d-a6a1-000000000001"}, "method": "INVITE"},
}


ROOT = Path(__file__).parents[2]
LIMIT_SECONDS = 60  # of Node.js, which takes a fraction of one

OWN_VALIDATOR = """
const { validate } = require("@jambonz/verb-specifications");
for (const verbs of JSON.parse(require("fs").readFileSync(0))) validate(console, verbs);
"""

_answers: list[list[dict[str, Any]]] = []


@pytest.fixture(scope="module", autouse=True)
def _validated() -> Iterator[None]:
    """All answers at once, at the end: a start of Node.js takes longer than a test."""
    _answers.clear()
    yield
    assert judged(_answers) == ""


def judged(answers: list[list[dict[str, Any]]]) -> str:
    """What jambonz has against them."""
    command = ["node", "-e", OWN_VALIDATOR]
    given = json.dumps(answers)
    done = subprocess.run(
        command, input=given, cwd=ROOT, capture_output=True, text=True, timeout=LIMIT_SECONDS, check=False
    )
    return done.stderr


def test_jambonz_validator_would_tell() -> None:
    assert "unknown property" in judged([[{"verb": "gather", "numbDigits": 4}]])


def signed(site: Site, body: bytes, age: int = 0, secret: str = SECRET) -> dict[str, str]:
    seconds = str(site.now - age)
    digest = hmac.new(secret.encode(), seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return {"content-type": "application/json", "jambonz-signature": f"t={seconds},v1={digest}"}


async def told(site: Site, event: Mapping[str, Any], query: str = "") -> list[dict[str, Any]]:
    """The verbs of the answer, checked."""
    body = json.dumps(event).encode()
    response = await site.send("jambonz", body, signed(site, body), query)
    assert (response.status_code, response.headers["content-type"]) == (200, "application/json")
    verbs: list[dict[str, Any]] = response.json()
    VERBS.validate(verbs)
    _answers.append(verbs)
    return verbs


async def test_a_matched_call_is_dialled_with_its_headers(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    (dial,) = await told(site, INCOMING)
    assert dial["target"] == [{"type": "sip", "sipUri": AGENT}]
    assert dial["headers"]["X-Match-Id"] == session["_id"]
    assert dial["headers"]["User-to-User"].endswith(";encoding=hex")


async def test_the_callers_side_can_be_referred(site: Site) -> None:
    await site.api.configure("adapter.jambonz", transfer="refer", queue="+18005550111")
    session = await site.api.reserve(_phone_number=CALLER)
    (refer,) = await told(site, INCOMING)
    assert (refer["referTo"], refer["headers"]["X-Match-Id"]) == (AGENT, session["_id"])
    (queue,) = await told(site, {**INCOMING, "to": "+18005550199"})
    assert queue["referTo"] == "+18005550111"


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed", "unheard-of"])
async def test_a_call_that_no_agent_takes_goes_to_the_queue(site: Site, outcome: str) -> None:
    await site.api.reserve(_phone_number=CALLER)
    (dial,) = await told(site, INCOMING)
    assert dial["actionHook"] == f"{PUBLIC_URL}/adapters/jambonz"
    (queue,) = await told(site, {**INCOMING, "call_status": "in-progress", "dial_call_status": outcome})
    assert queue["target"] == [{"type": "sip", "sipUri": QUEUE}]
    assert queue["headers"] == {"X-Match-Status": "unanswered"}
    assert "actionHook" not in queue


@pytest.mark.parametrize(
    "outcome",
    [
        {"refer_status": 405},
        {"referStatus": 603},
        {"refer_status": 202, "final_referred_call_status": 486},
    ],
)
async def test_a_call_that_is_not_let_go_is_dialled_to_the_queue(site: Site, outcome: dict[str, int]) -> None:
    await site.api.configure("adapter.jambonz", transfer="refer")
    (refer,) = await told(site, INCOMING)
    assert refer["actionHook"] == f"{PUBLIC_URL}/adapters/jambonz"
    (queue,) = await told(site, {**INCOMING, "call_status": "in-progress", **outcome})
    assert (queue["verb"], queue["headers"]) == ("dial", {"X-Match-Status": "unanswered"})


@pytest.mark.parametrize(
    "outcome",
    [
        {"dial_call_status": "completed", "dial_sip_status": 200},
        {"refer_status": 202},
        {"refer_status": 202, "final_referred_call_status": 200},
    ],
)
async def test_a_call_that_an_agent_took_is_over(site: Site, outcome: dict[str, str | int]) -> None:
    assert await told(site, {**INCOMING, "call_status": "in-progress", **outcome}) == []


async def test_the_queue_is_told_why(site: Site) -> None:
    (dial,) = await told(site, INCOMING)
    assert dial["target"] == [{"type": "sip", "sipUri": QUEUE}]
    assert dial["headers"] == {"X-Match-Status": "no-match"}


async def test_a_code_is_gathered_and_looked_up(site: Site) -> None:
    session = await site.coded()
    event = {**INCOMING, "to": SHARED, "from": "anonymous"}
    (gather,) = await told(site, event)
    assert (gather["numDigits"], gather["input"]) == (6, ["digits"])
    hook = gather["actionHook"]
    assert hook == f"{PUBLIC_URL}/adapters/jambonz?length=6&attempt=1"
    silent = {**event, "call_status": "in-progress", "reason": "timeout"}
    (again,) = await told(site, silent, "length=6&attempt=1")
    assert again["actionHook"].endswith("?length=6&attempt=2")
    keyed = {**silent, "reason": "dtmfDetected", "digits": session["_access_code"]}
    (dial,) = await told(site, keyed, "length=6&attempt=2")
    assert dial["headers"]["X-Match-Id"] == session["_id"]


@pytest.mark.parametrize("status", ["completed", "failed", "busy", "no-answer"])
async def test_status_hooks_are_noted(site: Site, status: str) -> None:
    await site.api.reserve(_phone_number=CALLER)
    assert await told(site, {**INCOMING, "call_status": status}) == []
    assert (await site.api.pool())["reserved"] == "1", "nothing was looked up"


async def test_what_is_not_signed_rightly_and_lately_is_refused(site: Site) -> None:
    body = json.dumps(INCOMING).encode()
    right = signed(site, body)
    wrong: list[httpx.Response] = [
        await site.send("jambonz", body),
        await site.send("jambonz", body, signed(site, body, secret="another")),
        await site.send("jambonz", body, signed(site, body, age=301)),
        await site.send("jambonz", body, signed(site, body, age=-301)),
        await site.send("jambonz", body + b" ", right),
        await site.send("jambonz", b"", signed(site, b""), "from=1&to=2"),
        await site.send("jambonz", body, {"jambonz-signature": "t=99999999999999999999,v1=,v1=ab"}),
        await site.send("jambonz", body, {"jambonz-signature": ",=,t,v1=\\"}),
    ]
    assert {response.status_code for response in wrong} == {403}
    assert (await site.send("jambonz", body, right)).status_code == 200
