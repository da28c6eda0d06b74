"""FreeSWITCH: the documents of mod_httapi and the dialplan of mod_xml_curl.

The grammar of mod_httapi's documents and the fields of its requests are written from `mod_httapi_doc.txt` and the
examples beside it in FreeSWITCH's sources; the dialplan's from "mod_xml_curl" and "XML Dialplan" in FreeSWITCH's
documentation (developer.signalwire.com/freeswitch). All read on 2026-11-23.
"""

from typing import Any
from urllib.parse import urlencode
from xml.etree.ElementTree import Element

import httpx
import pytest

from tests.http.api import CALLER, SHARED

from .grammar import Form, check
from .site import EXTENSION, PUBLIC_URL, Site

pytestmark = pytest.mark.anyio

_NUMBER, _PLAIN = "[1-9][0-9]*", "[^$`]*"  # `$` would be run, and is refused by mod_httapi

HTTAPI = {
    "document": Form("work ", {"type": "xml/freeswitch-httapi"}),
    "work": Form("speak |(execute )*break "),
    "speak": Form(
        "bind ",
        {
            "engine": "[a-z_]+",
            "voice": "[a-z]+",
            "text": "[^<>]+",
            "name": "digits",
            "temp-action": "https?:.+",
        },
        {"input-timeout": _NUMBER, "digit-timeout": _NUMBER, "terminators": "#"},
    ),
    "bind": Form(speaks=True),
    "execute": Form("", {"application": "export|set|bridge|transfer", "data": _PLAIN}),
    "break": Form(),
}
DIALPLAN = {
    "document": Form("section ", {"type": "freeswitch/xml"}),
    "section": Form("context |result ", {"name": "dialplan|result"}),
    "result": Form("", {"status": "not found"}),
    "context": Form("extension ", {"name": ".+"}),
    "extension": Form("condition ", {"name": "matchline"}),
    "condition": Form("(action )+"),
    "action": Form("", {"application": "answer|httapi|export|set|bridge|transfer", "data": ".*"}),
}

# What mod_xml_curl posts for a call, as far as it matters here.
DIALPLAN_ASKED = {
    "section": "dialplan",
    "hostname": "fs1",
    "Caller-Context": "public",
    "Caller-Caller-ID-Number": CALLER,
    "Unique-ID": "b6ab6a8a-5d2b-4b0e-9e5f-5d1d0c8b7a11",
}


def work(response: httpx.Response) -> list[tuple[str, str]]:
    """What mod_httapi is to execute."""
    assert response.headers["content-type"].startswith("text/xml")
    page = check(response.content, "document", HTTAPI)
    return [(each.attrib["application"], each.attrib["data"]) for each in page.iter("execute")]


def dialplan(response: httpx.Response) -> tuple[Element, list[tuple[str, str]]]:
    page = check(response.content, "document", DIALPLAN)
    return page, [(each.attrib["application"], each.attrib["data"]) for each in page.iter("action")]


async def asked(site: Site, **fields: Any) -> httpx.Response:
    return await site.send("freeswitch", urlencode({"session_id": "s1", **fields}))


