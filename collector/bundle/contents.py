"""Everything that the pages of a bundle say, read once and shared by all of them, so that no two can disagree.

What is long is streamed anew each time it is asked for; what is held grows with controls, checks and tasks, never with
findings or resources.
"""

from __future__ import annotations

import hmac
from datetime import datetime
from fnmatch import fnmatchcase
from functools import cached_property
from hashlib import sha256
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec import Struct
from msgspec.structs import replace

from collector.bundle.spool import Spool
from collector.core.checks import Status
from collector.core.errors import ConfigError
from collector.core.isms.exceptions import Acceptance, AcceptedExceptions
from collector.core.periods import Period
from collector.report.company.action_views import ActionsView, actions_view
from collector.report.company.risk_views import RisksView, risks_view
from collector.report.company.soa_views import SoaView, soa_view
from collector.report.controls.control_views import ControlView, FrameworkControls, controls_view
from collector.report.findings.finding_views import FindingView, finding_view
from collector.report.periods.diff_views import DiffView, diff_of
from collector.report.periods.period_history import PeriodHistory, period_history
from collector.report.periods.period_views import PeriodView, period_view
from collector.report.state.assessment import Assessment, assessed
from collector.report.state.known import Reading

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from collector.core.ports import Stored, StoredObservation
    from collector.core.tasks import Task
    from collector.report.state.coverage import Scoped
    from collector.setup.app import App
    from storage import SqlStore

T = TypeVar("T")


CHANGES_SHOWN = 500
"""Findings that changed which the page of the changes shows; the tables have all."""


class Terms(Struct, frozen=True, kw_only=True):
    """The options of an export, as its log entry states them. `controls` are patterns; empty means all controls.

    `made_for` is internal-audit, stage-1, stage-2, surveillance-N or recertification. `withheld` are patterns of keys,
    scopes or kinds whose evidence is not handed out. Of evidence requests those of `audits` are shown, and no others.
    `sample` is the leaf of the draw that the bundle is of, None of a
    period. `at` and `by` are when and by whom the export was asked for.
    """

    period: Period
    frameworks: tuple[str, ...]
    controls: tuple[str, ...] = ()
    made_for: str = ""
    classification: str = ""
    recipient: str = ""
    purpose: str = ""
    withheld: tuple[str, ...] = ()
    pseudonymised: bool = False
    audits: tuple[str, ...] = ()
    sample: int | None = None
    at: datetime
    by: str


class BundleHead(Struct, frozen=True, kw_only=True):
    """The proof of a bundle, for the pages that print it. Log entries are numbered from 0.

    The range of the period is from `first` up to, and without, `end`. `previous_size` is of the bundle before this one.
    `hidden_requests` are spans, with both ends, of entries about evidence requests that are shown as hashes, and that
    the store which these contents are read from does not have.
    """

    origin: str
    size: int
    root: str
    key: str
    fingerprint: str
    export_leaf: int
    first: int
    end: int
    withheld_leaves: int = 0
    erased_bodies: int = 0
    previous_size: int | None = None
    previous_root: str | None = None
    anchored_at: datetime | None = None
    anchored_by: str | None = None
    hidden_requests: tuple[tuple[int, int], ...] = ()


