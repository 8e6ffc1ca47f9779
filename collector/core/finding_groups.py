"""Counting and paging current findings in the store, without reading each of them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol, runtime_checkable

from msgspec import Struct

from collector.core.checks import Status
from collector.core.findings import FindingState
from collector.core.history import LastFailing
from collector.core.scopes import Scope


class CheckTimes(NamedTuple):
    """Times of the current findings of a check in a scope, None where there is no such finding.

    `observed_at` is when the oldest evidence was observed, `failing_since` when the first of those that fail began to.
    Of those that are unknown and failed before, `failed_since` is when the first began to fail, and `lost_at` when the
    last became unknown.
    """

    observed_at: datetime
    failing_since: datetime | None = None
    failed_since: datetime | None = None
    lost_at: datetime | None = None


class FindingGroup(NamedTuple):
    """Current findings of a check in a scope with one verdict, `total` of them.

    `was_failing`: they are unknown, and failed when they were last decided. `in_run`: one of the runs asked for gave
    the verdict first. `band` says where the beginning lies among the moments asked for: 0 is after the first of them.
    `times` are those of all findings of the check in the scope.
    """

    check: str
    source: str
    scope: Scope
    status: Status
    was_failing: bool
    in_run: bool
    band: int
    total: int
    times: CheckTimes


class FindingRow(NamedTuple):
    """One current finding with what a FindingGroup says of many."""

    check: str
    source: str
    scope: Scope
    status: Status
    was_failing: bool
    in_run: bool
    band: int
    subject: str


class FindingPlace(NamedTuple):
    """A resource that findings are about; `subject` is empty where they are about the scope as a whole."""

    source: str
    scope: Scope
    subject: str


class FindingsWanted(Struct, frozen=True, kw_only=True):
    """Which current findings to read; a field that is None does not restrict.

    `checks` and `subjects` take those of any of them. `after` is a subject to continue from, `subject` the only one;
    `was_failing` takes those that are unknown and failed before, alone.
    """

    check: str | None = None
    checks: Collection[str] | None = None
    source: str | None = None
    scope: Scope | None = None
    statuses: Collection[Status] | None = None
    after: str | None = None
    subject: str | None = None
    subjects: Collection[str] | None = None
    was_failing: bool = False


KnownFinding = tuple[FindingState, LastFailing | None]
"""A finding, and its last fail where it is unknown and failed before."""


class FindingPair(NamedTuple):
    """A finding at two moments; None where there was none."""

    then: KnownFinding | None
    now: KnownFinding | None


class FindingGroups(Protocol):
    """What a store counts and returns of its current findings; with `as_of`, of those current at that moment."""

    def groups(
        self, *, moments: Sequence[datetime] = (), runs: Collection[str] = (), as_of: datetime | None = None
    ) -> Iterator[FindingGroup]:
        """Yield the groups, check by check, and scope by scope within each.

        `moments` are the latest first. A finding begins with its verdict, and one that is unknown and failed before
        where it began to fail.
        """

    def rows(
        self,
        *,
        checks: Collection[str],
        statuses: Collection[Status],
        moments: Sequence[datetime] = (),
        runs: Collection[str] = (),
        as_of: datetime | None = None,
        after: FindingPlace | None = None,
    ) -> Iterator[FindingRow]:
        """Stream what the groups count, ordered by source, scope_text, subject and check; after a resource only.

        What is not taken is not read, but for the scope in which the stream ended.
        """

    def subjects(self, text: str) -> Iterator[FindingPlace]:
        """Yield the resources with a text in their name, of findings that are or were, in the order of `rows`.

        Upper and lower case are alike.
        """

    def members(self, wanted: FindingsWanted, *, as_of: datetime | None = None) -> Iterator[KnownFinding]:
        """Stream findings ordered by check, source, scope_text and subject; an unknown one with its last fail."""

    def changes(
        self, wanted: FindingsWanted, *, since: datetime, until: datetime | None = None, is_whole: bool = False
    ) -> Iterator[FindingPair]:
        """Stream findings as they were at two moments, in the same order: those with a verdict recorded in between.

        With `is_whole` all findings that were there at one of them. Of `wanted` only check, source and scope count.
        """

    def scopes(self) -> Iterator[tuple[str, str, Scope]]:
        """Yield each check, source and scope with a finding that is or was, ordered by scope_text."""


@runtime_checkable
class GroupsFindings(Protocol):
    """A store that counts its findings."""

    @property
    def finding_groups(self) -> FindingGroups:
        """Its current findings, counted and in parts."""
