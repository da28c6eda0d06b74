"""Twilio: conversations as its documentation tells them, and answers as its library writes them.

Fields: "Request parameters" of www.twilio.com/docs/voice/twiml; the signed example: "Validate signatures" of
www.twilio.com/docs/usage/security, as Twilio's own libraries test it; answers: "<Gather>", "<Sip>" and "<Client>" of
www.twilio.com/docs/voice/twiml. All read on 2026-11-23.
"""

from collections.abc import Mapping
from urllib.parse import urlencode

import httpx
import pytest
from twilio.request_validator import RequestValidator
from twilio.twiml.voice_response import Dial, Gather, VoiceResponse

from matchline.adapters.dialogue import Collect
from matchline.adapters.handoff import user_to_user
from matchline.adapters.talk import Event
from matchline.adapters.twilio import is_genuine
from matchline.engine.line import Line
from tests.http.api import CALLER, NUMBERS, SHARED

from .site import AGENT, PUBLIC_URL, QUEUE, SECRET, Site

pytestmark = pytest.mark.anyio

ADDRESS = f"{PUBLIC_URL}/adapters/twilio"

INCOMING = {
    "CallSid": "CA1234567890abcdef1234567890abcdef",
    "AccountSid": "AC1234567890abcdef1234567890abcdef",
    "From": CALLER,
    "To": "+18005550100",
    "CallStatus": "ringing",
    "ApiVersion": "2010-04-01",
    "Direction": "inbound",
}


async def told(site: Site, fields: Mapping[str, str], query: str = "", **headers: str) -> httpx.Response:
    url = ADDRESS + (f"?{query}" if query else "")
    signed = {"x-twilio-signature": RequestValidator(SECRET).compute_signature(url, fields), **headers}
    return await site.send("twilio", urlencode(fields), signed, query)


@pytest.mark.parametrize(
    ("caller", "signature"),
    [("+14158675309", "RSOYDt4T1cUTdK1PDd93/VVr8B8="), ("+12349013030", "0/KCTR6DLpKmkAf8muzZqo1nDgQ=")],
)
def test_the_documented_signatures_are_genuine(caller: str, signature: str) -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": caller,
        "Digits": "1234",
        "From": caller,
        "To": "+18005551212",
    }
    line = Line("main", "twilio", {"auth_token": SECRET}, "auth_token")

    def event(url: str, given: str) -> Event:
        return Event(url, {}, {"x-twilio-signature": given}, urlencode(fields).encode())

    url = "https://mycompany.com/myapp.php?foo=1&bar=2"
    assert is_genuine(line, event(url, signature), 0)
    assert not is_genuine(line, event(url, signature.swapcase()), 0)
    assert not is_genuine(line, event(url + "&baz=3", signature), 0)
    assert not is_genuine(line, event(url, "\u0100"), 0)


