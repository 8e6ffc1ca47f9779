"""The end of the demo: the bundle that an auditor of the made-up company would be handed, and its verification."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from collector.cli.terminal.page import Page
    from collector.setup.app import App
    from storage import SqlStore

NAME = "bundle.zip"
KEY = "vkey.txt"


def hand_out(app: App, store: SqlStore, place: Path, day: date, talk: Page) -> None:
    """Export the day of the demo for stage 1, write the key beside it, and verify the one with the other."""
    from collector.actions.export_bundle import export
    from collector.actions.export_entry import ExportRequest
    from collector.bundle.exporters.exporters import exporters
    from collector.bundle.verifying.bundle import verify_bundle
    from collector.cli.audit.export_command import export_view, show_export
    from collector.cli.audit.verification_report import show_bundle
    from collector.cli.audit.verification_shape import bundle_view
    from collector.core.periods import period_of

    path, key = place / NAME, store.checkpoints.key()
    asked = ExportRequest(
        period=period_of(day, day, ZoneInfo("UTC")),
        frameworks=tuple(one.id for one in app.frameworks()),
        made_for="stage-1",
        classification="confidential",
        recipient="Example Certification",
        purpose="to prepare stage 1",
    )
    made = export(app, store, asked, path, exporters())
    (place / KEY).write_text(f"{key}\n", encoding="ascii")
    talk.head("The auditor's bundle of today")
    show_export(export_view(path, made), talk)
    talk.gap()
    show_bundle(bundle_view(str(path), verify_bundle(path, key=key)), talk)