class BundleContents:
    """Everything that a bundle says about a period: states at its end, observations in it, and what is not known.

    Raises ConfigError where the terms name a framework that is not in use, or no control at all.
    """

    def __init__(self, app: App, store: SqlStore, terms: Terms, head: BundleHead) -> None:
        self.app = app
        self.store = store
        self.terms = terms
        self.head = head
        self._made: dict[object, Any] = {}
        # Never `now`: the same store and the same terms give the same bundle, whenever it is made.
        self.at = min(terms.period.end, terms.at)
        self.reading = Reading(app, store, self.at, as_of=self.at)

    @cached_property
    def assessment(self) -> Assessment:
        """The states of all controls at the end."""
        return assessed(self.reading)

    @cached_property
    def frameworks(self) -> list[FrameworkControls]:
        """The framework versions with the selected controls and their states at the end."""
        made = controls_view(self.assessment, frameworks=self.terms.frameworks).frameworks
        if not self.terms.controls:
            return made
        kept = [_chosen(framework, self.terms.controls) for framework in made]
        if not any(framework.controls for framework in kept):
            raise ConfigError(
                f"no control is called {', '.join(self.terms.controls)}",
                so="the bundle would be empty, and was not made",
                mend="annexd controls lists them; a pattern such as 8.* names several",
            )
        return [framework for framework in kept if framework.controls]

    @property
    def controls(self) -> Iterator[ControlView]:
        """All selected controls, one framework version after the other."""
        return (control for framework in self.frameworks for control in framework.controls)

    @cached_property
    def checks(self) -> frozenset[str] | None:
        """The checks mapped to the selected controls; None where all controls, and so all checks, are selected."""
        if not self.terms.controls:
            return None
        return frozenset(check.check for control in self.controls for check in control.checks)

    @cached_property
    def period_history(self) -> PeriodHistory:
        """One way through the record of the period."""
        start, history = self.terms.period.start, self.store.history
        return period_history(self.app, self.store, history, start, self.at, self.reading.decides)

    @cached_property
    def period(self) -> PeriodView:
        """The evaluations planned, made and missed, of all checks and controls whether selected or not."""
        return period_view(self.terms.period, self.period_history, self.assessment)

    @cached_property
    def changes(self) -> DiffView:
        """The differences between the beginning of the period and its end, with the first `CHANGES_SHOWN` findings."""
        return diff_of(self.assessment, self.store.history, self.terms.period.start, CHANGES_SHOWN)

    @cached_property
    def scoped(self) -> Scoped:
        """The systems in scope, and how well each was seen."""
        return self.assessment.scoped

    @cached_property
    def soa(self) -> SoaView:
        """The statement of applicability beside the evidence."""
        return soa_view(self.assessment)

    @cached_property
    def actions(self) -> ActionsView:
        """The actions on deviations, with what annexd saw of each since."""
        return actions_view(self.assessment)

    @cached_property
    def risks(self) -> RisksView:
        """The risk register, with the checks that affect each risk."""
        return risks_view(self.assessment)

    @cached_property
    def accepting(self) -> AcceptedExceptions:
        """The exceptions that counted at the end."""
        assessment = self.assessment
        return AcceptedExceptions(
            assessment.company.exceptions, self.at.date(), assessment.failing, assessment.files.logged
        )

    def once(self, make: Callable[[BundleContents], T]) -> T:
        """Return what a function makes of these contents; it is called the first time only."""
        if make not in self._made:
            self._made[make] = make(self)
        made: T = self._made[make]
        return made

    def findings(self) -> Iterator[tuple[FindingView, Acceptance | None]]:
        """Stream the findings as they counted at the end, each with the exception that covers it, in one order."""
        return iter(self._findings)

    def findings_by_resource(self) -> Iterator[tuple[FindingView, Acceptance | None]]:
        """Stream the same with those of each resource together: what repeats is then near, and takes fewer bytes."""
        return self._findings.merged(lambda pair: (pair[0].source, pair[0].scope, pair[0].subject))

    @cached_property
    def _findings(self) -> Spool[tuple[FindingView, Acceptance | None]]:
        return Spool(self._judged, tuple[FindingView, Acceptance | None], part=lambda pair: pair[0].check)

    def _judged(self) -> Iterator[tuple[FindingView, Acceptance | None]]:
        for current in self.reading.findings():
            if self.checks is None or current.id.check in self.checks:
                covered = self.accepting.covers(current.id) if current.status is Status.FAIL else None
                yield finding_view(self.reading, current), covered

    def observations(self) -> Iterator[StoredObservation]:
        """Stream the latest observation of each task at the end, in the order of the tasks."""
        return self.store.observations(as_of=self.at)

    def resources(self, task: Task) -> Iterator[Stored]:
        """Stream what was there of one task at the end, in the order of the keys."""
        found = self.store.resources(task.collection, source=task.source, under=task.scope, as_of=self.at)
        return (resource for resource in found if resource.task == task)

    def is_withheld(self, source: str, kind: str, scope: tuple[str, ...], key: str) -> bool:
        """Whether the evidence of a resource is left out of the bundle."""
        names = (source, kind, "/".join(scope), key, f"{kind}:{key}")
        return any(fnmatchcase(name, pattern) for pattern in self.terms.withheld for name in names)

    def shown(self, name: str) -> str:
        """Return a name as the pages print it: itself, or the same pseudonym for the same name throughout."""
        if not self.terms.pseudonymised or not name:
            return name
        key = self.store.redaction_key
        return "p-" + hmac.new(key, b"pseudonym\x00" + name.encode("utf-8", "surrogatepass"), sha256).hexdigest()[:12]


def _chosen(framework: FrameworkControls, patterns: tuple[str, ...]) -> FrameworkControls:
    kept = [
        control
        for control in framework.controls
        if any(
            fnmatchcase(control.id, pattern) or fnmatchcase(f"{framework.id}/{control.id}", pattern)
            for pattern in patterns
        )
    ]
    return replace(framework, controls=kept)
