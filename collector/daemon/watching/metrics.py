"""The metrics of a daemon, in the form that Prometheus reads. Labels are names of the configuration and fixed words.

`prometheus_client` is of the extra `metrics`: without it there are none, and everything else works.
"""

from __future__ import annotations

import platform
from typing import TYPE_CHECKING, Any

from collector import __version__
from collector.core.checks import Status
from collector.core.tasks import Outcome

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import datetime

    from collector.daemon.watching.figures import Figures
    from collector.daemon.watching.watch import SourceWatch, Watch

SEVERITIES = ("critical", "high", "medium", "low")

RESULTS = ("complete", "incomplete", "stopped", "failed")
"""How a run ends: all of it was seen, something was not, it was cut short, or nothing of it could be recorded."""

_CALLS = ("2xx", "3xx", "4xx", "429", "5xx", "none")

Sample = tuple[tuple[str, ...], float]


class Metrics:
    """Makes the metrics when they are asked for. Raises ImportError where prometheus_client is not installed."""

    def __init__(self, watch: Watch) -> None:
        # Late: an extra.
        from prometheus_client import CollectorRegistry, ProcessCollector

        self._watch = watch
        self._registry: Any = CollectorRegistry(auto_describe=False)
        self._registry.register(self)
        ProcessCollector(registry=self._registry)

    def text(self, accept: str) -> tuple[str, bytes]:
        """Return the type and the text of all metrics, in the form that the reader accepts."""
        from prometheus_client.exposition import choose_encoder

        encode, kind = choose_encoder(accept)
        return kind, encode(self._registry)

    def collect(self) -> Iterator[Any]:
        """Yield each family with its samples; the registry calls it."""
        watch = self._watch
        yield _gauge("annexd_build_info", "The version of annexd", ("version", "python"), [_build()])
        yield _gauge("annexd_start_time_seconds", "When the daemon began", (), _time((), watch.began_at))
        yield _gauge(
            "annexd_ready",
            "1 while the daemon looks after its store",
            (),
            [((), float(watch.is_planned and not watch.is_ending))],
        )
        yield _gauge(
            "annexd_standing_by",
            "1 while the daemon waits for another one that serves",
            (),
            [((), float(watch.is_standing_by))],
        )
        sources = watch.sources()
        yield from _of_sources(watch, sources)
        yield from _of_alerts(watch)
        yield _gauge(
            "annexd_store_readable",
            "1 where the store could be read for the metrics below",
            (),
            [((), float(watch.figures is not None and watch.figures_failed is None))],
        )
        if watch.figures is not None:
            yield from _of_store(watch.figures)


def _of_sources(watch: Watch, sources: Mapping[str, SourceWatch]) -> Iterator[Any]:
    source = ("source",)
    yield _counter(
        "annexd_runs_total",
        "Runs since the start, by how they ended",
        ("source", "result"),
        (((name, result), known.results[result]) for name, known in sources.items() for result in RESULTS),
    )
    yield _counter(
        "annexd_collections_total",
        "Collections since the start, by how they ended",
        ("source", "outcome"),
        (((name, each.value), known.outcomes[each.value]) for name, known in sources.items() for each in Outcome),
    )
    yield _counter(
        "annexd_calls_total",
        "Answers of platforms since the start, by class of status; 429 is told apart, none is no answer",
        ("source", "status"),
        (((name, status), known.calls[status]) for name, known in sources.items() for status in _CALLS),
    )
    yield _counter(
        "annexd_missed_slots_total",
        "Slots that had no run",
        source,
        (((name,), known.missed) for name, known in sources.items()),
    )
    yield _counter(
        "annexd_coalesced_slots_total",
        "Slots that came while their source was looked at",
        source,
        (((name,), known.coalesced) for name, known in sources.items()),
    )
    yield _gauge(
        "annexd_source_running",
        "1 while a source is looked at",
        source,
        (((name,), float(known.began_at is not None)) for name, known in sources.items()),
    )
    yield _gauge(
        "annexd_source_behind_schedule_seconds",
        "For how long a source is due and not looked at",
        source,
        (((name,), watch.behind(name).total_seconds()) for name in sources),
    )
    for name, text, moment in (
        ("annexd_source_next_run_timestamp_seconds", "When a source is due next", "next_at"),
        ("annexd_source_last_run_timestamp_seconds", "When the last run of a source ended", "ended_at"),
    ):
        yield _gauge(
            name, text, source, (one for key, known in sources.items() for one in _time((key,), getattr(known, moment)))
        )
    yield _gauge(
        "annexd_source_last_run_duration_seconds",
        "How long the last run of a source took",
        source,
        (((name,), known.seconds) for name, known in sources.items() if known.seconds is not None),
    )
    waits = list(watch.waits())
    yield _gauge(
        "annexd_source_waiting_collections",
        "Collections that wait for their platform for more than half a minute",
        source,
        (((name,), float(sum(wait.tasks for wait in waits if wait.source == name))) for name in sources),
    )
    yield _gauge(
        "annexd_source_waiting_until_timestamp_seconds",
        "Until when a source waits for its platform at the latest",
        source,
        (
            one
            for name in sources
            for one in _time((name,), max((wait.until for wait in waits if wait.source == name), default=None))
        ),
    )


