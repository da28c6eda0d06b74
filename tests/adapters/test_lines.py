"""Lines: how they are configured, who may send them events, and what happens when the engine cannot answer."""

import ast
import asyncio
import json
from dataclasses import replace
from pathlib import Path

import httpx
import pytest
from starlette.requests import Request

import matchline.adapters
from matchline.adapters import twilio
from matchline.adapters.lines import Lines
from matchline.chance import SeededChance
from matchline.cli.call import phones
from matchline.cli.call.phone import Goes, Way
from matchline.clock import ManualClock
from matchline.engine import Engine
from matchline.engine.configure import differences
from matchline.errors import Unavailable, UnknownRoute
from matchline.store.memory import MemoryStore
from matchline.wiring import ADAPTERS, DECLARED, application, read_document
from tests.http.api import CALLER, NUMBERS, SHARED, body, fault

from .site import LINES, PLATFORMS, PUBLIC_URL, QUEUE, SECRET, WHOLE, Site, call

pytestmark = pytest.mark.anyio

ADAPTER_FILES = {
    path.stem
    for path in Path(matchline.adapters.__path__[0]).glob("*.py")
    if "\nadapter = " in path.read_text()
}


def faults(line: str) -> str:
    _, found = read_document(WHOLE + f"\n[adapter.wrong]\n{line}\n")
    return " ".join(each.message for each in found)


@pytest.mark.parametrize(
    ("line", "complaint"),
    [
        ('_type = "pigeon"', "_type: must name a platform: "),
        ("retries = 1", "_type: must name a platform: "),
        (
            '_type = "json"\n_service = "request-interaction"',
            "_service: must name a configured service that is bound",
        ),
        ('_type = "json"\n_service = "none"', "_service: must name a configured service that is bound"),
        ('_type = "json"\nagent = "1"', "agent: is not an option of this section"),
        ('_type = "json"\nretries = 9', "retries: must be 0 to 5"),
        ('_type = "json"\nlook_up_limit = 3000', "look_up_limit: must be 100 to 2900 milliseconds"),
        ('_type = "json"\nlanguage = "?"', "language: must be a language tag"),
        ('_type = "jambonz"\nagent = "+1 800"', "agent: must be a telephone number, or a SIP URI"),
        (
            '_type = "jambonz"\nagent = "sip:a\\r\\nX-Evil: 1"',
            "agent: must be a telephone number, or a SIP URI",
        ),
        ('_type = "jambonz"\nagent = "sip:a"', "queue: is missing"),
        ('_type = "freeswitch"\nagent = "${system(id)}"', "agent: must be an extension"),
        ('_type = "twilio"\nagent = "sip:a"\nqueue = "sip:b"', "auth_token: is missing"),
    ],
)
def test_faults_of_a_line_are_told(line: str, complaint: str) -> None:
    assert f"[adapter.wrong] {complaint}" in faults(line)


