"""Bundles of audits that are made while people go on: one at a time, and the newest of each audit is kept.

They are in a folder of this process, which is gone with it: what was exported is a log entry, and is made again.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from shutil import rmtree
from tempfile import mkdtemp
from threading import Event, Lock, Thread
from typing import TYPE_CHECKING
from weakref import finalize
from zoneinfo import ZoneInfo

from collector.actions.export_bundle import export
from collector.actions.export_entry import ExportRequest
from collector.bundle.exporters.exporters import exporters
from collector.core.errors import AnnexdError, UsageError
from collector.core.periods import period_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from collector.actions.export_bundle import ExportResult
    from collector.bundle.bag import Bag
    from collector.bundle.contents import BundleContents
    from collector.bundle.exporters.exporters import Exporter
    from collector.core.identities import Identity
    from collector.setup.web_config import AuditConfig
    from collector.web.site import Site

_logger = logging.getLogger(__name__)


@dataclass
class BundleJob:
    """A bundle that was asked for. `parts` of it are written, `of_parts` there are; `wrong` says why there is none."""

    audit: str
    asked_by: Identity
    asked_at: datetime
    path: Path
    parts: int = 0
    of_parts: int = 0
    made: ExportResult | None = None
    wrong: str = ""
    ended: Event = field(default_factory=Event)


class BundleJobs:
    """Makes bundles in a thread of their own."""

    def __init__(self, site: Site) -> None:
        self._site = site
        self._lock = Lock()
        self._last: dict[str, BundleJob] = {}
        self._made: dict[str, BundleJob] = {}
        self._folder: Path | None = None
        self._count = 0

    def last(self, audit: str) -> BundleJob | None:
        """Return what was asked for last for an audit, whatever became of it."""
        return self._last.get(audit)

    def made(self, audit: str) -> BundleJob | None:
        """Return the newest bundle of an audit that was made."""
        return self._made.get(audit)

    def ask(self, audit: AuditConfig, identity: Identity) -> BundleJob:
        """Begin the bundle of an audit. Raises UsageError while one is being made, of whatever audit."""
        with self._lock:
            if any(not job.ended.is_set() for job in self._last.values()):
                raise UsageError("a bundle is being made", so="none was begun", mend="ask again when it is made")
            if self._folder is None:
                self._folder = Path(mkdtemp(prefix="annexd-bundles-"))
                finalize(self, rmtree, self._folder, ignore_errors=True)
            self._count += 1
            path = self._folder / f"{audit.id}-{self._count}.zip"
            job = BundleJob(audit.id, identity, self._site.now(), path)
            self._last[audit.id] = job
        Thread(target=self._run, args=(job, audit), name="annexd-web-bundle", daemon=True).start()
        return job

    def _run(self, job: BundleJob, audit: AuditConfig) -> None:
        try:
            job.made = self._export(job, audit)
            before, self._made[audit.id] = self._made.get(audit.id), job
            if before is not None:
                before.path.unlink(missing_ok=True)
        except AnnexdError as error:
            job.wrong = error.what
        except Exception:
            job.wrong = "it could not be made; the error is in the log of annexd"
            _logger.exception("the bundle of the audit %s could not be made", audit.id)
        finally:
            job.ended.set()

    def _export(self, job: BundleJob, audit: AuditConfig) -> ExportResult:
        """Export what is opened for an audit, and nothing else. The log entry says who asked for it, and for whom."""
        asked = ExportRequest(
            period=period_of(audit.first, audit.last, ZoneInfo("UTC")),
            frameworks=audit.frameworks,
            recipient=f"the auditors of {audit.id}: {audit.title}",
            purpose=f"asked for on the pages by {job.asked_by}, {job.asked_by.role.value}",
            audits=(audit.id,),
        )
        app = self._site.app
        with app.open_store(writer=True, alongside=True) as store:
            return export(app, store, asked, job.path, list(_counted(job)))


def _counted(job: BundleJob) -> Iterator[Exporter]:
    """Yield the exporters; each counts as written when it has ended."""
    every = exporters()
    job.of_parts = len(every)

    def write(exporter: Exporter, contents: BundleContents, bag: Bag) -> None:
        exporter(contents, bag)
        job.parts += 1

    for exporter in every:
        yield partial(write, exporter)
