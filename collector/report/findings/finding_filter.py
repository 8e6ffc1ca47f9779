"""Filters for findings: source, service, check, control, severity, status, tag and owner of the system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.errors import UsageError
from collector.core.findings import WHOLE
from collector.core.resources import ONLY, service_of
from collector.report.state.tags import Tagged, tagged
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from collector.core.checks import Check
    from collector.core.controls import Framework
    from collector.core.scopes import Scope
    from collector.report.state.known import CurrentFinding, Reading

SEVERITIES = ("critical", "high", "medium", "low")
"""The worst first."""

OPEN = (Status.FAIL, Status.UNKNOWN)
"""The statuses that are shown by default."""


@dataclass(frozen=True)
class FindingQuery:
    """The filters that a person set; an empty one does not restrict. A tag is (name, value); a value of None is any."""

    sources: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    tags: tuple[tuple[str, str | None], ...] = ()
    assigned_to: str | None = None


@dataclass
class Filter:
    """Decides whether a finding passes the filters. Raises UsageError on an unknown name.

    `untagged` counts findings that a choice by tag leaves out because it cannot be said of them: their tags could not
    be read, or they speak of a whole scope.
    """

    reading: Reading
    asked: FindingQuery
    untagged: int = 0
    _checks: Collection[str] | None = field(init=False)
    _tags: dict[tuple[str, str], Tagged] = field(default_factory=dict, init=False)

    def __post_init__(self) -> None:
        _known(self.asked.sources, (*self.reading.freshness, *self.reading.not_configured), "source")
        _known(self.asked.checks, self.reading.app.checks, "check")
        self._checks = self._chosen()

    @property
    def sources(self) -> tuple[str | None, ...]:
        """The sources to read from the store; (None,) for all."""
        return self.asked.sources or (None,)

    def takes(self, current: CurrentFinding) -> bool:
        """Whether a finding passes the filters other than that of the status."""
        if self._checks is not None and current.id.check not in self._checks:
            return False
        if self.asked.assigned_to not in {None, self.reading.owner(current.id.source, current.id.scope)}:
            return False
        return not self.asked.tags or self._is_tagged(current)

    def _chosen(self) -> Collection[str] | None:
        """Return the checks that the choices leave, None for all, those of older installations included."""
        asked = self.asked
        if not (asked.services or asked.checks or asked.controls or asked.severities):
            return None
        linked = linked_checks(self.reading.app.frameworks(), asked.controls) if asked.controls else None
        services = {service_of_check(check) for check in self.reading.app.checks.values()}
        _known(asked.services, sorted(services), "service")
        return {
            id_
            for id_, check in self.reading.app.checks.items()
            if (not asked.checks or id_ in asked.checks)
            and (not asked.severities or check.severity in asked.severities)
            and (not asked.services or service_of_check(check) in asked.services)
            and (linked is None or id_ in linked)
        }

    def _is_tagged(self, current: CurrentFinding) -> bool:
        id_ = current.id
        check = self.reading.check(id_.check)
        subject = None if check is None else check.subject
        if id_.subject == WHOLE or subject is None:
            self.untagged += 1
            return False
        place = (id_.source, subject.kind.name)
        if place not in self._tags:
            stored = self.reading.store.resources(subject.kind.name, source=id_.source, as_of=self.reading.as_of)
            self._tags[place] = tagged(stored, self.asked.tags)
        found = self._tags[place]
        self.untagged += (id_.scope, id_.subject) in found.unread
        return (id_.scope, id_.subject) in found.matching


def show_subject(subject: str, level: str = "") -> str:
    """Return the resource of a finding for people: its key, or `(account)` where the finding is about an account.

    `level` is what the platform calls the place, such as account, organization or repository (see `level_of`).
    """
    return f"({level or 'as a whole'})" if subject in {WHOLE, ONLY} else subject


def level_of(reading: Reading, source: str, scope: Scope) -> str:
    """Return what the platform calls a scope of a source, such as account; empty where the source is not configured."""
    freshness = reading.freshness.get(source)
    if freshness is None:
        return ""
    levels = ("source", *freshness.source.connector.levels)
    return levels[len(scope)] if len(scope) < len(levels) else ""


def service_of_check(check: Check[...]) -> str:
    """Return the service that a check is about: that of the kind that it judges."""
    return service_of((check.subject or check.needs[0]).kind.name)


def linked_checks(frameworks: Iterable[Framework], controls: Iterable[str]) -> set[str]:
    """Return the checks mapped to controls, written `8.5` or `iso27001:2022/8.5`. Raises UsageError."""
    by_name: dict[str, set[str]] = {}
    for framework in frameworks:
        for control in framework.controls:
            by_name.setdefault(control.id, set()).update(control.checks)
            by_name.setdefault(f"{framework.id}/{control.id}", set()).update(control.checks)
    _known(controls, by_name, "control", some_of=[name for name in by_name if "/" not in name][:12])
    return {check for control in controls for check in by_name[control]}


def _known(names: Iterable[str], known: Collection[str], what: str, some_of: Collection[str] | None = None) -> None:
    for name in names:
        if name not in known:
            listed = would_do(name, known if some_of is None else some_of, f"the {what}s are")
            raise UsageError(f"there is no {what} {name!r}", mend=listed if some_of is None else f"{listed} ...")
