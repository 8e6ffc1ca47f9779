"""Seconds and memory to make a bundle, and seconds for each of the two verifiers."""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import msgspec

from bench.played import RULES, Settings, encrypted, few, played, scan, small
from collector.actions.export_bundle import ExportResult, export
from collector.actions.export_entry import ExportRequest
from collector.bundle.exporters.exporters import exporters
from collector.bundle.readme import shipped
from collector.bundle.verifying.bundle import verify_bundle
from collector.core.canonical import Digest
from collector.core.checks import Check, check
from collector.core.controls import Ask, AskKind, Control, Framework, Link, Shows, Strength
from collector.core.periods import period_of
from collector.core.tasks import Observation, Outcome, Provenance, Task
from collector.engine.rule import Rule
from collector.engine.sources import Source
from collector.setup.app import App
from collector.setup.config import load
from collector.setup.loading import LoadedConnector
from storage import SqlStore, open_store
from storage.log import leaves
from storage.tables.projections import TaskSeen

_RESOURCES, _PLACES = 20_000, 4
_LEAVES = 500_000
_BATCH = 10_000
_START = datetime(2026, 1, 5, 6, tzinfo=UTC)


@dataclass(frozen=True)
class BenchApp(App):
    """The application with the simulated platform as its only source, and a framework of one control."""

    stores: list[SqlStore] = field(default_factory=list)

    def sources(self, names: object = None) -> list[Source]:  # noqa: ARG002  there is one
        """Return the source of the simulated platform."""
        return [Source("played", played, Settings(), Digest("sha256:code"))]

    def frameworks(self) -> tuple[Framework, ...]:
        """Return a framework whose control every check is linked to."""
        links = {check_id: Link(strength=Strength.DIRECT, because="measured") for check_id in self.checks}
        asks = (Ask(id="1-a", kind=AskKind.RECORD, text="Something."),)
        control = Control(id="1", title="All", theme="One", shows=Shows.PART, cannot="Much.", asks=asks, checks=links)
        return (
            Framework(
                id="bench:1",
                name="Bench",
                edition="1",
                title="Bench",
                status="current",
                confidence="made up",
                soa=False,
                controls=(control,),
            ),
        )

    @contextmanager
    def open_store(self, *, writer: bool, **_: object) -> Iterator[SqlStore]:  # type: ignore[override]  # noqa: ARG002  it is open
        """Yield the store that is already open."""
        yield self.stores[0]


def run() -> None:
    """Print times and memory beside their goals."""
    with tempfile.TemporaryDirectory() as name:
        _large(Path(name))
    with tempfile.TemporaryDirectory() as name:
        _long(Path(name))


