"""A company that was scanned over some days, and the bundle of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from collector.actions.export_bundle import ExportResult, export
from collector.actions.export_entry import ExportRequest
from collector.bundle.exporters.exporters import Exporter
from collector.bundle.proofs.proof import Previous
from collector.core.periods import Period, period_of
from storage import SqlStore
from storage.log.notes import VerifierKey
from tests.cli.conftest import Desk, desk, new_store, scanned
from tests.played.platform import REPOS, a_member, a_repo, an_org

__all__ = ["desk", "new_store", "scanned"]

_UTC = ZoneInfo("UTC")


@dataclass
class Office:
    """A desk from which bundles are sent."""

    desk: Desk
    folder: Path

    @property
    def store(self) -> SqlStore:
        """The store; what it is written through notes each write."""
        return cast("SqlStore", self.desk.world.store)

    @property
    def key(self) -> VerifierKey:
        """The key that an auditor was given."""
        return self.store.checkpoints.key()

    def period(self, first: date | None = None, last: date | None = None) -> Period:
        """The days from one to another; by default all that were scanned."""
        today = self.desk.clock.now().date()
        return period_of(first or today - timedelta(days=30), last or today, _UTC)

    def export(
        self,
        name: str = "out.zip",
        *,
        previous: Previous | None = None,
        exporters: Sequence[Exporter] = (),
        **asked: object,
    ) -> ExportResult:
        """Export to a file of this folder."""
        terms = {"period": self.period(), "frameworks": ("played:1",), **asked}
        return export(
            self.desk.app,
            self.store,
            ExportRequest(**terms),  # type: ignore[arg-type]  # a test names what it changes
            self.folder / name,
            exporters,
            previous=previous,
            force=True,
        )


@pytest.fixture
def office(desk: Desk, tmp_path: Path) -> Office:
    """An office where three scans were made, a day apart, between which something changed."""
    desk.world.run()
    desk.clock.move(timedelta(days=1))
    desk.platform.orgs["acme"]["members"][0]["mfa"] = False
    desk.world.run()
    desk.clock.move(timedelta(days=1))
    desk.world.run()
    desk.clock.move(timedelta(hours=1))
    return Office(desk, tmp_path)


@pytest.fixture
def large(office: Office) -> Office:
    """An office of which much fails and much is refused."""
    projects = {f"p{number:02}": [a_repo(f"r{number:02}", protection=None)] for number in range(40)}
    members = [a_member(login=f"m{number:03}", mfa=False) for number in range(120)]
    office.desk.platform.orgs["acme"] = an_org(projects=projects, members=members)
    for number in range(0, 40, 2):
        office.desk.platform.deny(REPOS, where=f"p{number:02}")
    office.desk.world.run()
    return office
