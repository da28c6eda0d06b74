"""Random small charts: the configuration is always legal, every event comes to an end, and a chart that is stored
and restored after each step does the same as one that is not.
"""

from dataclasses import dataclass, field

from hypothesis import given, settings
from hypothesis import strategies as st

from matchline.chance import SeededChance
from matchline.scxml import Chart, Document, Event, Host, Limits, parse, restore, snapshot
from matchline.scxml.document import ROOT, State
from tests.scxml.charts import NOW, document_text

HOST = Host(SeededChance(1), Limits(microsteps=40, queued=200))
EVENTS = ("a", "b", "a.b", "c")
CONDITIONS = ("true", "n % 2 === 0", "n > 3", "In('s2')", "no.such")
CONTENTS = (
    '<assign location="n" expr="n + 1"/>',
    '<raise event="a"/>',
    '<raise event="b"/>',
    '<send event="c"/>',
    '<send event="a.b" delay="1s"/>',
    '<assign location="nowhere" expr="1"/>',
)


@dataclass
class Node:
    tag: str
    id: str
    children: list["Node"] = field(default_factory=list)
    inside: str = ""  # XML

    def write(self) -> str:
        kind = self.tag.split()[0]
        children = "".join(child.write() for child in self.children)
        return f'<{self.tag} id="{self.id}">{self.inside}{children}</{kind}>'


class Grower:
    """Draws a chart: first its states, then what stands in them, which may lead to any state."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self._nodes: list[Node] = []

    def grow(self) -> str:
        roots = [self._node(0) for _ in range(self._draw(st.integers(1, 3)))]
        for root in roots:
            self._fill(root)
        body = "".join(root.write() for root in roots)
        return document_text(f'<datamodel><data id="n" expr="0"/></datamodel>{body}')

    def _node(self, depth: int) -> Node:
        inner = ["state", "parallel"] if depth < 3 and len(self._nodes) < 12 else []
        node = Node(self._draw(st.sampled_from(["leaf", *inner])), f"s{len(self._nodes)}")
        self._nodes.append(node)
        if node.tag != "leaf":
            node.children += (self._node(depth + 1) for _ in range(self._draw(st.integers(1, 3))))
        elif depth and self._draw(st.booleans()):
            node.tag = "final"
        if node.tag == "leaf":
            node.tag = "state"
        if node.tag == "parallel":
            for child in node.children:
                child.tag = "state" if child.tag == "final" else child.tag
        return node

    def _fill(self, node: Node) -> None:
        for child in node.children:
            self._fill(child)
        for handler in ("onentry", "onexit"):
            if self._draw(st.booleans()):
                node.inside += f"<{handler}>{self._contents()}</{handler}>"
        if node.tag != "final":
            node.inside += "".join(self._transition() for _ in range(self._draw(st.integers(0, 3))))
        if self._draw(st.booleans()) and node.children:
            node.inside += self._history(node)

    def _history(self, node: Node) -> str:
        kind = self._draw(st.sampled_from(["shallow", "deep"]))
        default = self._draw(st.sampled_from(node.children)).id
        back = f'<transition event="c" target="h{node.id}"/>'
        return f'{back}<history id="h{node.id}" type="{kind}"><transition target="{default}"/></history>'

    def _transition(self) -> str:
        attributes = ""
        if self._draw(st.integers(0, 4)):
            attributes += f' event="{self._draw(st.sampled_from(EVENTS))}"'
        attributes += f' cond="{self._draw(st.sampled_from(CONDITIONS)).replace(">", "&gt;")}"'
        if self._draw(st.integers(0, 4)):
            attributes += f' target="{self._draw(st.sampled_from(self._nodes)).id}"'
        if self._draw(st.booleans()):
            attributes += ' type="internal"'
        return f"<transition{attributes}>{self._contents()}</transition>"

    def _contents(self) -> str:
        return "".join(self._draw(st.lists(st.sampled_from(CONTENTS), max_size=2)))


@st.composite
def charts(draw: st.DrawFn) -> str:
    return Grower(draw).grow()


@settings(max_examples=150, deadline=None)
@given(charts(), st.lists(st.sampled_from([*EVENTS, "later"]), max_size=6))
def test_random_charts_stay_legal_and_survive_storage(source: str, events: list[str]) -> None:
    document = parse(source)
    straight = Chart.start(document, HOST, NOW)
    carried = restore(document, snapshot(straight), HOST, NOW)
    now = NOW
    for event in ["", *events]:
        if event == "later":
            now += 1000
        elif event:
            assert straight.deliver(Event(event)) == carried.deliver(Event(event))
        for _ in range(10):  # a chart may send events to itself for ever
            worked = straight.step(now)
            assert carried.step(now) == worked
            assert snapshot(carried) == snapshot(straight)
            check_legal(straight, document)
            carried = restore(document, snapshot(carried), HOST, now)
            if not worked:
                break


def check_legal(chart: Chart, document: Document) -> None:
    interpreter = chart.root.interpreter
    active = interpreter.active
    if not chart.running:
        assert interpreter.stopped or not active
        return
    if not interpreter.running:  # not started
        return
    for index in active | {ROOT}:
        state = document.states[index]
        assert state.kind != "history"
        assert state.parent in active | {ROOT, -1}
        assert len(active_children(state, active)) == expected_children(state)


def active_children(state: State, active: set[int]) -> list[int]:
    return [child for child in state.children if child in active]


def expected_children(state: State) -> int:
    return len(state.children) if state.kind == "parallel" else min(1, len(state.children))
