"""What differs between two bundles: controls, findings, resources, collections, rules, company files and terms."""

from __future__ import annotations

from collections import Counter
from itertools import islice
from typing import TYPE_CHECKING, Literal, TypeVar

from msgspec import Struct

from collector.company.file_changes import entry_changes, named_changes
from collector.core.scopes import scope_text

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping

    from collector.bundle.comparing.bundle_side import BundleSide
    from collector.bundle.verifying.contents import FindingLine

    T = TypeVar("T")

_yes = {True: "yes", False: "no"}

How = Literal["new", "gone", "changed"]

_TERMS = (
    "frameworks",
    "controls",
    "withheld",
    "pseudonymised",
    "audits",
    "sample",
    "zone",
    "version",
    "code",
    "config",
)
"""What the log entries of two exports are compared by; the days are told apart from these."""


class ControlDifference(Struct, frozen=True, kw_only=True):
    """A control with another state, or that one of the bundles does not have: then that side is empty."""

    framework: str
    id: str
    role: str
    title: str
    was: str
    now: str


class FindingDifference(Struct, frozen=True, kw_only=True):
    """A finding that is new, gone, or has another verdict. Gone is not fixed: the resource may not be seen any more."""

    how: How
    check: str
    source: str
    scope: tuple[str, ...]
    subject: str
    was: str
    now: str
    reason: str


class ResourceDifference(Struct, frozen=True, kw_only=True):
    """A resource that one bundle lists and the other does not, or whose body is another one."""

    how: How
    source: str
    kind: str
    scope: str
    key: str


class CoverageDifference(Struct, frozen=True, kw_only=True):
    """A collection that ended otherwise, or that one of the bundles does not have: then that side is empty."""

    source: str
    kind: str
    scope: str
    was: str
    now: str
    why: str


class RuleDifference(Struct, frozen=True, kw_only=True):
    """A check that is in force otherwise. `what` is code, limits or enabled, or new or gone where one side has none."""

    check: str
    what: str
    was: str
    now: str


class FileDifference(Struct, frozen=True, kw_only=True):
    """A company file that says something else: `entries` names what was added, removed and changed."""

    name: str
    was: str | None
    now: str | None
    entries: tuple[str, ...]


class TermDifference(Struct, frozen=True, kw_only=True):
    """Something of the export itself that differs."""

    name: str
    was: str
    now: str


class BundleDiff(Struct, frozen=True, kw_only=True):
    """All that differs. The counts are of everything; the lists may be cut."""

    terms: list[TermDifference]
    controls: list[ControlDifference]
    finding_counts: dict[str, int]
    findings: list[FindingDifference]
    resource_counts: dict[str, int]
    resources: list[ResourceDifference]
    coverage: list[CoverageDifference]
    rules: list[RuleDifference]
    files: list[FileDifference]


def bundle_diff(first: BundleSide, second: BundleSide, most: int | None = None) -> BundleDiff:
    """Compare two bundles; at most so many findings and resources are listed."""
    finding_counts: Counter[str] = Counter()
    resource_counts: Counter[str] = Counter()
    return BundleDiff(
        terms=[
            TermDifference(name=name, was=was, now=now)
            for name in _TERMS
            if (was := first.about.get(name, "")) != (now := second.about.get(name, ""))
        ],
        controls=list(_controls(first, second)),
        findings=_counted(_findings(first, second), finding_counts, _finding_how, most),
        finding_counts=dict(sorted(finding_counts.items())),
        resources=_counted(_resources(first, second), resource_counts, lambda found: found.how, most),
        resource_counts=dict(sorted(resource_counts.items())),
        coverage=list(_coverage(first, second)),
        rules=list(_rules(first, second)),
        files=list(_files(first, second)),
    )


def _counted(found: Iterator[T], counts: Counter[str], how: Callable[[T], str], most: int | None) -> list[T]:
    """Return the first of what is found, and count all of it."""

    def counting() -> Iterator[T]:
        for each in found:
            counts[how(each)] += 1
            yield each

    every = counting()
    first = list(islice(every, most))
    for _ in every:
        pass
    return first


def _finding_how(found: FindingDifference) -> str:
    return found.how if found.how != "changed" else f"{found.was} to {found.now}"


def _controls(first: BundleSide, second: BundleSide) -> Iterator[ControlDifference]:
    key = ("edition", "control", "role")
    ours, theirs = _by(first.rows("controls"), key), _by(second.rows("controls"), key)
    for place in dict.fromkeys((*ours, *theirs)):
        was, now = ours.get(place, {}), theirs.get(place, {})
        if was.get("state", "") != now.get("state", ""):
            framework, id_, role = place
            yield ControlDifference(
                framework=framework,
                id=id_,
                role=role,
                title=(now or was).get("title", ""),
                was=was.get("state", ""),
                now=now.get("state", ""),
            )


