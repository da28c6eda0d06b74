"""A chart that asks for too much is told so where the recommendation has a place for it, and else is stopped."""

from dataclasses import replace

import msgspec
import pytest

from matchline.chance import SeededChance
from matchline.scxml import Chart, Event, Host, Limits, Stopped, parse, restore, snapshot
from matchline.scxml.effects import Ended
from tests.scxml.charts import HOST, NOW, Played, document_text

FOREVER = '<state id="a"><transition cond="true" target="a"/></state>'


def test_a_loop_of_microsteps_is_stopped() -> None:
    played = Played(FOREVER, microsteps=50)
    assert played.stopped == "more than 50 microsteps for one event"
    assert not played.chart.running
    assert played.effects == [Ended(played.chart.id, None, played.stopped)]
    assert not played.chart.deliver(Event("more"))


def test_a_loop_may_be_ended_by_the_error_event() -> None:
    body = """<state id="a"><transition cond="true" target="b"/></state>
<state id="b"><transition event="error.execution" target="rest"/><transition cond="true" target="a"/></state>
<state id="rest"/>"""
    assert Played(body, microsteps=51).active == ("rest",)


def test_the_error_event_is_sent_once() -> None:
    body = (
        '<state id="a"><transition cond="true" target="a"/><transition event="error.*" target="a"/></state>'
    )
    assert Played(body, microsteps=200).stopped == "more than 200 microsteps for one event"


def test_a_condition_that_fails_for_ever_is_stopped() -> None:
    """Its error is an event, for which it is tried again, and fails."""
    body = '<state id="a"><transition cond="no.such" target="a"/></state>'
    assert Played(body).stopped == "more than 1,000 microsteps for one event"


def test_a_loop_of_internal_events_is_stopped() -> None:
    body = """<state id="a"><onentry><raise event="x"/></onentry>
<transition event="x" target="a"/></state>"""
    assert Played(body, microsteps=50).stopped == "more than 50 microsteps for one event"


FEEDS = """<state id="a"><onentry><send event="x"/></onentry><transition event="x" target="a"/>
{0}</state><state id="rest"/>"""


def test_a_chart_that_feeds_itself_gives_way_to_its_host() -> None:
    with pytest.raises(AssertionError, match="comes to rest"):
        Played(FEEDS.format(""))


def test_a_chart_that_feeds_itself_is_stopped() -> None:
    played = Played(FEEDS.format(""), own_events=50)
    assert played.stopped == "more than 50 events that it sent itself, without a rest"
    assert played.effects == [Ended(played.chart.id, None, played.stopped)]


def test_charts_that_feed_each_other_are_stopped() -> None:
    body = """<state id="a"><invoke id="i"><content><scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0">
<state><onentry><send event="pong" target="#_parent"/></onentry>
<transition event="ping"><send event="pong" target="#_parent"/></transition></state></scxml></content></invoke>
<transition event="pong"><send event="ping" target="#_i"/></transition></state>"""
    assert "more than 50 events" in (Played(body, own_events=50).stopped or "")


def test_a_chart_may_end_the_loop_when_it_is_told() -> None:
    told = '<transition event="error.execution" target="rest"/>'
    assert Played(FEEDS.format(told), own_events=50).active == ("rest",)


def test_events_that_it_sent_itself_count_over_storage() -> None:
    host = replace(HOST, limits=Limits(own_events=50))
    document = parse(document_text(FEEDS.format("")))
    chart = Chart.start(document, host, NOW)
    for _ in range(20):
        chart.run(NOW, most_steps=10)
        chart = restore(document, snapshot(chart), host, NOW)
    assert chart.stopped == "more than 50 events that it sent itself, without a rest"


def test_neither_events_from_outside_nor_those_after_a_rest_are_a_loop() -> None:
    body = """<state id="a"><transition event="go"><send event="x"/></transition>
<transition event="later"><send event="later" delay="1ms"/></transition></state>"""
    played = Played(body, own_events=2).send("later")
    for _ in range(5):
        played.send("go").after(1)
    assert [played.chart.deliver(Event("go")) for _ in range(9)] == [True] * 9
    played.run()
    assert played.stopped is None


def test_a_flood_of_internal_events_is_stopped() -> None:
    body = """<datamodel><data id="many" expr="Array(100).fill(0)"/></datamodel>
<state><onentry><foreach array="many" item="x"><raise event="e"/></foreach></onentry></state>"""
    assert Played(body, queued=99).stopped == "more than 99 internal events wait"
    assert Played(body, queued=100).stopped is None


def test_a_flood_of_external_events_is_stopped() -> None:
    body = """<datamodel><data id="many" expr="Array(100).fill(0)"/></datamodel>
<state><onentry><foreach array="many" item="x"><send event="e"/></foreach></onentry></state>"""
    assert Played(body, queued=99).stopped == "more than 99 events wait"
    assert Played(body, queued=100).stopped is None


