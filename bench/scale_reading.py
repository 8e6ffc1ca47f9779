"""The rows of the scale table that are about reading: status, lists of findings, comparison, periods."""

from __future__ import annotations

import multiprocessing
import os
import random
import resource
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.bundle import BenchApp
from bench.scale import Figures, Row, Scenario, cpu_seconds
from bench.scale_platform import RULES, Settings, encrypted, estate, scale, scan
from bench.store import MeasuredDatabase
from collector.cli.terminal.page import print_json_lists
from collector.core.canonical import Digest
from collector.core.checks import Status, check
from collector.core.facts import Judged, RunEnded, RunStarted
from collector.core.findings import Finding, FindingChange
from collector.core.periods import period_of
from collector.engine.rule import Rule
from collector.engine.sources import Source
from collector.report.controls.status_view import status_view
from collector.report.findings.finding_filter import FindingQuery
from collector.report.findings.finding_list import FindingList
from collector.report.findings.matching_findings import findings_stream, findings_view
from collector.report.periods.diff_views import diff_view
from collector.report.periods.period_history import period_history
from collector.report.periods.period_views import period_view
from collector.report.state.assessment import assessed
from collector.report.state.known import Reading
from collector.setup.config import load
from collector.setup.loading import LoadedConnector
from storage import SqlStore, open_store

THINGS = 100_000
_DAYS = 364
_CHANGED = 200  # one in so many findings of a check changes a day
FIRST = datetime(2026, 1, 1, tzinfo=UTC)
_DAY = timedelta(days=1)
NOW = FIRST + _DAYS * _DAY + timedelta(hours=12)
_SCREENFUL = 40
_MONTH = timedelta(days=30)
_COPIES = [
    check(f"scale_thing_copied_{number}", title="A copy", severity="medium", fix="As the first")(encrypted.judge)
    for number in range(2)
]
FIVE_RULES = (*RULES, *(Rule(copy, copy.limit_values({})) for copy in _COPIES))


@dataclass(frozen=True)
class ScaleApp(BenchApp):
    """The application with the platform of these measurements."""

    settings: Settings = field(default_factory=Settings)

    def sources(self, names: object = None) -> list[Source]:  # noqa: ARG002  there is one
        """Return the source of the simulated platform."""
        return [Source("scale", scale, self.settings, Digest("sha256:code"))]


def write_year(name: str, folder: Path, url: str, share: float) -> None:
    """Scan, let some verdicts be others each day of a year, and scan again."""
    os.chdir(folder)
    database = MeasuredDatabase(name, folder, url, lambda: 0)
    numbers, at = random.Random(1), FIRST
    scan(database, estate(THINGS, share), FIRST, rules=FIVE_RULES)
    with open_store(url, writer=True, key_file=folder / "bench.db.key", clock=lambda: at) as store:
        ids = [state.finding.id for state in store.findings()]
        for day in range(1, _DAYS):
            at = FIRST + day * _DAY
            changes = [
                FindingChange(id_, None, Finding(id_, numbers.choice(list(Status)[:3]), f"as of day {day}", {}, (), at))
                for id_ in sorted(numbers.sample(ids, max(len(ids) // 5 // _CHANGED, 1)))
            ]
            run = f"day-{day}"
            store.write([RunStarted(run, "bench", at, "0", "code", "config", ()), Judged(run, at, tuple(changes), ())])
            store.write([RunEnded(run, at, {})])
    scan(database, estate(THINGS, share), FIRST + _DAYS * _DAY, rules=FIVE_RULES)


def _read(database: MeasuredDatabase, share: float) -> Figures:
    """Ask a store of a year everything that people ask of it."""
    # In a process of its own, whose memory is not that of reading.
    writing = multiprocessing.get_context("spawn").Process(
        target=write_year, args=(database.name, database.folder, database.url, share)
    )
    writing.start()
    writing.join()
    if writing.exitcode:
        raise SystemExit(f"the year could not be written: its process ended with {writing.exitcode}")
    path = database.folder / "config.toml"
    path.write_text(f'[store]\nurl = "{database.url}"\n[sources.scale]\nconnector = "scale"\n')
    checks = {rule.check.id: rule.check for rule in FIVE_RULES}
    app = ScaleApp(
        load(path, {}),
        {"scale": LoadedConnector(scale, checks, Digest("sha256:code"))},
        settings=estate(THINGS, share),
    )
    with open_store(database.url, writer=False, clock=lambda: NOW) as store:
        app.stores.append(store)
        assessed(Reading(app, store, NOW))  # what is imported late is not measured
        return {**_answers(app, store), "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def _answers(app: ScaleApp, store: SqlStore) -> Figures:
    figures: Figures = {}
    with cpu_seconds() as used:
        status_view(assessed(Reading(app, store, NOW)))
        figures["status"] = used()
    with cpu_seconds() as used:
        findings_view(Reading(app, store, NOW), FindingQuery(), _SCREENFUL)
        figures["findings"] = used()
    with cpu_seconds() as used:
        made = FindingList(Reading(app, store, NOW), FindingQuery(statuses=(Status.FAIL,)))
        made.facets()
        made.page(100)
        figures["page"] = used()
    with cpu_seconds() as used, Path(os.devnull).open("w", encoding="utf-8") as out:
        view, findings = findings_stream(Reading(app, store, NOW), FindingQuery(statuses=tuple(Status)))
        print_json_lists(view, {"findings": findings}, out)
        figures["json"] = used() / max(view.shown, 1) * 1e6
    with cpu_seconds() as used:
        diff_view(app, store, store.history, NOW - _MONTH, NOW, NOW)
        figures["diff"] = used()
    days = period_of(date(2026, 1, 1), date(2026, 12, 31), ZoneInfo("UTC"))
    for name, only in (("period", ()), ("share", (encrypted.id,))):
        with cpu_seconds() as used:
            reading = Reading(app, store, NOW)
            found = period_history(app, store, store.history, days.start, NOW, reading.decides, only)
            period_view(days, found, assessed(reading), checks=only)
            figures[name] = used()
    return figures


SCENARIOS = (
    Scenario(
        "read",
        _read,
        (
            Row("status", "status, 500,000 findings, a year", "s", "7.5", 0.5, 0.2),
            Row("findings", "findings, a screenful of them", "s", "5.8", 0.5, 0.1),
            Row("page", "a page of findings with its counts", "s", "", 0.5, 0.1),
            Row("json", "a finding of findings --json", "us", "205", 50, 15),
            Row("diff", "diff of the last 30 days", "s", "63", 5, 1.2),
            Row("period", "period of the year", "s", "", 20, 0.6),
            Row("share", "period of one of five checks", "s", "as the whole", 4, 0.3),
            Row("peak", "peak memory of these", "MB", "740", 250, 400, is_time=False),
        ),
    ),
)