def _findings(first: BundleSide, second: BundleSide) -> Iterator[FindingDifference]:
    for was, now in _merged(first.findings(), second.findings()):
        if was is not None and now is not None and was.status == now.status:
            continue
        found = now or was
        if found is not None:
            yield FindingDifference(
                how="new" if was is None else "gone" if now is None else "changed",
                check=found.check,
                source=found.source,
                scope=found.scope,
                subject=found.subject,
                was="" if was is None else was.status,
                now="" if now is None else now.status,
                reason=found.reason,
            )


def _place(finding: FindingLine) -> tuple[bytes, ...]:
    """Return what findings are ordered by."""
    return (
        finding.check.encode(),
        finding.source.encode(),
        scope_text(finding.scope).encode(),
        finding.subject.encode("utf-8", "surrogatepass"),
    )


def _merged(
    ours: Iterator[FindingLine], theirs: Iterator[FindingLine]
) -> Iterator[tuple[FindingLine | None, FindingLine | None]]:
    """Yield the findings of two ordered streams, those of the same check and resource together."""
    one, other = next(ours, None), next(theirs, None)
    while one is not None or other is not None:
        if other is None or (one is not None and _place(one) < _place(other)):
            yield one, None
            one = next(ours, None)
        elif one is None or _place(other) < _place(one):
            yield None, other
            other = next(theirs, None)
        else:
            yield one, other
            one, other = next(ours, None), next(theirs, None)


def _resources(first: BundleSide, second: BundleSide) -> Iterator[ResourceDifference]:
    key = ("source", "kind", "scope", "key")
    left = {tuple(row.get(name, "") for name in key): row.get("digest", "") for row in first.rows("resources")}
    for row in second.rows("resources"):
        place = tuple(row.get(name, "") for name in key)
        was = left.pop(place, None)
        if was != row.get("digest", ""):
            yield _resource("new" if was is None else "changed", place)
    yield from (_resource("gone", place) for place in left)


def _resource(how: How, place: tuple[str, ...]) -> ResourceDifference:
    source, kind, scope, key = place
    return ResourceDifference(how=how, source=source, kind=kind, scope=scope, key=key)


def _coverage(first: BundleSide, second: BundleSide) -> Iterator[CoverageDifference]:
    key = ("source", "collection", "scope")
    ours, theirs = _by(first.rows("tasks"), key), _by(second.rows("tasks"), key)
    for place in dict.fromkeys((*ours, *theirs)):
        was, now = ours.get(place, {}), theirs.get(place, {})
        if was.get("outcome", "") != now.get("outcome", ""):
            source, kind, scope = place
            yield CoverageDifference(
                source=source,
                kind=kind,
                scope=scope,
                was=was.get("outcome", ""),
                now=now.get("outcome", ""),
                why=now.get("why", ""),
            )


def _rules(first: BundleSide, second: BundleSide) -> Iterator[RuleDifference]:
    for check in sorted({*first.rules, *second.rules}):
        was, now = first.rules.get(check), second.rules.get(check)
        if was is None or now is None:
            there = "in force"
            yield RuleDifference(
                check=check,
                what="new" if was is None else "gone",
                was="" if was is None else there,
                now="" if now is None else there,
            )
            continue
        for what, before, after in (
            ("code", was.code, now.code),
            ("limits", _pairs(was.limits), _pairs(now.limits)),
            ("enabled", _yes[was.enabled], _yes[now.enabled]),
        ):
            if before != after:
                yield RuleDifference(check=check, what=what, was=before, now=after)


def _files(first: BundleSide, second: BundleSide) -> Iterator[FileDifference]:
    for name in sorted({*first.files, *second.files}):
        was, now = first.files.get(name), second.files.get(name)
        before, after = (None if file is None or file.digest is None else file for file in (was, now))
        digests = [None if file is None else file.digest for file in (before, after)]
        if digests[0] != digests[1]:
            texts = [None if file is None else "".join(file.pieces) for file in (before, after)]
            changes = entry_changes(*texts)
            yield FileDifference(
                name=next(file.file_name for file in (now, was) if file is not None),
                was=digests[0],
                now=digests[1],
                entries=tuple(f"{how}: {names}" for how, names in named_changes(changes)),
            )


def _by(rows: Iterable[Mapping[str, str]], key: tuple[str, ...]) -> dict[tuple[str, ...], Mapping[str, str]]:
    return {tuple(row.get(name, "") for name in key): row for row in rows}


def _pairs(limits: Mapping[str, str]) -> str:
    return ", ".join(f"{name}={value}" for name, value in sorted(limits.items())) or "none"