def test_twilio_needs_its_library(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(twilio, "find_spec", lambda _: None)
    assert "[adapter.twilio] auth_token: needs more: pip install 'matchline[twilio]'" in faults(
        '_type = "json"'
    )


def test_a_lines_name_can_stand_in_an_address() -> None:
    _, found = read_document(WHOLE + '\n[adapter."a/b"]\n_type = "json"\n')
    assert any("a line's name has" in each.message for each in found)


def test_a_service_is_not_bound_to_an_adapter() -> None:
    _, found = read_document(WHOLE + '\n[service.x]\n_type = "builtin"\n_service = "adapter.json"\n')
    assert any("_service: must name a built-in" in each.message for each in found)


def test_at_most_one_option_of_an_adapter_is_secret_and_its_name_is_known_as_one() -> None:
    document, _ = read_document(WHOLE)
    engine = Engine(MemoryStore(), ManualClock(), SeededChance(1), DECLARED)
    told = differences(engine.keeper.current, document)
    assert not [line for line in told if SECRET in line]
    for adapter in ADAPTERS.values():
        secrets = [option.name for option in adapter.declared.values() if option.secret]
        assert secrets in ([], ["secret"], ["auth_token"]), adapter.name


async def test_a_lines_secret_is_shown_to_nobody(site: Site) -> None:
    options = body(await site.api.get("/admin/options/adapter.twilio"))
    assert "auth_token" not in options
    await site.api.configure("adapter.twilio", auth_token="another-secret")
    for address in ("/admin/options", "/admin/audit"):
        assert "another-secret" not in (await site.api.get(address)).text
    assert "another-secret" not in repr(site.engine.keeper.current.lines)


async def test_a_change_is_in_force_at_once(site: Site) -> None:
    await site.api.configure("adapter.json", secret="another")
    assert (await site.send("json", json.dumps({"number": "1"}))).status_code == 403
    await site.api.configure("adapter.json", secret=None)
    assert (await site.send("json", json.dumps({"number": "1"}))).status_code == 200
    await site.api.send("DELETE", "/admin/options/adapter.json")
    fault(await site.send("json", "{}"), 404, "UnknownRoute")


async def test_a_service_that_a_line_asks_cannot_be_removed(site: Site) -> None:
    answer = await site.api.send("DELETE", "/admin/options/service.match-interaction")
    assert "[adapter.connect] _service: must name" in fault(answer, 400, "InvalidConfiguration")


async def test_a_line_that_is_not_reached_by_http_has_no_address(site: Site) -> None:
    lines = Lines(site.engine, {"json": replace(ADAPTERS["json"], talk=None)})
    with pytest.raises(UnknownRoute):
        await lines.hear(Request({"type": "http", "path_params": {"line": "json"}}))


async def test_where_credentials_are_needed_a_signature_is_one(site: Site) -> None:
    made = body(await site.api.post("/admin/keys", json={"name": "ivr", "scopes": ["ivr"]}))
    key = {"authorization": f"Bearer {made['key']}"}
    assert isinstance((await site.dial("jambonz", call(NUMBERS[0])))[-1], Goes)
    refused = await site.send("voicexml", "number=1")
    assert refused.status_code == 401
    assert (await site.send("voicexml", "number=1", key)).status_code == 200
    assert (await site.send("jambonz", "{}")).status_code == 403, "a signature is asked for"
    assert (await site.send("jambonz", "{}", key)).status_code == 403, "of those who have a key too"


async def test_the_servers_password_opens_a_line_that_is_not_signed(site: Site) -> None:
    await site.api.configure("server", username="pbx", password="open sesame")
    for password, status in (("open sesame", 200), ("another", 401)):
        answer = await site.client.post("/adapters/freeswitch", auth=("pbx", password), data={"number": "1"})
        assert answer.status_code == status


async def test_keys_for_other_services_do_not_open_a_line(site: Site) -> None:
    wanted = {"name": "x", "scopes": ["ivr"], "services": ["get"]}
    key = {"authorization": f"Bearer {body(await site.api.post('/admin/keys', json=wanted))['key']}"}
    assert (await site.send("voicexml", "number=1", key)).status_code == 403


@pytest.mark.parametrize("platform", PLATFORMS)
async def test_a_store_that_cannot_answer_leads_to_the_queue_flagged(
    site: Site, platform: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_: object) -> None:
        raise Unavailable("down")

    monkeypatch.setattr(site.engine.matching, "match", fail)
    (goes,) = await site.dial(platform, call(NUMBERS[0], CALLER))
    assert isinstance(goes, Goes)
    assert (goes.match_id, goes.status) == ("", "unavailable")
    metrics = (await site.client.get("/metrics")).text
    assert f'matchline_line_events_total{{line="{platform}",outcome="queue-flagged"}} 1.0' in metrics


async def test_a_look_up_that_takes_too_long_leads_to_the_queue_flagged(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    await site.api.configure("adapter.jambonz", look_up_limit="100")
    going_on, done = asyncio.Event(), asyncio.Event()

    async def linger(*_: object) -> None:
        await going_on.wait()
        done.set()
        raise Unavailable("late")

    monkeypatch.setattr(site.engine.matching, "match", linger)
    (goes,) = await site.dial("jambonz", call(NUMBERS[0], CALLER))
    assert isinstance(goes, Goes)
    assert (goes.to, goes.status) == (QUEUE, "unavailable")
    going_on.set()
    await done.wait()


async def test_what_is_genuine_is_not_counted_by_address_and_what_is_forged_is(site: Site) -> None:
    await site.api.configure("server", rate_per_address="1")
    site.engine.guard.insecure_open = True
    transport = httpx.ASGITransport(application(site.engine), client=("203.0.113.9", 4711))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as platform:
        site.client = platform
        forged = [(await site.send("jambonz", "{}")).status_code for _ in range(4)]
        assert forged == [403, 403, 429, 429]
        for _ in range(9):
            assert isinstance((await site.dial("jambonz", call(NUMBERS[0])))[-1], Goes)
        assert (await site.send("voicexml", "number=1")).status_code == 429, "it proves nothing of itself"


@pytest.mark.parametrize("platform", ["twilio", "jambonz", "connect", "json"])
async def test_what_is_forged_is_refused_and_counted(site: Site, platform: str) -> None:
    await site.api.reserve(_phone_number=CALLER)
    way = Way(f"{PUBLIC_URL}/adapters/{platform}", "another secret", site.now)
    sent = phones()[platform].send(call(NUMBERS[0], CALLER), way, None, "")
    refused = await site.send(platform, sent.body, sent.headers)
    assert refused.status_code == 403
    assert (await site.api.pool())["reserved"] == "1", "nothing was looked up"
    metrics = (await site.client.get("/metrics")).text
    assert f'matchline_line_events_total{{line="{platform}",outcome="forged"}} 1.0' in metrics


async def test_guesses_of_credentials_are_counted_at_a_line_too(site: Site) -> None:
    await site.api.configure("server", username="pbx", password="open sesame", rate_per_address="1")
    transport = httpx.ASGITransport(application(site.engine), client=("203.0.113.9", 4711))
    async with httpx.AsyncClient(transport=transport, base_url=PUBLIC_URL) as guesser:
        guesses = [await guesser.post("/adapters/freeswitch", auth=("pbx", str(n))) for n in range(3)]
    assert [guess.status_code for guess in guesses] == [401, 401, 429]


async def test_the_call_log_and_the_metrics_know_of_the_call(site: Site) -> None:
    session = await site.coded()
    await site.dial("json", call(SHARED, "", "c1"), session["_access_code"])
    metrics = (await site.client.get("/metrics")).text
    assert 'matchline_line_events_total{line="json",outcome="collect"} 1.0' in metrics
    assert 'matchline_line_events_total{line="json",outcome="handed-over"} 1.0' in metrics
    calls = body(await site.api.get("/admin/calls"))["calls"]
    assert {entry["service"] for entry in calls} == {"match-interaction"}


async def test_a_second_ivr_finds_the_session_by_the_same_call_id(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    await site.dial("twilio", call(NUMBERS[0], CALLER, "CA77"))
    again = body(await site.api.match(NUMBERS[0], _call_id="CA77"))
    assert again["_id"] == session["_id"]


@pytest.mark.parametrize(
    "path", sorted(Path(matchline.adapters.__path__[0]).glob("*.py")), ids=lambda path: path.stem
)
def test_no_adapter_knows_another(path: Path) -> None:
    others = {each for each in ADAPTER_FILES if each != path.stem}
    imported = {
        (node.module or "").rpartition(".")[2]
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.ImportFrom)
    }
    assert not imported & others


def test_the_tests_know_every_platform_that_speaks_http() -> None:
    assert {name for name, adapter in ADAPTERS.items() if adapter.talk} == set(PLATFORMS)
    assert all(f"[adapter.{name}]" in LINES for name in PLATFORMS)
    assert set(phones()) == {"", *PLATFORMS}


async def test_the_same_event_at_the_same_time_gets_the_same_answer(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    event = str(
        httpx.QueryParams({"number": session["_access_number"], "caller": CALLER, "session_id": "s1"})
    )
    answers = await asyncio.gather(*(site.send("freeswitch", event) for _ in range(8)))
    assert len({answer.content for answer in answers}) == 1
    assert session["_id"] in answers[0].text


async def test_get_and_post_are_the_same(site: Site) -> None:
    session = await site.api.reserve(_phone_number=CALLER)
    query = str(httpx.QueryParams({"number": session["_access_number"], "caller": CALLER}))
    assert session["_id"] in (await site.send("freeswitch", b"", query=query, method="GET")).text