def _of_alerts(watch: Watch) -> Iterator[Any]:
    yield _counter("annexd_alerts_total", "Alerts raised since the start", ("kind", "severity"), _counted(watch.alerts))
    yield _counter(
        "annexd_alert_deliveries_total",
        "Tries to deliver alerts since the start",
        ("target", "result"),
        _counted(watch.deliveries),
    )
    yield _gauge(
        "annexd_alerts_undelivered", "Alerts that some target has not got yet", (), [((), float(watch.undelivered))]
    )


def _counted(counts: Mapping[tuple[str, str], int]) -> list[Sample]:
    return [(labels, float(count)) for labels, count in sorted(dict(counts).items())]


def _of_store(figures: Figures) -> Iterator[Any]:
    status, log, source = figures.status, figures.log, ("source",)
    yield _gauge("annexd_store_read_timestamp_seconds", "When the store was read for these", (), _time((), figures.at))
    kinds = [*SEVERITIES, *sorted({severity for severity, _ in figures.findings} - set(SEVERITIES))]
    yield _gauge(
        "annexd_findings",
        "Findings by severity of the check and status",
        ("severity", "status"),
        (((kind, each.value), figures.findings.get((kind, each.value), 0)) for kind in kinds for each in Status),
    )
    yield _gauge(
        "annexd_findings_stale", "Findings unknown only because their evidence is too old", (), [((), status.stale)]
    )
    yield _gauge("annexd_findings_owed", "Results that a check still owes", (), [((), status.unjudged)])
    yield _gauge(
        "annexd_controls",
        "Controls of the frameworks in use, by state",
        ("framework", "state"),
        (((one.id, state), count) for one in status.frameworks for state, count in one.states.items()),
    )
    yield _gauge(
        "annexd_collections",
        "Collections that there should be, by how they ended last",
        ("source", "outcome"),
        (((one.name, outcome), count) for one in status.sources for outcome, count in one.tasks.items()),
    )
    yield _gauge(
        "annexd_collections_stale",
        "Collections whose last complete evidence is too old",
        source,
        (((one.name,), one.stale) for one in status.sources),
    )
    for name, text, moment in (
        ("annexd_evidence_oldest_timestamp_seconds", "When the oldest evidence in force was seen", "oldest_at"),
        ("annexd_evidence_newest_timestamp_seconds", "When the newest evidence in force was seen", "newest_at"),
    ):
        yield _gauge(
            name,
            text,
            source,
            (one for known in status.sources for one in _time((known.name,), getattr(known, moment))),
        )
    yield _gauge(
        "annexd_collection_failures",
        "Reasons why something could not be collected",
        (),
        [((), len(status.collection_failures))],
    )
    yield _gauge("annexd_clock_anomalies", "Runs in force that saw clocks differ", (), [((), len(status.clocks))])
    yield _gauge("annexd_log_entries", "Entries of the log", (), [((), log.extent.entries)])
    yield _gauge(
        "annexd_log_signed_entries", "Entries of the log that a checkpoint covers", (), [((), log.extent.signed)]
    )
    for name, text, at in (
        (
            "annexd_log_signed_until_timestamp_seconds",
            "When the newest signed entry was recorded",
            log.extent.signed_until,
        ),
        ("annexd_last_verification_timestamp_seconds", "When the store was verified last", log.verified_at),
        ("annexd_last_anchor_timestamp_seconds", "When an anchor was asked for last", log.anchored_at),
    ):
        yield _gauge(name, text, (), _time((), at))
    for name, text, well in (
        ("annexd_last_verification_success", "1 where everything held when it was verified last", log.verified_well),
        ("annexd_last_anchor_success", "1 where the last anchor was given", log.anchored_well),
    ):
        yield _gauge(name, text, (), [] if well is None else [((), float(well))])


def _build() -> Sample:
    return (__version__, platform.python_version()), 1.0


def _time(labels: tuple[str, ...], at: datetime | None) -> list[Sample]:
    return [] if at is None else [(labels, at.timestamp())]


def _gauge(name: str, text: str, labels: tuple[str, ...], samples: Iterable[Sample]) -> Any:  # noqa: ANN401  of the extra
    from prometheus_client.core import GaugeMetricFamily

    return _filled(GaugeMetricFamily(name, text, labels=labels), samples)


def _counter(name: str, text: str, labels: tuple[str, ...], samples: Iterable[Sample]) -> Any:  # noqa: ANN401
    from prometheus_client.core import CounterMetricFamily

    return _filled(CounterMetricFamily(name, text, labels=labels), samples)


def _filled(family: Any, samples: Iterable[Sample]) -> Any:  # noqa: ANN401
    for labels, value in samples:
        family.add_metric(labels, value)
    return family