def test_events_from_outside_are_refused_when_too_many_wait() -> None:
    played = Played("<state/>", queued=2)
    assert [played.chart.deliver(Event("e")) for _ in range(3)] == [True, True, False]


def test_too_many_delayed_messages_are_an_error() -> None:
    body = """<state id="a"><onentry><send event="e" delay="1s"/><send event="e" delay="1s"/></onentry>
<transition event="error.execution" target="b"/></state><state id="b"/>"""
    assert Played(body, delayed=1).active == ("b",)
    assert Played(body, delayed=2).active == ("a",)


def test_too_much_executable_content_is_stopped() -> None:
    body = """<datamodel><data id="many" expr="Array(1000).fill(0)"/><data id="n" expr="0"/></datamodel>
<state><onentry><foreach array="many" item="x"><foreach array="many" item="y">
<assign location="n" expr="n + 1"/></foreach></foreach></onentry></state>"""
    assert Played(body).stopped == "more than 20,000 elements of executable content for one event"


def test_a_script_that_never_ends_is_an_error() -> None:
    body = """<state id="a"><onentry><script>try { for (;;) {} } catch (e) { for (;;) {} }</script></onentry>
<transition event="error.execution" target="b"/></state><state id="b"/>"""
    assert Played(body, script_ms=20).active == ("b",)


def test_the_time_of_all_scripts_for_one_event_is_bounded() -> None:
    body = """<datamodel><data id="many" expr="Array(1000).fill(0)"/></datamodel>
<state><onentry><foreach array="many" item="x"><if cond="(function () { for (;;) {} })()"/></foreach></onentry>
</state>"""
    assert Played(body, script_ms=20, event_ms=50).stopped == "the scripts for one event took more than 50 ms"


def test_a_script_that_calls_itself_too_deep_is_an_error() -> None:
    body = """<state id="a"><onentry><script>(function f() { return f() + 1 })()</script></onentry>
<transition event="error.execution" target="b"/></state><state id="b"/>"""
    assert Played(body).active == ("b",)


def test_data_that_are_too_large_are_an_error() -> None:
    body = """<state id="a"><onentry><send event="e"><param name="p" expr="'x'.repeat(1000)"/></send></onentry>
<transition event="error.execution" target="b"/><transition event="e" target="c"/></state>
<state id="b"/><state id="c"/>"""
    assert Played(body, data_bytes=1000).active == ("b",)
    assert Played(body, data_bytes=1100).active == ("c",)


@pytest.mark.parametrize(
    "data", ["no JSON", "[" * 100_000, '"' + chr(0xD800) + '"'], ids=["text", "deep", "half"]
)
def test_data_that_cannot_be_read_are_an_error_and_the_event_has_none(data: str) -> None:
    body = """<state id="a"><transition event="e" cond="_event.data === undefined" target="b"/></state>
<state id="b"><transition event="error.execution" target="c"/></state><state id="c"/>"""
    assert Played(body).send("e", data).active == ("c",)


@pytest.mark.parametrize(
    "script",
    [
        "for (var deep = [], i = 0; i &lt; 5000; i++) deep = [deep]",
        "var endless = new Proxy({}, {ownKeys() { for (;;) {} }})",
        "globalThis['\\ud800'] = 1",
    ],
)
def test_variables_that_could_not_be_restored_are_not_stored(script: str) -> None:
    played = Played(f'<script>{script}</script><state id="a"/>')
    with pytest.raises(Stopped, match="the variables cannot be stored"):
        snapshot(played.chart)


def test_half_a_surrogate_pair_is_an_error() -> None:
    body = """<state id="a"><onentry><send eventexpr="'\\ud800'"/></onentry>
<transition event="error.execution" target="b"/></state><state id="b"/>"""
    assert Played(body).active == ("b",)


@pytest.mark.parametrize("limits", [Limits(invoke_depth=3), Limits(sessions=4)], ids=["depth", "sessions"])
def test_charts_that_invoke_themselves_end_somewhere(limits: Limits) -> None:
    body = """<datamodel><data id="self"/></datamodel>
<state id="a"><transition cond="self" target="b"/><transition event="go" target="b">
<assign location="self" expr="_event.data"/></transition></state>
<state id="b"><invoke><param name="self" location="self"/><content expr="self"/></invoke>
<transition event="error.execution" target="c"/></state><state id="c"/>"""
    played = Played(body, host=Host(SeededChance(1), limits))
    played.send("go", msgspec.json.encode(document_text(body)).decode())
    deepest = list(played.chart.sessions.values())[-1]
    assert len(played.chart.sessions) == 4
    assert [deepest.document.states[index].id for index in deepest.interpreter.active] == ["c"]