async def test_a_matched_call_is_dialled_with_its_headers(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    response = await told(site, INCOMING)
    assert response.headers["content-type"].startswith("text/xml")
    uui = user_to_user(session["_id"], {}).replace(";", "%3B").replace("=", "%3D")
    expected, dial = VoiceResponse(), Dial(action=ADDRESS)
    dial.sip(f"{AGENT}?X-Match-Id={session['_id']}&User-to-User={uui}")
    assert response.text == str(expected.append(dial))


async def test_a_client_is_given_parameters(site: Site) -> None:
    await site.api.configure("adapter.twilio", agent="client:ada", hand_over_keys="plan")
    session = await site.api.reserve(_phone_number=CALLER, plan="gold\x01<&>", pin="0000")
    response = await told(site, INCOMING)
    expected, dial = VoiceResponse(), Dial(action=ADDRESS)
    client = dial.client()
    client.identity("ada")
    client.parameter(name="plan", value="gold<&>")
    client.parameter(name="match_id", value=session["_id"])
    assert response.text == str(expected.append(dial))


@pytest.mark.parametrize("plan", ["x" * 129, "\u00e9" * 65])
async def test_a_client_that_would_be_given_too_much_is_given_the_id(site: Site, plan: str) -> None:
    await site.api.configure("adapter.twilio", agent="client:ada", hand_over_keys="plan, customer")
    session = await site.api.reserve(_phone_number=CALLER, plan=plan, customer="Ada L.")
    response = await told(site, INCOMING)
    assert response.text.count("<Parameter") == 1
    assert f'<Parameter name="match_id" value="{session["_id"]}"' in response.text


@pytest.mark.parametrize("outcome", ["busy", "no-answer", "failed", "canceled", "unheard-of"])
async def test_a_call_that_no_agent_takes_goes_to_the_queue(site: Site, outcome: str) -> None:
    await site.api.reserve(_phone_number=CALLER)
    await told(site, INCOMING)
    ended = {**INCOMING, "CallStatus": "in-progress", "DialCallStatus": outcome, "DialCallSid": "CA2"}
    expected, dial = VoiceResponse(), Dial()
    dial.sip(f"{QUEUE}?X-Match-Status=unanswered")
    assert (await told(site, ended)).text == str(expected.append(dial))


@pytest.mark.parametrize("outcome", ["completed", "answered"])
async def test_a_call_that_an_agent_took_is_over(site: Site, outcome: str) -> None:
    ended = {**INCOMING, "CallStatus": "in-progress", "DialCallStatus": outcome}
    assert (await told(site, ended)).text == str(VoiceResponse())


async def test_a_number_is_dialled_without_anything(site: Site) -> None:
    await site.api.configure("adapter.twilio", agent="+18005550111")
    await site.api.reserve(_phone_number=CALLER)
    expected, dial = VoiceResponse(), Dial(action=ADDRESS)
    dial.number("+18005550111")
    assert (await told(site, INCOMING)).text == str(expected.append(dial))


async def test_a_code_is_gathered_in_the_lines_language(site: Site) -> None:
    await site.api.configure("adapter.twilio", language="de-DE", collect_seconds="9")
    await site.coded()
    response = await told(site, {**INCOMING, "To": SHARED, "From": "+266696687"})
    gather = Gather(
        input="dtmf",
        num_digits=6,
        timeout=9,
        action=f"{PUBLIC_URL}/adapters/twilio?length=6&attempt=1",
        action_on_empty_result=True,
    )
    gather.say("Bitte geben Sie die 6 Ziffern Ihres Codes ein.", language="de-DE")
    assert response.text == str(VoiceResponse().append(gather))


async def test_a_language_without_a_sentence_speaks_english_as_english(site: Site) -> None:
    await site.api.configure("adapter.twilio", language="ja-JP")
    await site.coded()
    asking = {**INCOMING, "To": SHARED, "From": "+266696687"}
    english = '<Say language="en-US">Please enter the 6 digits of your code.</Say>'
    assert english in (await told(site, asking)).text
    await site.api.configure("adapter.twilio", prompt_code="{digits}桁のコード")
    assert '<Say language="ja-JP">6桁のコード</Say>' in (await told(site, asking)).text


async def test_gathered_digits_are_looked_up(site: Site) -> None:
    session = await site.coded()
    fields = {**INCOMING, "To": SHARED, "Digits": session["_access_code"], "CallStatus": "in-progress"}
    response = await told(site, fields, "length=6&attempt=1")
    assert f"X-Match-Id={session['_id']}" in response.text


async def test_prompts_can_be_ones_own(site: Site) -> None:
    await site.api.configure("adapter.twilio", prompt_code="Code, {digits}!", prompt_retry="Again <{digits}>")
    await site.coded()
    fields = {**INCOMING, "To": SHARED}
    assert "Code, 6!" in (await told(site, fields)).text
    assert "Again &lt;6&gt;" in (await told(site, {**fields, "Digits": "000000"}, "length=6&attempt=1")).text


async def test_the_end_of_a_call_is_noted(site: Site) -> None:
    await site.api.reserve(_phone_number=CALLER)
    response = await told(site, {**INCOMING, "CallStatus": "completed"})
    assert response.text == str(VoiceResponse())
    assert (await site.api.pool())["reserved"] == "1", "nothing was looked up"


async def test_a_forged_event_is_refused_and_counted(site: Site) -> None:
    forged = await site.send(
        "twilio", urlencode(INCOMING), {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8="}
    )
    assert (forged.status_code, forged.json()["exception"]) == (403, "NotGenuine")
    assert (await site.send("twilio", urlencode(INCOMING))).status_code == 403
    altered = await told(site, {**INCOMING, "To": NUMBERS[1]}, **{"x-twilio-signature": "AAAA"})
    assert altered.status_code == 403
    metrics = (await site.client.get("/metrics")).text
    assert 'matchline_line_events_total{line="twilio",outcome="forged"} 3.0' in metrics


@pytest.mark.parametrize("host", ["a:99999", "a:b", "[::1", "a]"])
async def test_a_host_that_is_none_proves_nothing(site: Site, host: str) -> None:
    await site.api.configure("server", public_url=None)
    signed = {"x-twilio-signature": "RSOYDt4T1cUTdK1PDd93/VVr8B8=", "host": host}
    assert (await site.send("twilio", urlencode(INCOMING), signed)).status_code == 403


async def test_without_a_public_url_the_address_of_the_request_is_signed(site: Site) -> None:
    await site.api.configure("server", public_url=None)
    await site.coded()
    fields, url = {**INCOMING, "To": SHARED}, "http://matchline.local/adapters/twilio"
    signature = RequestValidator(SECRET).compute_signature(url, fields)
    response = await site.send("twilio", urlencode(fields), {"x-twilio-signature": signature})
    assert f'action="{url}?length=6&amp;attempt=1"' in response.text


async def test_the_state_that_comes_back_is_not_believed(site: Site) -> None:
    await site.coded()
    for query in ("length=99999&attempt=1", "length=x&attempt=-1", "attempt=1", "length=6&attempt=%C3%BC"):
        response = await told(site, {**INCOMING, "To": SHARED, "Digits": ""}, query)
        assert "<Gather" in response.text or QUEUE in response.text
    assert Collect.of_state({"length": "99999", "attempt": "1"}) == Collect(15, 1)
