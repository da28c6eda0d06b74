"""Short charts for tests: a body becomes a document, a document a chart that runs by hand."""

from dataclasses import replace

from matchline.chance import SeededChance
from matchline.scxml import Chart, Event, Host, parse
from matchline.scxml.effects import Effect, Logged

NOW = 1_700_000_000_000
HOST = Host(SeededChance(6))


def document_text(body: str, attributes: str = "") -> str:
    return (
        f'<scxml xmlns="http://www.w3.org/2005/07/scxml" version="1.0" datamodel="ecmascript" {attributes}>\n'
        f"{body}\n</scxml>"
    )


class Played:
    """A chart that runs until it rests, after its start and after each event."""

    def __init__(self, body: str, attributes: str = "", *, host: Host = HOST, **limits: int) -> None:
        if limits:
            host = replace(host, limits=replace(host.limits, **limits))
        self.host = host
        self.document = parse(document_text(body, attributes), host.load, host.limits)
        self.now = NOW
        self.effects: list[Effect] = []
        self.chart = Chart.start(self.document, host, self.now)
        self.run()

    def run(self) -> None:
        assert self.chart.run(self.now), "the chart comes to rest"
        self.effects += self.chart.take_effects()

    def send(self, name: str, data: str | None = None) -> "Played":
        assert self.chart.deliver(Event(name, data=data))
        self.run()
        return self

    def after(self, milliseconds: int) -> "Played":
        self.now += milliseconds
        self.run()
        return self

    @property
    def active(self) -> tuple[str, ...]:
        return self.chart.active

    @property
    def stopped(self) -> str | None:
        return self.chart.root.interpreter.stopped

    @property
    def logged(self) -> list[str | None]:
        return [effect.value for effect in self.effects if isinstance(effect, Logged)]
