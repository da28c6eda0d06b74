"""What a host carries out for a chart: message and invocation types of its own, sessions of other charts."""

from dataclasses import replace

from matchline.scxml import Event
from matchline.scxml.effects import EventForwarded, InvocationStarted, InvocationStopped, Sent
from tests.scxml.charts import HOST, Played

REACH = replace(
    HOST,
    send_types=frozenset({"urn:notify"}),
    invoke_types=frozenset({"urn:fetch"}),
    knows={"other-session"}.__contains__,
)


def test_a_message_of_the_hosts_type_is_handed_over() -> None:
    body = """<state><onentry><send type="urn:notify" target="somewhere" event="e" id="x" delay="1s">
<param name="a" expr="1"/></send></onentry></state>"""
    played = Played(body, host=REACH)
    assert played.effects == []
    played.after(1000)
    event = Event("e", data='{"a":1}', sendid="x")
    assert played.effects == [Sent(played.chart.id, "urn:notify", "somewhere", event)]


def test_a_message_to_another_chart_is_handed_over() -> None:
    body = '<state><onentry><send target="#_scxml_other-session" event="e"/></onentry></state>'
    (sent,) = Played(body, host=REACH).effects
    assert isinstance(sent, Sent)
    assert (sent.target, sent.event.origin) == ("#_scxml_other-session", f"#_scxml_{sent.session}")


def test_an_invocation_of_the_hosts_type_lives_as_long_as_its_state() -> None:
    body = """<state id="a">
<invoke type="urn:fetch" id="f" src="there" autoforward="true"><param name="p" expr="2"/></invoke>
<transition event="done.invoke.f" cond="_event.data === 3" target="b"/></state><state id="b"/>"""
    played = Played(body, host=REACH)
    own = played.chart.id
    assert played.effects == [InvocationStarted(own, "f", "urn:fetch", "there", '{"p":2}')]
    played.effects.clear()
    played.send("hint")
    assert played.effects == [EventForwarded(own, "f", Event("hint"))]
    played.effects.clear()
    done = Event("done.invoke.f", data="3", invokeid="f")
    assert played.chart.deliver(done)
    played.run()
    assert played.active == ("b",)
    assert played.effects == [EventForwarded(own, "f", done), InvocationStopped(own, "f")]


def test_variables_of_the_host_are_there_to_read() -> None:
    body = '<state><onentry><log expr="_x.site.name"/></onentry></state>'
    assert Played(body, host=replace(HOST, variables='{"site":{"name":"Berne"}}')).logged == ['"Berne"']


def test_cancelling_leaves_every_state() -> None:
    body = """<state id="a"><onexit><log expr="'a'"/></onexit><state id="b"><onexit><log expr="'b'"/></onexit></state>
</state>"""
    played = Played(body)
    played.chart.cancel()
    played.run()
    assert played.logged == ['"b"', '"a"']
    assert not played.chart.running
