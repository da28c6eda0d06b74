"""VoiceXML: documents that follow the recommendation.

The grammar is written from VoiceXML 2.1 (W3C recommendation of 19 June 2007, §§ 2 and 7) and 2.0 (16 March 2004,
§§ 1.5, 2.3, 4.1, 5.2, 5.3, 6.3 and appendix P), read on 2026-11-23: of each element only what these documents use.
"""

import re
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import httpx
import pytest

from matchline.adapters.handoff import read_user_to_user
from matchline.adapters.voicexml import MEDIA_TYPE, NAMESPACE
from tests.http.api import CALLER, NUMBERS, SHARED

from .grammar import Form, check
from .site import AGENT, PUBLIC_URL, QUEUE, Site

pytestmark = pytest.mark.anyio

_NAME, _SECONDS, _URI = r"[A-Za-z_][A-Za-z0-9_]*", r"[0-9]+s", r"[a-z]+:[^\s<>]+|#[a-z]+"
_STRING = r'"(\\.|[^"\\])*"'  # of ECMAScript
_VARIABLE = r"session\.connection\.(local|remote)\.uri"
_GOING = "(goto |submit )"

GRAMMAR = {
    "vxml": Form(
        "(property )*(var )*(catch )*(form )+",
        {"version": r"2\.1"},
        {"lang": "[A-Za-z]{2,8}(-[A-Za-z0-9]+)*"},
    ),
    "property": Form("", {"name": "inputmodes|timeout|interdigittimeout", "value": f"dtmf|{_SECONDS}"}),
    "var": Form("", {"name": _NAME, "expr": f"{_STRING}|{_VARIABLE}"}),
    "catch": Form(_GOING, {"event": r"[a-z]+(\.[a-z]+)*( [a-z]+(\.[a-z]+)*)*"}),
    "form": Form("(block |field |transfer )+", {}, {"id": _NAME}),
    "block": Form(f"(var )*{_GOING}"),
    "field": Form("prompt (catch )*filled ", {"name": _NAME, "type": r"digits\?length=[0-9]{1,2}"}),
    "prompt": Form("", {"bargein": "true|false"}, speaks=True),
    "filled": Form(f"{_GOING}|if "),
    "if": Form("goto ", {"cond": r"transferred == '[a-z_]+'( \|\| transferred == '[a-z_]+')*"}),
    "submit": Form("", {"next": _URI, "method": "post|get", "namelist": f"{_NAME}( {_NAME})*"}),
    "goto": Form("", {"next": _URI}),
    "transfer": Form(
        "(filled )?",
        {"name": _NAME, "dest": "(tel|sip|sips):.+", "type": "blind|bridge|consultation", "aai": "[ -~]+"},
    ),
}


def read(response: httpx.Response) -> Element:
    """The document of an answer, checked."""
    assert response.headers["content-type"] == MEDIA_TYPE
    page = check(response.content, f"{{{NAMESPACE}}}vxml", GRAMMAR)
    ids = {form.get("id") for form in page.findall("{*}form")}
    for goto in page.iter(f"{{{NAMESPACE}}}goto"):
        assert goto.attrib["next"].removeprefix("#") in ids, "a place in this document"
    for submit in page.iter(f"{{{NAMESPACE}}}submit"):
        declared = {var.attrib["name"] for var in page.iter(f"{{{NAMESPACE}}}var")} | {"digits"}
        assert set(submit.attrib["namelist"].split()) <= declared
    return page


async def test_a_browser_that_told_nothing_is_to_tell_the_sessions_variables(site: Site) -> None:
    response = await site.send("voicexml", b"", method="GET")
    page = read(response)
    variables = {var.attrib["name"]: var.attrib["expr"] for var in page.iter(f"{{{NAMESPACE}}}var")}
    assert variables == {
        "number": "session.connection.local.uri",
        "caller": "session.connection.remote.uri",
        "call_id": '""',
    }
    (submit,) = page.iter(f"{{{NAMESPACE}}}submit")
    assert submit.attrib["next"] == f"{PUBLIC_URL}/adapters/voicexml"


async def test_what_the_address_names_comes_along(site: Site) -> None:
    page = read(await site.send("voicexml", b"", query="call_id=a%22b", method="GET"))
    assert [var.attrib["expr"] for var in page.iter(f"{{{NAMESPACE}}}var")][-1] == '"a\\"b"'


async def test_a_browser_without_a_number_is_not_asked_again_and_again(site: Site) -> None:
    page = read(await site.send("voicexml", b"number=&caller=&call_id="))
    (transfer,) = page.iter(f"{{{NAMESPACE}}}transfer")
    assert transfer.attrib["dest"] == QUEUE


async def test_digits_are_collected_and_sent_with_the_call(site: Site) -> None:
    await site.coded()
    told = {"number": SHARED, "caller": "sip:anonymous@anonymous.invalid", "call_id": "c1"}
    page = read(await site.send("voicexml", urlencode(told)))
    (field,) = page.iter(f"{{{NAMESPACE}}}field")
    assert field.attrib["type"] == "digits?length=6"
    submits = [submit.attrib for submit in field.iter(f"{{{NAMESPACE}}}submit")]
    assert {each["next"] for each in submits} == {f"{PUBLIC_URL}/adapters/voicexml?length=6&attempt=1"}
    assert [each["namelist"] for each in submits] == ["number caller call_id", "number caller call_id digits"]


async def test_the_far_end_is_told_the_id(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    told = {"number": f"sip:{NUMBERS[0].replace(' ', '')}@vxml", "caller": f"tel:{CALLER}"}
    page = read(await site.send("voicexml", urlencode(told)))
    first, second = page.iter(f"{{{NAMESPACE}}}transfer")
    assert first.attrib["dest"] == AGENT
    assert read_user_to_user(first.attrib["aai"]) == {"match_id": session["_id"]}
    assert (second.attrib["dest"], second.attrib["aai"]) == (QUEUE, "match_status=unanswered")
    (unreached,) = page.iter(f"{{{NAMESPACE}}}if")
    assert "transferred == 'busy'" in unreached.attrib["cond"]


async def test_another_application_can_go_on_with_the_call(site: Site) -> None:
    await site.api.configure(
        "adapter.voicexml", agent="https://cc.example.com/agents.vxml", hand_over_keys="plan, e-mail"
    )
    session = await site.api.reserve(
        _phone_number=CALLER, plan='gold "plus"', **{"e-mail": "no name of a variable"}
    )
    page = read(
        await site.send("voicexml", urlencode({"number": session["_access_number"], "caller": CALLER}))
    )
    submit = next(page.iter(f"{{{NAMESPACE}}}submit"))
    assert submit.attrib["next"] == "https://cc.example.com/agents.vxml"
    assert submit.attrib["namelist"] == "plan match_id"
    values = [var.attrib["expr"] for var in page.iter(f"{{{NAMESPACE}}}var")]
    assert values == ['"gold \\"plus\\""', f'"{session["_id"]}"']


async def test_a_caller_cannot_write_into_the_document(site: Site) -> None:
    await site.coded()
    told = {"number": SHARED, "caller": "\"'</vxml>\x01\ud7ff", "call_id": "\\\u2028"}
    page = read(await site.send("voicexml", urlencode(told)))
    literals = [var.attrib["expr"] for var in page.iter(f"{{{NAMESPACE}}}var")]
    assert all(re.fullmatch(_STRING, literal) for literal in literals)
    assert all(literal.isascii() for literal in literals)
