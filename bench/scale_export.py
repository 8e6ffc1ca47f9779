"""The rows of the scale table that are about the bundle: what two hundred thousand findings cost to hand over."""

from __future__ import annotations

import multiprocessing
import os
import resource
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from bench.scale import Figures, Row, Scenario, cpu_seconds
from bench.scale_platform import Settings, estate, scale, scan
from bench.scale_reading import FIRST, FIVE_RULES, ScaleApp
from bench.store import MeasuredDatabase
from collector.actions.export_bundle import export
from collector.actions.export_entry import ExportRequest
from collector.bundle.exporters.exporters import exporters
from collector.core.canonical import Digest
from collector.core.periods import period_of
from collector.setup.config import load
from collector.setup.loading import LoadedConnector
from storage import open_store

_FINDINGS = 200_000


def _estate(share: float) -> Settings:
    return estate(_FINDINGS // len(FIVE_RULES), share)


def _write(name: str, folder: Path, url: str, share: float) -> None:
    os.chdir(folder)
    scan(MeasuredDatabase(name, folder, url, lambda: 0), _estate(share), FIRST, rules=FIVE_RULES)


def _exported(database: MeasuredDatabase, share: float) -> Figures:
    """Export a month with pages, workbook, tables, OSCAL and OCSF."""
    # In a process of its own, whose memory is not that of the export.
    writing = multiprocessing.get_context("spawn").Process(
        target=_write, args=(database.name, database.folder, database.url, share)
    )
    writing.start()
    writing.join()
    if writing.exitcode:
        raise SystemExit(f"the evidence could not be written: its process ended with {writing.exitcode}")
    path = database.folder / "config.toml"
    path.write_text(f'[store]\nurl = "{database.url}"\n[sources.scale]\nconnector = "scale"\n')
    checks = {rule.check.id: rule.check for rule in FIVE_RULES}
    settings = _estate(share)
    app = ScaleApp(load(path, {}), {"scale": LoadedConnector(scale, checks, Digest("sha256:code"))}, settings=settings)
    month = period_of(date(2026, 1, 1), date(2026, 1, 31), ZoneInfo("UTC"))
    moment, key = FIRST + timedelta(days=35), database.folder / "bench.db.key"
    with open_store(database.url, writer=True, key_file=key, clock=lambda: moment) as store:
        app.stores.append(store)
        with cpu_seconds() as used:
            request = ExportRequest(period=month, frameworks=("bench:1",))
            result = export(app, store, request, database.folder / "out.zip", exporters())
            took = used()
    whole = settings.places * settings.things * len(FIVE_RULES) / _FINDINGS
    return {
        "export": took / whole,
        "zip": result.bytes / 1e6 / whole,
        "peak": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }


SCENARIOS = (
    Scenario(
        "export",
        _exported,
        (
            Row("export", "export of 200,000 findings", "s", "", 20, 40),
            Row("zip", "the bundle of 200,000 findings", "MB", "196", 40, 190, is_time=False),
            Row("peak", "peak memory of the export", "MB", "772", 250, 400, is_time=False),
        ),
    ),
)
