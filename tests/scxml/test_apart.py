"""Charts in a process of their own: the same results, and nothing that a script does reaches the host."""

from collections.abc import Iterator

import pytest

from matchline.scxml import DocumentRefused, Event, Limits
from matchline.scxml.apart import ChartApart, Worker
from matchline.scxml.effects import Ended, Logged
from matchline.scxml.http_io import HttpRequest
from matchline.scxml.worker import Settings
from tests.scxml.charts import NOW, document_text

SECONDS = 2.0  # the time of one request, when it is to run out


@pytest.fixture(scope="module", name="worker")
def _worker() -> Iterator[Worker]:
    with Worker(SECONDS) as worker:
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
    ["/(a+)+$/.test('a'.repeat(40) + 'b')", "var a = []; a.length = 4294967295; a.indexOf(1)"],
    ids=["regular expression", "array"],
)
def test_what_no_limit_within_can_end_is_ended_from_without(worker: Worker, script: str) -> None:
    body = f"""<state id="a"><transition event="go" target="b"><script>{script}</script></transition></state>
<state id="b"/>"""
    chart = run(start(worker, body))
    chart.deliver(Event("go"))
    assert not chart.step(NOW)
    limit = "the chart's scripts gave no answer in time"
    assert (chart.running, chart.stopped, chart.active) == (False, limit, ("a",))
    assert chart.take_effects() == [Ended(chart.id, None, limit)]
    assert run(start(worker, COUNT)).active == ("a",), "the next chart has a new process"


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
