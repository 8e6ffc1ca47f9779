"""Checks without a finding that says why something is unknown: OSCAL and OCSF need an entry for them."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.checks import Status

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from collector.bundle.contents import BundleContents
    from collector.core.tally import FindingCounts
    from collector.report.findings.finding_views import FindingView

_NEEDS = re.compile(r"\(needs ([^()]+)\)")


class Silence(Struct, frozen=True):
    """A check that has no finding, at all or for some accounts or repositories, with the reasons."""

    check: str
    title: str
    severity: str
    reasons: tuple[str, ...]


def missing_permission(reason: str) -> str:
    """Return the permission that the reason of an unknown verdict names; empty where it names none."""
    found = _NEEDS.search(reason)
    return "" if found is None else found[1]


def checks_of(contents: BundleContents) -> frozenset[str]:
    """Return the ids of all checks that the bundle covers."""
    if contents.checks is not None:
        return contents.checks
    linked = (check.check for control in contents.controls for check in control.checks)
    return frozenset(contents.reading.rules) | frozenset(linked)


def silences(contents: BundleContents, unknown: Mapping[str, int], seen: frozenset[str]) -> Iterator[Silence]:
    """Yield the checks for which something is unknown that no finding states.

    `unknown` counts the findings that are unknown, by check; `seen` are the checks with findings.
    """
    tallies: Mapping[str, FindingCounts] = contents.assessment.evidence.tallies
    for check in sorted(checks_of(contents)):
        tally, known = tallies.get(check), contents.reading.check(check)
        if check in seen and (tally is None or (tally.unknown <= unknown.get(check, 0) and not tally.disabled)):
            continue
        reasons = ("the check was not run",) if tally is None else tally.reasons
        if tally is not None and tally.disabled:
            reasons = ("the check is disabled", *reasons)
        yield Silence(
            check=check,
            title="not part of this installation" if known is None else known.title,
            severity="unknown" if known is None else known.severity,
            reasons=tuple(dict.fromkeys(reasons)) or ("the check was not run",),
        )


class SilenceCounter:
    """Counts the findings of each check while they are streamed."""

    def __init__(self) -> None:
        self.unknown: Counter[str] = Counter()
        self.seen: set[str] = set()

    def take(self, finding: FindingView) -> None:
        """Count one finding; one outside the scope accounts for nothing in it."""
        self.seen.add(finding.check)
        if finding.status == Status.UNKNOWN.value and not finding.elsewhere:
            self.unknown[finding.check] += 1

    def silences(self, contents: BundleContents) -> Iterator[Silence]:
        """Yield the checks that the counted findings do not account for."""
        return silences(contents, self.unknown, frozenset(self.seen))
