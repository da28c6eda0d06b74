"""What the store is asked is seen, whatever it answers."""

from inspect import iscoroutinefunction

import pytest
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from matchline.chance import SeededChance
from matchline.clock import ManualClock
from matchline.engine import Engine
from matchline.errors import Unavailable
from matchline.observing.tracing import configured_tracer
from matchline.store import Store
from matchline.store.memory import MemoryStore
from matchline.wiring import DECLARED, in_process_client

pytestmark = pytest.mark.anyio


class FailingStore(MemoryStore):
    async def stored(self) -> None:  # type: ignore[override]
        raise Unavailable("the disk is full")


async def test_a_step_that_fails_is_counted() -> None:
    engine = Engine(FailingStore(), ManualClock(), SeededChance(1), DECLARED)
    with pytest.raises(Unavailable):
        await engine.store.stored()
    assert b'matchline_store_errors_total{step="stored"} 1.0' in engine.metrics.exposition()


async def test_every_step_of_the_contract_is_seen() -> None:
    engine = Engine(MemoryStore(), ManualClock(), SeededChance(1), DECLARED)
    steps = {name for name in Store.__abstractmethods__ if iscoroutinefunction(getattr(Store, name))}
    assert steps - set(vars(engine.store)) == {"open", "close"}
    await engine.store.key_uses()
    assert b'matchline_store_step_seconds_count{step="key_uses"} 1.0' in engine.metrics.exposition()


async def test_a_request_is_traced_with_its_steps_and_nothing_of_a_customer() -> None:
    exporter = InMemorySpanExporter()
    provider = TracerProvider()
    provider.add_span_processor(SimpleSpanProcessor(exporter))
    engine = Engine(
        MemoryStore(), ManualClock(), SeededChance(1), DECLARED, tracer=provider.get_tracer("test")
    )
    async with in_process_client(engine) as client:
        await client.get("/genesys/1/service/session-17", headers={"X-Request-Id": "mine"})
    step, request = exporter.get_finished_spans()
    assert (step.name, request.name) == ("store session", "request")
    assert step.parent
    assert request.context
    assert step.parent.span_id == request.context.span_id
    assert request.attributes == {
        "operation": "GET /genesys/1/service/{name}",
        "http.response.status_code": 404,
        "request_id": "mine",
    }
    assert not step.attributes


async def test_without_an_endpoint_nothing_is_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_ENDPOINT", raising=False)
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", raising=False)
    assert configured_tracer() is None
