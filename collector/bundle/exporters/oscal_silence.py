"""What no finding speaks about, although a check should: machines are told of it as people are."""

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

_NEEDS = re.compile(r"\(needs ([^()]+)\)")


class Silence(Struct, frozen=True):
    """A check that says nothing, of anything or of some places, and why."""

    check: str
    title: str
    severity: str
    reasons: tuple[str, ...]


def missing_permission(reason: str) -> str:
    """Return the permission that the reason of an unknown verdict names; empty where it names none."""
    found = _NEEDS.search(reason)
    return "" if found is None else found[1]


def checks_of(dossier: BundleContents) -> frozenset[str]:
    """Return every check that the bundle has to say something about."""
    if dossier.checks is not None:
        return dossier.checks
    linked = (check.check for control in dossier.controls for check in control.checks)
    return frozenset(dossier.reading.rules) | frozenset(linked)


def silences(dossier: BundleContents, unknown: Mapping[str, int], seen: frozenset[str]) -> Iterator[Silence]:
    """Yield the checks of which something is unknown that no finding says.

    `unknown` counts the findings that are unknown, by check; `seen` are the checks with findings.
    """
    tallies: Mapping[str, FindingCounts] = dossier.assessment.evidence.tallies
    for check in sorted(checks_of(dossier)):
        tally, known = tallies.get(check), dossier.reading.check(check)
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
    """Counts the findings while they stream by."""

    def __init__(self) -> None:
        self.unknown: Counter[str] = Counter()
        self.seen: set[str] = set()

    def take(self, check: str, status: str) -> None:
        """Count one."""
        self.seen.add(check)
        if status == Status.UNKNOWN.value:
            self.unknown[check] += 1

    def silences(self, dossier: BundleContents) -> Iterator[Silence]:
        """Yield what was not among them."""
        return silences(dossier, self.unknown, frozenset(self.seen))
