"""Traces of runs, for whoever asked for them: a span for a run, for its source, and for each collection."""

from __future__ import annotations

import logging
import os
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol

from collector.core.errors import ConfigError
from collector.core.plain_text import one_line

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager
    from datetime import datetime

    from collector.core.tasks import Observation
    from collector.setup.traces_config import TracesConfig

_logger = logging.getLogger(__name__)

_ASKED_BY = ("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_ENDPOINT")


class RunTrace(Protocol):
    """The trace of a run under way. Safe from any thread."""

    def source(self) -> AbstractContextManager[object]:
        """Return what is entered while the platform is asked."""
        ...

    def saw(self, seen: Observation) -> None:
        """Add a collection that has ended."""
        ...

    def ended(self, run: str, outcome: str) -> None:
        """Note which run it was, and how it ended."""
        ...


class Traces(Protocol):
    """Makes the traces of a daemon."""

    def run(self, source: str, connector: str) -> AbstractContextManager[RunTrace]:
        """Return what is entered for as long as a run takes."""
        ...

    def end(self) -> None:
        """Send what is left, for a daemon that ends."""
        ...


class Untraced:
    """Makes no traces."""

    @contextmanager
    def run(self, source: str, connector: str) -> Iterator[RunTrace]:
        """Yield a trace that keeps nothing."""
        del source, connector
        yield self

    def end(self) -> None:
        """Do nothing."""

    @contextmanager
    def source(self) -> Iterator[None]:
        """Do nothing."""
        yield

    def saw(self, seen: Observation) -> None:
        """Do nothing."""

    def ended(self, run: str, outcome: str) -> None:
        """Do nothing."""


def traces_of(
    config: TracesConfig | None, now: Callable[[], datetime], environ: Mapping[str, str] = os.environ
) -> Traces:
    """Return what makes the traces that were asked for: by the table, or by the address in a variable of OpenTelemetry.

    Raises ConfigError where the table asks and the extra is not installed, or refuses a variable; a variable alone,
    which may be meant for every process of a machine, keeps nobody from serving.
    """
    if config is None and not any(environ.get(name) for name in _ASKED_BY):
        return Untraced()
    if (config is not None and not config.enabled) or environ.get("OTEL_SDK_DISABLED", "").lower() == "true":
        return Untraced()
    try:
        from collector.daemon.watching.otlp import OtlpTraces
    except ImportError as error:
        if config is None:
            _logger.warning("traces: not sent: OpenTelemetry is not installed: pip install 'annexd[traces]'")
            return Untraced()
        raise ConfigError(
            f"traces were asked for, and OpenTelemetry is not installed: {error}",
            so="no trace could be sent",
            mend="pip install 'annexd[traces]', or write enabled = false into [daemon.traces]",
        ) from error
    try:
        return OtlpTraces(config, now)
    except ValueError as error:  # of a variable: the table was checked when it was read
        if config is None:
            _logger.warning("traces: not sent: OpenTelemetry refuses a variable: %s", one_line(str(error)))
            return Untraced()
        raise ConfigError(
            f"traces were asked for, and OpenTelemetry refuses a variable: {one_line(str(error))}",
            so="no trace could be sent",
            mend="correct the variable OTEL_*, or write enabled = false into [daemon.traces]",
        ) from error
