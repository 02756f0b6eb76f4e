"""Spans of work for OpenTelemetry: none unless it is installed and an address is set, never what people asked."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from store import settings
from store.errors import ConfigProblem

_tracer: Any = None
_provider: Any = None


@contextmanager
def span(name: str, **attributes: str | int | float | bool) -> Iterator[None]:
    """Inside is one piece of work, a child of the span around it. Attributes are names and counts, never data.

    What fails inside is marked by the class of its error; its message may hold data and is left out.
    """
    if _tracer is None:
        yield
        return
    with _tracer.start_as_current_span(
        name, attributes=attributes, record_exception=False, set_status_on_exception=False
    ) as current:
        try:
            yield
        except BaseException as error:
            current.set_attribute("error.type", type(error).__name__)
            current.set_status(_failed())
            raise


def start(exporter: Any = None) -> bool:
    """Send spans to the address of the setting `traces_url`, or to `exporter`; false when neither is there.

    Raises `ConfigProblem` when an address is set and OpenTelemetry is not installed.
    """
    global _tracer, _provider
    address: str = settings.get("traces_url")
    if not address and exporter is None:
        return False
    try:
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor, SimpleSpanProcessor
    except ModuleNotFoundError as error:
        raise ConfigProblem(
            "Traces need a package that is not installed.",
            code="missing_extra",
            hint="Install it with: pip install 'plainsay[traces]'.",
        ) from error
    _provider = TracerProvider(resource=Resource.create({"service.name": "plainsay"}))
    if exporter is not None:
        _provider.add_span_processor(SimpleSpanProcessor(exporter))
    else:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter

        _provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter(endpoint=address)))
    _tracer = _provider.get_tracer("plainsay")
    return True


def stop() -> None:
    """Send what is left and stop."""
    global _tracer, _provider
    if _provider is not None:
        _provider.shutdown()
    _tracer = _provider = None


def _failed() -> Any:
    from opentelemetry.trace import Status, StatusCode

    return Status(StatusCode.ERROR)
