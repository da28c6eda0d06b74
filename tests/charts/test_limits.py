"""Charts that misbehave are stopped, each with a record of why; everybody else goes on."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from matchline.clock import steady
from tests.charts.chart_api import Charted, chart, charted, configuration
from tests.http.api import fault

pytestmark = pytest.mark.anyio

SCRIPT_MS = 100
EVENT_MS = 1000  # as a clock on the wall sees it: an ordinary event must pass on a busy machine too
SOON_SECONDS = 2.0  # an answer of an idle node takes some milliseconds; this is a hang

ANSWER = '<ws:response requestid="_event.sendid"><param name="{0}" expr="{1}"/></ws:response>'
GOOD = chart(f'<state id="a"><transition event="ping">{ANSWER.format("pong", "1")}</transition></state>')
BAD = chart(
    f"""<datamodel><data id="seen" expr="[]"/><data id="held"/></datamodel>
<state id="a">
  <transition event="error.execution"><script>seen.push(_event.data.message)</script></transition>
  <transition event="steps" target="b"/>
  <transition event="script"><script>while (true) {{}}</script></transition>
  <transition event="scripts"><foreach array="Array(15000).fill(1)" item="held">
    <script>for (var i = 0; i &lt; 1e5; i++);</script></foreach></transition>
  <transition event="regex"><script>/(a+)+$/.test('a'.repeat(40) + 'b')</script></transition>
  <transition event="throw"><script>throw new Error('on purpose')</script></transition>
  <transition event="grow"><assign location="held" expr="'x'.repeat(5000)"/></transition>
  <transition event="memory"><script>var all = []; while (true) all.push('x'.repeat(100000))</script></transition>
  <transition event="seen">{ANSWER.format("seen", "seen")}</transition>
</state>
<state id="b"><transition target="c"/></state><state id="c"><transition target="b"/></state>"""
)


@pytest.fixture(scope="module", name="api")
async def _api(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Charted]:
    limits = {
        "workers": 1,
        "microsteps": 50,
        "script_ms": SCRIPT_MS,
        "event_ms": EVENT_MS,
        "data_bytes": 4096,
    }
    server = "\n".join(f"scxml_{name} = {value}" for name, value in limits.items())
    folder = tmp_path_factory.mktemp("charts")
    charts = {"good": GOOD, "bad": BAD}
    async with charted(configuration(folder, charts, server, "_response_timeout = 30")) as api:
        yield api


async def stopped(api: Charted, session: dict[str, str]) -> str:
    """Why the chart was stopped, once it is."""
    while (looked := await api.look(session))["_chart"] == "running":  # noqa: ASYNC110 - it is told by HTTP only
        await asyncio.sleep(0.02)
    assert looked["_chart"] == "stopped"
    return str(looked["_chart_stopped"])


@pytest.mark.parametrize(
    ("request_", "why"),
    [
        ("steps", "more than 50 microsteps"),
        ("scripts", f"more than {EVENT_MS} ms"),
        ("grow", "more than 4,096 bytes"),
        ("regex", "gave no answer in time"),
    ],
)
async def test_a_limit_stops_a_chart_and_is_told(api: Charted, request_: str, why: str) -> None:
    await api.configure("service.bad", _response_timeout="0")
    session = await api.begin("bad")
    assert (await api.request(session, request_)).status_code == 202
    assert why in await stopped(api, session)
    response = await api.request(session, "seen")
    fault(response, 409, "ChartEnded")
    assert why in response.json()["_stopped"]
    assert await api.answer(await api.begin("good"), "ping") == {"pong": "1"}


@pytest.mark.parametrize(("request_", "why"), [("script", "interrupted"), ("throw", "on purpose")])
async def test_a_script_that_fails_is_an_error_of_its_chart(api: Charted, request_: str, why: str) -> None:
    await api.configure("service.bad", _response_timeout="0")
    session = await api.begin("bad")
    await api.request(session, request_)
    await api.configure("service.bad", _response_timeout="30")
    (seen,) = (await api.answer(session, "seen"))["seen"]
    assert why in seen


async def test_memory_ends(api: Charted) -> None:
    await api.configure("service.bad", _response_timeout="0")
    session = await api.begin("bad")
    await api.request(session, "memory")
    assert await stopped(api, session)


async def test_the_node_answers_while_charts_loop(api: Charted) -> None:
    await api.configure("service.bad", _response_timeout="0")
    looping = [await api.begin("bad") for _ in range(3)]
    for session in looping:
        await api.request(session, "regex")
    for _ in range(20):
        began = steady()
        assert (await api.get("/admin/node/status")).text == "ONLINE"
        assert (await api.match("+18005550100")).status_code == 404
        assert steady() - began < SOON_SECONDS
    assert (await api.look(looping[-1]))["_chart"] == "running", "it has not had its turn"
