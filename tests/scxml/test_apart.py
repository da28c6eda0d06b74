"""Charts in a process of their own: the same results, and nothing that a script does reaches the host."""

import re
from collections.abc import Iterator
from signal import SIGSTOP

import pytest
from msgspec.structs import replace

from matchline.scxml import DocumentRefused, Event, Limits
from matchline.scxml.apart import ChartApart, Worker
from matchline.scxml.effects import Ended, Logged
from matchline.scxml.http_io import HttpRequest
from matchline.scxml.worker import Delivery, Request, Settings
from tests.scxml.charts import NOW, document_text

SHORT = Settings(Limits(script_ms=30, event_ms=1000))
SOON = 0.2  # seconds
OUT_OF_TIME = "the chart's scripts gave no answer in time"


@pytest.fixture(scope="module", name="worker")
def _worker() -> Iterator[Worker]:
    with Worker() as worker:
        yield worker


def start(worker: Worker, body: str, settings: Settings | None = None) -> ChartApart:
    return ChartApart(worker, document_text(body).encode(), settings or Settings(), NOW)


def run(chart: ChartApart, now: int = NOW) -> ChartApart:
    while chart.step(now):
        pass
    return chart


COUNT = """<datamodel><data id="n" expr="0"/></datamodel>
<state id="a"><transition event="add"><assign location="n" expr="n + _event.data"/><log expr="n"/></transition>
<transition event="end" target="b"/></state><final id="b"><donedata><content expr="n"/></donedata></final>"""


def test_a_chart_runs_from_one_process_to_the_next(worker: Worker) -> None:
    chart = run(start(worker, COUNT))
    assert chart.deliver(Event("add", data="2"))
    assert chart.deliver(Event("add", data="3"))
    run(chart)
    with Worker() as another:
        moved = ChartApart(another, document_text(COUNT).encode(), Settings(), NOW, stored=chart.snapshot)
        assert moved.deliver(Event("end"))
        run(moved)
    assert [effect.value for effect in chart.take_effects() if isinstance(effect, Logged)] == ["2", "5"]
    assert (moved.running, moved.result) == (False, "5")
    assert not moved.deliver(Event("add"))


@pytest.mark.parametrize(
    "script",
    [
        "/(a+)+$/.test('a'.repeat(40) + 'b')",
        "var a = []; a.length = 4294967295; a.indexOf(1)",
        "var kept = { toJSON() { return /(a+)+$/.test('a'.repeat(40) + 'b') } }",
    ],
    ids=["regular expression", "array", "when it is stored"],
)
def test_what_no_limit_within_can_end_ends_its_process(worker: Worker, script: str) -> None:
    body = f"""<state id="a"><transition event="go" target="b"><script>{script}</script></transition></state>
<state id="b"/>"""
    chart = run(start(worker, body, SHORT))
    chart.deliver(Event("go"))
    assert not chart.step(NOW)
    assert (chart.running, chart.stopped, chart.active) == (False, OUT_OF_TIME, ("a",))
    assert chart.take_effects() == [Ended(chart.id, None, OUT_OF_TIME)]
    assert run(start(worker, COUNT)).active == ("a",), "the next chart has a new process"


def test_conditions_without_end_end_their_process_too(worker: Worker) -> None:
    """They are no scripts: the null data model has none."""
    never = """<transition cond="In('no')" target="a"/>""" * 7000
    body = f"""<state id="a">{never}<transition target="b"/></state>
<state id="b">{never}<transition target="a"/></state>"""
    text = document_text(body).replace("ecmascript", "null")
    chart = run(ChartApart(worker, text.encode(), Settings(Limits(event_ms=1)), NOW))
    assert (chart.running, chart.stopped) == (False, OUT_OF_TIME)


def test_a_process_that_does_nothing_is_ended() -> None:
    with Worker(SOON) as worker:
        chart = run(start(worker, COUNT))
        assert worker.process is not None
        worker.process.send_signal(SIGSTOP)
        chart.deliver(Event("add", data="2"))
        assert not chart.step(NOW)
        assert (chart.running, chart.stopped) == (False, OUT_OF_TIME)


def test_a_turn_is_not_long(worker: Worker) -> None:
    """Other charts wait: of steps that are due at once no more is taken than fits, and none is left out."""
    body = """<datamodel><data id="n" expr="0"/></datamodel>
<state id="a"><transition event="e"><script>for (var i = 0; i &lt; 2e6; i++); n++</script>
</transition></state>"""
    document = document_text(body).encode()
    chart = run(start(worker, body))
    events = [Delivery(chart.id, Event("e")) for _ in range(8)]
    asked = Request(document, Settings(), NOW, 100, traced=False, snapshot=chart.snapshot, deliveries=events)
    replies = [worker.ask(asked)]
    while replies[-1].worked:
        replies.append(worker.ask(replace(asked, snapshot=replies[-1].snapshot, deliveries=[])))
    assert len(replies) > 1
    assert replies[-1].snapshot is not None
    assert replies[-1].snapshot.sessions[0].variables["n"] == "8"


# Where memory ends QuickJS may crash, so that these are not for the process that tests.
@pytest.mark.parametrize(
    "script",
    [
        "var all = []; for (;;) all.push('x'.repeat(1000))",
        "try { 'x'.repeat(1e8) } catch (e) { for (var i = [];;) i.push([i]) }",
    ],
)
def test_a_data_model_without_memory_ends_its_chart(worker: Worker, script: str) -> None:
    body = f"""<state id="a"><transition event="go" target="b"><script>{script}</script></transition></state>
<state id="b"/>"""
    chart = run(start(worker, body, Settings(Limits(memory_bytes=2_000_000, script_ms=2000))))
    chart.deliver(Event("go"))
    run(chart)
    assert not chart.running
    assert re.match("the data model needs more than 2,000,000 bytes|the process .* died", chart.stopped or "")


def test_a_crash_ends_one_chart(worker: Worker) -> None:
    body = """<state id="a"><transition event="go"><script>var b = 2n ** 3000000n; b * b * b</script></transition>
</state>"""
    chart = run(start(worker, body, Settings(Limits(memory_bytes=1_000_000))))
    chart.deliver(Event("go"))
    run(chart)
    assert run(start(worker, COUNT)).active == ("a",)


def test_faults_come_across(worker: Worker) -> None:
    with pytest.raises(DocumentRefused, match="line 2, <state>: has an initial state and no states"):
        start(worker, '<state initial="b"/>')


def test_variables_that_are_too_large_stop_the_chart(worker: Worker) -> None:
    body = """<datamodel><data id="x" expr="''"/></datamodel>
<state id="a"><transition event="go"><assign location="x" expr="'x'.repeat(1000)"/></transition></state>"""
    chart = run(start(worker, body, Settings(Limits(data_bytes=500))))
    chart.deliver(Event("go"))
    run(chart)
    assert chart.stopped == "the variables are more than 500 bytes"


def test_requests_come_out_and_their_failures_go_in(worker: Worker) -> None:
    body = """<state id="a"><onentry>
<send type="http://www.w3.org/TR/scxml/#BasicHTTPEventProcessor" target="http://example.com/x" event="e" id="s"/>
</onentry><transition event="error.communication" cond="_event.sendid === 's'" target="b"/></state><state id="b"/>"""
    chart = run(start(worker, body, Settings(allowed=frozenset({"example.com"}))))
    (request,) = (effect for effect in chart.take_effects() if isinstance(effect, HttpRequest))
    assert (request.url, request.body, request.sendid) == ("http://example.com/x", "_scxmleventname=e", "s")
    chart.fail(request.session, "503", request.sendid)
    assert run(chart).active == ("b",)