def _large(folder: Path) -> None:
    """Export and verify a bundle with many findings and resources."""
    rules = _rules()
    scan(Settings(places=_PLACES, things=_RESOURCES // _PLACES), folder, rules=rules, at=_START)
    with _app(folder, [rule.check for rule in rules]) as app:
        began, before = time.perf_counter(), _megabytes()
        bundle = folder / "out.zip"
        result = _export(app, bundle, with_pages=True)
        took = time.perf_counter() - began
        key = app.stores[0].checkpoints.key()
        print(
            f"export    {_RESOURCES:>9,} resources, {result.bytes / 1e6:>6.1f} MB  {took:>7.1f} s    goal 20 s"
            f"   {took / 20:.2f} of it"
        )
        print(f"memory    {_megabytes():>9,.0f} MB, {before:,.0f} MB before it     goal 500 MB")
        began = time.perf_counter()
        report = verify_bundle(bundle, key=key)
        print(f"verify    {report.contents.findings:>9,} findings, annexd    {time.perf_counter() - began:>7.1f} s")
        seconds = _by_script(folder, bundle, str(key))
        print(f"verify    {report.contents.findings:>9,} findings, verify.py {seconds:>7.1f} s")


def _long(folder: Path) -> None:
    """Export and verify a bundle with many leaves, of the size of a task without changes."""
    with open_store(f"sqlite:///{folder}/bench.db", writer=True, clock=lambda: _START) as store:
        writer = store._writer  # noqa: SLF001  the fastest way to many leaves
        if writer is None:
            raise RuntimeError(folder)
        for start in range(0, _LEAVES, _BATCH):
            with writer.transaction() as connection:
                for number in range(start, start + _BATCH):
                    at = _START + timedelta(seconds=number)
                    fact = msgspec.to_builtins(_task_seen(number, at))
                    leaves.append(connection, store._macs, store=store.name, at=at, kind="task", fact=fact, rows={})  # noqa: SLF001
    with _app(folder, []) as app:
        bundle, key = folder / "out.zip", app.stores[0].checkpoints.key()
        began = time.perf_counter()
        _export(app, bundle, with_pages=False)
        print(f"export    {_LEAVES:>9,} leaves              {time.perf_counter() - began:>7.1f} s")
        began = time.perf_counter()
        verify_bundle(bundle, key=key)
        took = time.perf_counter() - began
        print(f"verify    {_LEAVES:>9,} leaves, annexd      {took:>7.1f} s    goal 10 s   {took / 10:.2f} of it")
        took = _by_script(folder, bundle, str(key))
        print(f"verify    {_LEAVES:>9,} leaves, verify.py   {took:>7.1f} s    goal 10 s   {took / 10:.2f} of it")


def _rules() -> list[Rule]:
    """Return the rules of the simulated platform, and three copies of a check of each resource."""
    copies = [
        check(f"played_thing_encrypted_{number}", title="A copy", severity="low", fix="As the first")(encrypted.judge)
        for number in range(3)
    ]
    return [*RULES, *(Rule(copy, copy.limit_values({})) for copy in copies)]


@contextmanager
def _app(folder: Path, checks: list[Check[...]]) -> Iterator[BenchApp]:
    path = folder / "config.toml"
    path.write_text('[store]\nurl = "sqlite:///bench.db"\n[sources.played]\nconnector = "played"\n')
    checks_by_id = {chosen.id: chosen for chosen in (checks or [encrypted, small, few])}
    app = BenchApp(load(path, {}), {"played": LoadedConnector(played, checks_by_id, Digest("sha256:code"))})
    moment = _START + timedelta(days=30)
    url = f"sqlite:///{folder}/bench.db"
    with open_store(url, writer=True, key_file=_key(folder), clock=lambda: moment) as store:
        app.stores.append(store)
        yield app


def _key(folder: Path) -> Path | None:
    path = folder / "bench.db.key"
    return path if path.exists() else None


def _export(app: BenchApp, to: Path, *, with_pages: bool) -> ExportResult:
    period = period_of(date(2026, 1, 1), date(2026, 1, 31), ZoneInfo("UTC"))
    request = ExportRequest(period=period, frameworks=("bench:1",))
    return export(app, app.stores[0], request, to, exporters() if with_pages else ())


def _by_script(folder: Path, bundle: Path, key: str) -> float:
    script = folder / "verify.py"
    script.write_bytes(shipped("verify.py"))
    began = time.perf_counter()
    subprocess.run(  # noqa: S603  our own file
        [sys.executable, "-I", str(script), str(bundle), "--key", key], check=True, stdout=subprocess.DEVNULL
    )
    return time.perf_counter() - began


def _task_seen(number: int, at: datetime) -> TaskSeen:
    observation = Observation(
        task=Task("played", "played.thing", (f"place-{number % 500}",)),
        run=f"run-{number // 500}",
        outcome=Outcome.PARTIAL,
        started_at=at,
        ended_at=at,
        listed=0,
        provenance=Provenance(
            identity="arn:aws:sts::111122223333:assumed-role/annexd/annexd",
            connector="played 1",
            code="sha256:" + "0" * 64,
            redaction="sha256:" + "0" * 64,
        ),
        every=timedelta(days=1),
        why="the second page failed",
    )
    return TaskSeen(observation=observation, inventory=None, facts=(), appeared=0, changed=0, gone=0, unchanged=0)


def _megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
