"""Traces by OTLP over HTTP. Attributes hold names of the configuration and numbers: no resource, scope or reason."""

from __future__ import annotations

import logging
from contextlib import contextmanager
from threading import Thread
from typing import TYPE_CHECKING

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import Status, StatusCode, set_span_in_context

from collector import __version__
from collector.core.plain_text import one_line
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from opentelemetry.trace import Span, Tracer

    from collector.core.tasks import Observation
    from collector.daemon.watching.traces import RunTrace
    from collector.setup.traces_config import TracesConfig

_logger = logging.getLogger(__name__)

_PATIENCE = 5.0
"""Seconds for sending what is left, where the daemon ends."""

_WELL = frozenset({Outcome.COMPLETE, Outcome.SKIPPED})


class OtlpTraces:
    """Makes spans and posts them in a thread. Where nobody takes them they are dropped, and the log says so once."""

    def __init__(self, config: TracesConfig | None, now: Callable[[], datetime]) -> None:
        headers = {} if config is None else {name: value.reveal() for name, value in config.headers.items()}
        exporter = OTLPSpanExporter(endpoint=None if config is None else config.endpoint, headers=headers or None)
        # It is ours alone, and nothing of it outlives the daemon.
        resource = Resource.create({"service.name": "annexd", "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("annexd", __version__)
        self._now = now
        library = logging.getLogger("opentelemetry")
        library.propagate = False
        library.handlers = [_LibraryWarnings()]

    @contextmanager
    def run(self, source: str, connector: str) -> Iterator[RunTrace]:
        """Yield the trace of a run of a source."""
        attributes = {"annexd.source": source, "annexd.connector": connector}
        span = self._tracer.start_span("annexd.run", attributes=attributes, start_time=_nanoseconds(self._now()))
        try:
            yield _OtlpRun(self._tracer, span, attributes, self._now)
        except BaseException as error:
            # Its name alone: a message may hold an address.
            span.set_attribute("error.type", type(error).__name__)
            span.set_status(Status(StatusCode.ERROR))
            raise
        finally:
            span.end(_nanoseconds(self._now()))

    def end(self) -> None:
        """Send what is left, and wait for that for some seconds at most."""
        last = Thread(target=self._provider.shutdown, name="annexd-traces-end", daemon=True)
        last.start()
        last.join(_PATIENCE)


class _OtlpRun:
    """The spans of one run."""

    def __init__(self, tracer: Tracer, span: Span, attributes: dict[str, str], now: Callable[[], datetime]) -> None:
        self._tracer = tracer
        self._span = span
        self._attributes = attributes
        self._now = now
        self._above = set_span_in_context(span)

    @contextmanager
    def source(self) -> Iterator[None]:
        """Make a span for as long as the platform is asked; collections are below it."""
        span = self._tracer.start_span(
            "annexd.source", self._above, attributes=self._attributes, start_time=_nanoseconds(self._now())
        )
        self._above = set_span_in_context(span)
        try:
            yield
        finally:
            span.end(_nanoseconds(self._now()))

    def saw(self, seen: Observation) -> None:
        """Make the span of a collection that has ended."""
        span = self._tracer.start_span(
            "annexd.collection",
            self._above,
            attributes={
                **self._attributes,
                "annexd.collection": seen.task.collection,
                "annexd.outcome": seen.outcome.value,
                "annexd.requests": seen.provenance.requests,
                "annexd.listed": seen.listed,
            },
            start_time=_nanoseconds(seen.started_at),
        )
        if seen.outcome not in _WELL:
            span.set_status(Status(StatusCode.ERROR))
        span.end(_nanoseconds(seen.ended_at))

    def ended(self, run: str, outcome: str) -> None:
        """Note which run it was, and how it ended."""
        self._span.set_attributes({"annexd.run": run, "annexd.outcome": outcome})


class _LibraryWarnings(logging.Handler):
    """Tells in the log of the daemon what the library has to say, once until it is something else."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._said = ""

    def emit(self, record: logging.LogRecord) -> None:
        """Tell a line."""
        # Without its values: they may hold the address, and what a proxy answered.
        said = one_line(str(record.msg)).partition("%")[0].rstrip(" :,(")
        if said != self._said:
            self._said = said
            _logger.warning("traces: not sent: %s", said)


def _nanoseconds(at: datetime) -> int:
    return round(at.timestamp() * 1_000_000) * 1_000
