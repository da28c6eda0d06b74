"""Bad input: never a fault of the server, and never a caller who is left standing."""

import json
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twilio.request_validator import RequestValidator

from matchline.cli.call import phones
from matchline.cli.call.phone import Asks, Goes, Way
from tests.http.api import CALLER, NUMBERS, SHARED

from .site import PLATFORMS, PUBLIC_URL, SECRET, Site, call

pytestmark = pytest.mark.anyio


@pytest.fixture
def store_url(tmp_path: Path) -> str:
    """A store that cannot keep every text."""
    return f"sqlite:///{tmp_path / 'store.db'}"


on_every_platform = pytest.mark.parametrize("platform", PLATFORMS)
on_those_that_speak_json = pytest.mark.parametrize("platform", ["connect", "jambonz", "json"])

LONG = 100_000  # characters

TEXTS = [
    "x" * LONG,
    "1" * LONG,
    "\0",
    "+1\0" + "8" * 10,
    "\u0661\u0662\u0663\u0664\u0665\u0666",  # Arabic digits
    "\uff11\uff12\uff13\uff14\uff15\uff16",  # full-width digits
    "\u202e\U0001f4de\ufffe",
    "' or 1=1 --",
    "<script>]]>&amp;",
    "${system(id)}",
    "sip:" + "a" * 1000 + "@" + "b" * 1000,
    "tel:;phone-context=",
    "sip:@",
    "%00%ff",
    "-1e999",
]


@on_every_platform
async def test_any_text_in_any_field_sends_the_call_somewhere(site: Site, platform: str) -> None:
    await site.coded()
    for text in TEXTS:
        for placed in (call(text), call(SHARED, text), call(SHARED, CALLER, text), call(text, text, text)):
            answers = await site.dial(platform, placed, text, text)
            assert isinstance(answers[-1], Goes)
            assert answers[-1].match_id == ""


@on_every_platform
@pytest.mark.parametrize("script", ["\u0660", "\uff10", "0"])
async def test_digits_may_be_of_any_script(site: Site, platform: str, script: str) -> None:
    session = await site.coded()
    code = "".join(chr(ord(script) + int(digit)) for digit in session["_access_code"])
    *_, goes = await site.dial(platform, call(), f" {code[:3]}-{code[3:]} #")
    assert isinstance(goes, Goes)
    assert goes.match_id == session["_id"]


@on_every_platform
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    body=st.binary(max_size=200)
    | st.recursive(st.none() | st.text() | st.integers(), st.lists).map(
        lambda value: json.dumps(value).encode()
    ),
    query=st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3),
)
async def test_any_body_is_answered_in_the_platforms_words(
    site: Site, platform: str, body: bytes, query: dict[str, str]
) -> None:
    if "secret" in site.engine.keeper.current.lines[platform].options:
        await site.api.configure(f"adapter.{platform}", secret=None)
    headers = {"x-twilio-signature": _twilio(urlencode(query), body)}
    response = await site.send(platform, body, headers, urlencode(query))
    assert response.status_code == 200, response.text
    assert _is_understood(platform, response)


def _twilio(query: str, body: bytes) -> str:
    url = f"{PUBLIC_URL}/adapters/twilio" + (f"?{query}" if query else "")
    fields = dict(parse_qsl(body.decode(errors="replace"), keep_blank_values=True))
    return str(RequestValidator(SECRET).compute_signature(url, fields))


def _is_understood(platform: str, response: httpx.Response) -> bool:
    if platform == "voicexml" and b"session.connection" in response.content:
        return True  # it asks what call this is
    if response.text in ("{}", "[]"):
        return True  # an event that asks for nothing
    if platform == "json" and "dynamic_variables" in response.text:
        return True
    return isinstance(phones()[platform].understand(response.content), Asks | Goes)


@on_those_that_speak_json
async def test_what_cannot_be_read_goes_to_the_queue_flagged(site: Site, platform: str) -> None:
    await site.api.configure(f"adapter.{platform}", secret=None)
    for body in (b"{", b"[]", b"\xff", b'"\\ud800"', b"[" * 100_000):
        goes = phones()[platform].understand((await site.send(platform, body)).content)
        assert isinstance(goes, Goes)
        assert goes.status == "unreadable"


@on_those_that_speak_json
async def test_lone_surrogates_are_left_out(site: Site, platform: str) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    (goes,) = await site.dial(platform, call(NUMBERS[0], CALLER, "\ud800c1"))
    assert isinstance(goes, Goes)
    assert goes.match_id == session["_id"]


@on_every_platform
async def test_an_event_that_is_too_large_is_refused(site: Site, platform: str) -> None:
    phone, way = phones()[platform], Way(f"{PUBLIC_URL}/adapters/{platform}", SECRET, site.now)
    sent = phone.send(call("x" * (1 << 20)), way, None, "")
    response = await site.send(platform, sent.body, sent.headers)
    assert (response.status_code, response.json()["exception"]) == (413, "TooLarge")
