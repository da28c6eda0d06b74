"""Documents that are refused: every fault at once, with its line and element, and nothing started."""

import pytest

from matchline.scxml import DocumentRefused, Limits, check, checked, parse
from tests.scxml.charts import document_text

BOMB = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;">]><scxml xmlns="http://www.w3.org/2005/07/scxml"/>'
EXTERNAL = '<!DOCTYPE scxml SYSTEM "file:///etc/passwd"><scxml xmlns="http://www.w3.org/2005/07/scxml"/>'


def faults(body: str, attributes: str = "") -> list[tuple[int, str]]:
    """The line and element of each fault; the body begins on line 2."""
    with pytest.raises(DocumentRefused) as refused:
        parse(document_text(body, attributes))
    return [(fault.line, fault.element) for fault in refused.value.faults]


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("no XML at all", 1, "not well-formed"),
        ("", 1, "not well-formed"),
        ("<scxml>\n<state>\n</scxml>", 3, "not well-formed"),
        (BOMB, 1, "document type"),
        (EXTERNAL, 1, "document type"),
        ("<scxml/>", 1, "the root must be <scxml> of the namespace"),
        (b"\xff\xfe\x00", 1, "not well-formed"),
        ("<a>" * 101 + "</a>" * 101, 1, "more than 100 elements"),
        (document_text("<state/>" * 1_250_000), 1, "larger than 1,048,576 bytes"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_what_is_no_document(source: str | bytes, line: int, message: str) -> None:
    with pytest.raises(DocumentRefused, match=message) as refused:
        parse(source)
    assert refused.value.faults[0].line == line


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("", [(1, "scxml")]),
        ('<state>\n<transition event="a" target="nowhere"/></state>', [(3, "transition")]),
        ('<state id="a"/>\n<final id="a"/>', [(3, "final")]),
        ('<state id="two words"/>', [(2, "state")]),
        ("<state>\n<transition/></state>", [(3, "transition")]),
        ('<state><transition event=" " target="a"/></state><final id="a"/>', [(2, "transition")]),
        ('<state initial=""><state/></state>', [(2, "state")]),
        ('<state initial="b"><state/></state><state id="b"/>', [(2, "state")]),
        ("<state><initial/><state/></state>", [(2, "initial")]),
        ('<state id="a"><history/><state/></state>', [(2, "history")]),
        ("<parallel/>", [(2, "parallel")]),
        ("<parallel><final/></parallel>", [(2, "final")]),
        ("<state><onentry><raise/></onentry></state>", [(2, "raise")]),
        ("<state><onentry><unheard/></onentry></state>", [(2, "unheard")]),
        ("<state><finalize/></state>", [(2, "finalize")]),
        ('<final><transition event="a"/></final>', [(2, "transition")]),
        ('<state><onentry><send event="a" eventexpr="b"/></onentry></state>', [(2, "send")]),
        ('<state><onentry><send event="a" delay="soon"/></onentry></state>', [(2, "send")]),
        ('<state><onentry><send event="a" target="#_internal" delay="1s"/></onentry></state>', [(2, "send")]),
        ("<state><onentry><send/></onentry></state>", [(2, "send")]),
        ('<state><onentry><assign location="a" expr="1">2</assign></onentry></state>', [(2, "assign")]),
        ('<state><onentry><if cond="true"><else/>\n<else/></if></onentry></state>', [(3, "else")]),
        ('<script src="lib.js"/><state/>', [(2, "script")]),
        ('<state><invoke><content><scxml version="1.0"/></content></invoke></state>', [(2, "scxml")]),
        (
            '<state id="a"><transition event="x" target="b c"/></state><state id="b"/><state id="c"/>',
            [(2, "transition")],
        ),
    ],
)
def test_what_may_not_stand_in_one(body: str, expected: list[tuple[int, str]]) -> None:
    assert faults(body) == expected


@pytest.mark.parametrize("attributes", ['initial="nowhere"', 'binding="never"', 'initial=""'])
def test_the_root_is_held_to_its_rules_too(attributes: str) -> None:
    assert faults('<state id="a"/>', attributes) == [(1, "scxml")]


def test_an_unknown_data_model_is_named() -> None:
    source = document_text("<state/>").replace("ecmascript", "xpath")
    with pytest.raises(DocumentRefused, match="datamodel is 'xpath', not one of ecmascript, null"):
        parse(source)


def test_all_faults_are_told_at_once() -> None:
    body = """<state id="a">
<transition event="e" target="b"/>
<onentry><unheard/></onentry>
<state id="a"/></state>"""
    assert faults(body) == [(3, "transition"), (4, "unheard"), (5, "state")]


BAD_EXPRESSIONS = """<datamodel><data id="1st" expr="1"/></datamodel>
<state id="a" initial="a1">
<onentry><log expr="1 +"/></onentry>
<onentry><script>if (</script></onentry>
<onentry><assign location="1 + 1" expr="return"/></onentry>
<onentry><send eventexpr="(" namelist="a-"><param name="p" expr=")"/></send></onentry>
<onentry><if cond="a b"><foreach array="[" item="x y"/></if></onentry>
<invoke idlocation="{"><content><scxml version="1.0"><state><transition cond="1" event="x"/></state></scxml>
</content></invoke>
<transition cond="]" event="x"/>
<final id="a1"><donedata><content expr="'"/></donedata></final>
</state>"""


