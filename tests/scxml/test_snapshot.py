"""A chart goes on from its snapshot as if nothing had been; what is lost is what the documentation names."""

import msgspec
import pytest

from matchline.scxml import Chart, Event, Snapshot, Stopped, parse, restore, snapshot
from tests.scxml.charts import HOST, NOW, Played, document_text


def carried(played: Played) -> Played:
    """The same chart, restored from what JSON kept of it."""
    stored = msgspec.json.encode(snapshot(played.chart))
    decoded = msgspec.json.decode(stored, type=Snapshot)
    played.chart = restore(played.document, decoded, played.host, played.now)
    return played


def test_a_delayed_message_leaves_at_its_instant_and_can_be_cancelled() -> None:
    body = """<state id="a"><onentry><send id="x" event="lost" delay="1s"/><send event="kept" delay="2s"/></onentry>
<transition event="stop"><cancel sendid="x"/></transition>
<transition event="lost" target="lost"/><transition event="kept" target="kept"/></state>
<state id="lost"/><state id="kept"/>"""
    played = carried(Played(body))
    assert played.chart.next_due == NOW + 1000
    carried(played.send("stop"))
    assert played.chart.next_due == NOW + 2000
    assert played.after(1999).active == ("a",)
    assert carried(played).after(1).active == ("kept",)


def test_what_waits_in_the_queues_is_kept_in_its_order() -> None:
    body = """<state id="a"><transition event="one" target="b"/></state>
<state id="b"><transition event="two" target="c"/></state><state id="c"/>"""
    played = Played(body)
    for name in ("two", "one", "two"):
        assert played.chart.deliver(Event(name))
    played = carried(played)
    played.run()
    assert played.active == ("c",)


def test_functions_of_the_documents_scripts_are_there_again_and_others_are_not() -> None:
    body = """<script>function kept() { return 1 } var count = 0;</script>
<state id="a"><onentry><script>lost = function () {}; count = 5; circle = {}; circle.self = circle</script></onentry>
<transition event="look" cond="kept() + count === 6 &amp;&amp; typeof lost === 'undefined'" target="b"/>
</state><state id="b"><transition event="look" cond="typeof circle === 'undefined'" target="c"/></state>
<state id="c"/>"""
    played = Played(body)
    assert snapshot(played.chart).sessions[0].variables == {"count": "5"}
    assert carried(played).send("look").send("look").active == ("c",)


def test_undefined_and_null_stay_apart() -> None:
    body = """<datamodel><data id="u"/><data id="n" expr="null"/></datamodel>
<state id="a"><transition event="look" cond="u === undefined &amp;&amp; n === null" target="b"/></state>
<state id="b"/>"""
    assert carried(Played(body)).send("look").active == ("b",)


def test_the_last_event_is_there() -> None:
    body = """<state id="a"><transition event="*"/><transition event="look" target="a"/></state>"""
    played = carried(Played(body).send("first", '{"n":1}'))
    assert played.chart.root.interpreter.event == Event("first", data='{"n":1}')


def test_an_ended_chart_stays_ended() -> None:
    body = '<final id="a"><donedata><content>bye</content></donedata></final>'
    played = carried(Played(body))
    assert not played.chart.running
    assert played.chart.result == '"bye"'
    assert not played.chart.step(NOW)


def test_variables_that_are_too_large_are_not_stored() -> None:
    played = Played(
        '<datamodel><data id="x" expr="\'x\'.repeat(1000)"/></datamodel><state/>', data_bytes=1000
    )
    with pytest.raises(Stopped, match="more than 1,000 bytes"):
        snapshot(played.chart)


def test_a_snapshot_of_another_document_is_refused() -> None:
    stored = snapshot(Played('<state id="a"/>').chart)
    with pytest.raises(ValueError, match="another document"):
        restore(parse(document_text('<state id="b"/>')), stored, HOST, NOW)


def test_a_chart_that_has_not_entered_anything_can_be_stored() -> None:
    document = parse(document_text('<datamodel><data id="x" expr="0"/></datamodel><state id="a"/>'))
    chart = Chart.start(document, HOST, NOW, {"x": "5"})
    restored = restore(document, snapshot(chart), HOST, NOW)
    assert restored.run(NOW)
    assert restored.active == ("a",)
    assert snapshot(restored).sessions[0].variables == {"x": "5"}
