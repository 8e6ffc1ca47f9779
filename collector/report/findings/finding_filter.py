"""Filters for findings: source, service, check, control, severity, status, tag and owner of the system."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.core.errors import UsageError
from collector.core.findings import WHOLE
from collector.core.resources import ONLY, service_of
from collector.core.scopes import within
from collector.report.state.tags import Tagged, tagged
from collector.setup.toml_file import would_do

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from collector.core.checks import Check
    from collector.core.controls import Framework
    from collector.core.isms.scope import SourceScope
    from collector.core.scopes import Scope
    from collector.report.state.known import CurrentFinding, Reading

SEVERITIES = ("critical", "high", "medium", "low")
"""The worst first."""

OPEN = (Status.FAIL, Status.UNKNOWN)
"""The statuses that are shown by default."""


STATES = ("open", "accepted")
"""What deviations are: open, also where one was last seen failing and is unknown now, or covered by an exception."""

AGES = {"0-7": 7, "8-30": 30, "31-90": 90, "91-180": 180, "over-180": None}
"""Ages of findings in whole days, each with its last day; an age is counted from when its verdict was given first."""


@dataclass(frozen=True)
class FindingQuery:
    """The filters that a person set; an empty one does not restrict. A tag is (name, value); a value of None is any.

    `accounts` take what lies inside any of them; `in_scope` what is of a system in scope, or of none. `states` are
    `open` and `accepted`, `ages` those of `AGES`, and `owners` of systems, empty where nobody is stated.
    """

    sources: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    checks: tuple[str, ...] = ()
    controls: tuple[str, ...] = ()
    severities: tuple[str, ...] = ()
    statuses: tuple[Status, ...] = ()
    tags: tuple[tuple[str, str | None], ...] = ()
    owners: tuple[str, ...] = ()
    accounts: tuple[SourceScope, ...] = ()
    in_scope: bool | None = None
    states: tuple[str, ...] = ()
    ages: tuple[str, ...] = ()


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
        refuse_unknown(self.reading, self.asked)
        if self.asked.states or self.asked.ages:
            raise UsageError(
                "findings are not chosen by state or age where they are gone through one by one",
                mend="leave out the tag, or the day to compare with",
            )
        self._checks = self._chosen()

    @property
    def sources(self) -> tuple[str | None, ...]:
        """The sources to read from the store; (None,) for all."""
        return self.asked.sources or (None,)

    def takes(self, current: CurrentFinding) -> bool:
        """Whether a finding passes the filters other than those of status, state and age."""
        source, scope = current.id.source, current.id.scope
        if self._checks is not None and current.id.check not in self._checks:
            return False
        if self.asked.owners and self.reading.owner(source, scope) not in self.asked.owners:
            return False
        if self.asked.in_scope not in {None, self.reading.decides(source, scope)}:
            return False
        if not is_within(source, scope, self.asked.accounts):
            return False
        return not self.asked.tags or self._is_tagged(current)

    def _chosen(self) -> Collection[str] | None:
        """Return the checks that the choices leave, None for all, those of older installations included."""
        asked = self.asked
        if not (asked.services or asked.checks or asked.controls or asked.severities):
            return None
        linked = linked_checks(self.reading.app.frameworks(), asked.controls) if asked.controls else None
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


def refuse_unknown(reading: Reading, asked: FindingQuery) -> None:
    """Raise UsageError where a filter names a source, check or service that there is not."""
    _known(asked.sources, (*reading.freshness, *reading.not_configured), "source")
    _known(asked.checks, reading.app.checks, "check")
    _known(asked.services, sorted({service_of_check(check) for check in reading.app.checks.values()}), "service")
    _known(asked.states, STATES, "state")
    _known(asked.ages, AGES, "age")


def is_within(source: str, scope: Scope, accounts: Iterable[SourceScope]) -> bool:
    """Return whether a scope of a source lies inside one of these; where there are none it does."""
    chosen = tuple(accounts)
    return not chosen or any(source == account.source and within(scope, account.scope) for account in chosen)


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
    return service_of(kind_of_check(check))


def kind_of_check(check: Check[...]) -> str:
    """Return the kind of resource that a check is about."""
    return (check.subject or check.needs[0]).kind.name


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