async def test_a_call_is_bridged_with_its_headers_and_queued_when_nobody_answers(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    done = work(await asked(site, number=session["_access_number"], caller=CALLER))
    assert ("export", f"sip_h_X-Match-Id={session['_id']}") in done
    assert ("export", f"match_id={session['_id']}") in done
    assert done[-8:] == [
        ("set", "hangup_after_bridge=true"),
        ("set", "continue_on_fail=true"),
        ("bridge", EXTENSION),
        ("export", "sip_h_X-Match-Id="),
        ("export", "sip_h_User-to-User="),
        ("export", "sip_h_X-Match-Status=unanswered"),
        ("export", "match_status=unanswered"),
        ("transfer", "5999 XML default"),
    ]


async def test_a_call_is_transferred_once(site: Site) -> None:
    await site.api.configure("adapter.freeswitch", agent="5000")
    session = await site.api.reserve(_phone_number=CALLER)
    done = work(await asked(site, number=session["_access_number"], caller=CALLER))
    assert [data for application, data in done if application == "transfer"] == ["5000 XML default"]


async def test_the_queue_is_told_why(site: Site) -> None:
    done = work(await asked(site, number="+18005550199", caller=CALLER))
    assert done[0] == ("export", "sip_h_X-Match-Status=no-match")
    assert done[-1] == ("transfer", "5999 XML default")


async def test_digits_are_collected_by_the_platforms_own_voice(site: Site) -> None:
    await site.coded()
    page = check((await asked(site, number=SHARED)).content, "document", HTTAPI)
    (speak,) = page.iter("speak")
    assert speak.findtext("bind") == "~\\d{6}"
    assert speak.attrib["temp-action"] == f"{PUBLIC_URL}/adapters/freeswitch?length=6&attempt=1"


async def test_the_end_of_a_call_is_noted(site: Site) -> None:
    assert work(await asked(site, exiting="true", number=SHARED)) == []


async def test_nothing_of_a_customers_is_run(site: Site) -> None:
    await site.api.configure("adapter.freeswitch", hand_over_keys="${system(id)}, name")
    data = {"${system(id)}": "x", "name": "${system(reboot)}\r\nX-Evil: 1"}
    session = await site.api.reserve(_phone_number=CALLER, **data)
    done = work(await asked(site, number=session["_access_number"], caller=CALLER))
    assert ("export", "match_data_name=%24%7Bsystem%28reboot%29%7D%0D%0AX-Evil%3A%201") in done
    assert ("export", "match_data___system_id__=x") in done


async def test_the_dialplan_bridges_a_matched_call(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    fields = {**DIALPLAN_ASKED, "Caller-Destination-Number": session["_access_number"]}
    page, actions = dialplan(await site.send("freeswitch", urlencode(fields)))
    assert [context.attrib["name"] for context in page.iter("context")] == ["public"]
    assert ("bridge", EXTENSION) in actions
    assert ("export", f"sip_h_X-Match-Id={session['_id']}") in actions


async def test_the_dialplan_leaves_the_digits_to_httapi(site: Site) -> None:
    await site.coded()
    number = SHARED.replace(" ", "")
    fields = {**DIALPLAN_ASKED, "Caller-Destination-Number": number, "Caller-Caller-ID-Number": CALLER}
    _, actions = dialplan(await site.send("freeswitch", urlencode(fields)))
    call = f"number={number},caller={CALLER}"
    assert actions == [
        ("answer", ""),
        ("httapi", f"{{method=POST,{call},url={PUBLIC_URL}/adapters/freeswitch}}"),
    ]


@pytest.mark.parametrize(
    "caller",
    ["1,url=http://evil.example}", "${system(reboot)}", "^^:1:url=http://evil.example", "'", "a b", ""],
)
async def test_a_caller_cannot_lead_the_dialogue_elsewhere(site: Site, caller: str) -> None:
    await site.coded()
    number = SHARED.replace(" ", "")
    fields = {**DIALPLAN_ASKED, "Caller-Destination-Number": number, "Caller-Caller-ID-Number": caller}
    _, actions = dialplan(await site.send("freeswitch", urlencode(fields)))
    assert actions[-1] == (
        "httapi",
        f"{{method=POST,number={number},url={PUBLIC_URL}/adapters/freeswitch}}",
    )


@pytest.mark.parametrize("section", ["directory", "configuration"])
async def test_what_is_no_dialplan_is_not_found(site: Site, section: str) -> None:
    page, actions = dialplan(await site.send("freeswitch", urlencode({**DIALPLAN_ASKED, "section": section})))
    assert [result.attrib["status"] for result in page.iter("result")] == ["not found"]
    assert not actions