def test_expressions_are_compiled_by_the_check_and_not_by_the_parser() -> None:
    source = document_text(BAD_EXPRESSIONS)
    parse(source)
    with pytest.raises(DocumentRefused) as refused:
        checked(source)
    lines = [fault.line for fault in refused.value.faults]
    assert lines == [2, 4, 5, 6, 6, 7, 7, 7, 8, 8, 8, 9, 9, 11, 12]
    assert check(source).faults == refused.value.faults


@pytest.mark.parametrize(
    "element",
    [
        '<log expr="1)}); for (;;); (function () { return (1"/>',
        '<assign location="a)=1}); for (;;); (function () { (a" expr="1"/>',
        "<script>for (;;);</script>",
        "<script>} for (;;); {</script>",
    ],
)
def test_nothing_of_a_document_runs_when_it_is_checked(element: str) -> None:
    """Whatever brackets it closes. A loop would hold up the server for ever."""
    check(document_text(f'<state id="a"><onentry>{element}</onentry></state>'))


def test_a_script_is_checked_as_it_runs() -> None:
    report = check(
        document_text("<script>let n = 1</script><state><onentry><script>return</script></onentry></state>")
    )
    assert ["return not in a function" in fault.message for fault in report.faults] == [True]


TWO = """<state id="two" initial="{0}"><parallel id="p">
<state id="q"><state id="q1"/><state id="q2"/></state><state id="r"><state id="r1"/><state id="r2"/></state>
</parallel></state>"""


@pytest.mark.parametrize("targets", ["q1 r2", "q1 q1", "p", "p q1", "p r q2", "q r1"])
def test_targets_that_can_be_active_together(targets: str) -> None:
    parse(document_text(TWO.format(targets)))


@pytest.mark.parametrize(
    ("targets", "pair"),
    [
        ("q1 q2", "'q1' and 'q2'"),
        ("q1 r1 q2", "'q1' and 'q2'"),
        ("q q1", "'q' and 'q1'"),
        ("q1 q", "'q1' and 'q'"),
    ],
)
def test_targets_that_cannot_be_active_together(targets: str, pair: str) -> None:
    with pytest.raises(DocumentRefused, match=f"{pair} cannot be active together"):
        parse(document_text(TWO.format(targets)))


def test_many_targets_take_no_time() -> None:
    """Each with each would be a hundred million pairs."""
    regions = [f"s{n}" for n in range(15_000)]
    states = "".join(f'<state id="{name}"/>' for name in regions)
    last = f'<state><transition event="x" target="{" ".join(regions)}"/></state>'
    assert len(parse(document_text(f"<parallel>{states}{last}</parallel>")).states) == len(regions) + 3


def test_states_that_cannot_be_entered_are_found() -> None:
    body = """<state id="a" initial="a1">
<state id="a1"><transition event="x" target="p1"/></state>
<state id="a2"><state id="a21"/></state>
</state>
<parallel id="p"><state id="p1"/><state id="p2"><state id="p21"/><state id="p22"/></state></parallel>"""
    assert [str(fault) for fault in check(document_text(body)).faults] == [
        "line 4, <state>: the state 'a2' can never be entered",
        "line 6, <state>: the state 'p22' can never be entered",
    ]


def test_what_can_never_happen_is_a_warning() -> None:
    body = """<state id="a" odd="1">
<transition event="call" target="a"/>
<transition event="call.lost" target="a"/>
<transition event="done.state.b" target="a"/>
<transition event="x" cond="In('c')" target="a"/>
<transition event="x" target="a"/>
<other xmlns="urn:other"/>
</state>"""
    report = check(document_text(body))
    assert report.faults == ()
    assert [(warning.line, warning.message) for warning in report.warnings] == [
        (2, "has no attribute 'odd'; it is ignored"),
        (4, "is never taken: the one on line 3 always comes first"),
        (5, "there is no state 'b'"),
        (6, "there is no state 'c'"),
        (8, "is not SCXML and is ignored"),
    ]


def test_a_type_of_send_that_nobody_knows_is_a_warning_where_the_types_are_known() -> None:
    body = """<state id="a"><onentry>
<if cond="true"><send type="matchline:requst-access"/></if>
<send type="matchline:fetch"/><send type="scxml" event="x"/><send typeexpr="x" event="x"/><send event="x"/>
</onentry></state>"""
    assert check(document_text(body)).warnings == ()
    report = check(document_text(body), send_types=frozenset({"matchline:fetch"}))
    assert [str(each) for each in report.warnings] == [
        "line 3, <send>: there is no type 'matchline:requst-access'"
    ]


def test_a_document_within_its_limits_may_be_large() -> None:
    states = "".join(f'<state id="s{number}"/>' for number in range(5_000))
    assert len(parse(document_text(states)).states) == 5_001


def test_the_size_is_a_limit_of_the_host() -> None:
    with pytest.raises(DocumentRefused, match="larger than 10 bytes"):
        parse(document_text("<state/>"), limits=Limits(document_bytes=10))
