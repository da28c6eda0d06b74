"""Traces, when the extra `otel` is installed and told where to send them; else nothing, at no cost.

Spans name operations, steps and results. Nothing of a customer is an attribute (rule 22).
"""

from contextlib import AbstractContextManager
from os import environ
from typing import Protocol

# OpenTelemetry's own variables; any of them says where traces go.
_ENDPOINTS = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")

SERVICE_NAME = "matchline"


class Span(Protocol):
    def set_attribute(self, key: str, value: str | int, /) -> object: ...


class Tracer(Protocol):
    """What is used of OpenTelemetry's."""

    def start_as_current_span(self, name: str, /) -> AbstractContextManager[Span]: ...


def configured_tracer() -> Tracer | None:
    """None when no endpoint is named. Raises ValueError when one is and the extra is not installed."""
    if not any(environ.get(name) for name in _ENDPOINTS):
        return None
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise ValueError(f"traces need more: pip install 'matchline[otel]' ({error})") from error
    provider = TracerProvider(resource=Resource.create({"service.name": SERVICE_NAME}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer(SERVICE_NAME)
