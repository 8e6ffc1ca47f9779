"""How old open findings are, by severity: the numbers of a chart, each with the list that it counts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from collector.core.checks import Status
from collector.report.findings.finding_filter import SEVERITIES

if TYPE_CHECKING:
    from collections.abc import Hashable, Iterator, Mapping
    from datetime import datetime

    from collector.report.findings.finding_views import FindingView

_DAY = timedelta(days=1)

AGES = (
    ("over-90-days", "90 days or longer", 90 * _DAY),
    ("over-30-days", "30 to 89 days", 30 * _DAY),
    ("over-7-days", "7 to 29 days", 7 * _DAY),
    ("under-7-days", "less than 7 days", timedelta()),
)
"""How long a finding has failed, the longest first: name, words, and the least span."""

UNKNOWN = "unknown"
"""The severity of a check that is not part of this installation."""


def severities(counts: Mapping[Hashable, int]) -> tuple[str, ...]:
    """Return the severities, the worst first; one that is not known comes last, and only where something has it."""
    return (*SEVERITIES, *([UNKNOWN] if any(counts[bucket] for bucket in buckets_of(UNKNOWN)) else []))


def severity_of(finding: FindingView) -> str:
    """Return the severity of a finding, or UNKNOWN."""
    return finding.severity if finding.severity in SEVERITIES else UNKNOWN


def age_of(since: datetime, at: datetime) -> str:
    """Return the name of the age at a moment of what has been so since another one."""
    return next((name for name, _, least in AGES if at - since >= least), AGES[-1][0])


def buckets_of(severity: str) -> Iterator[tuple[str, str, str]]:
    """Yield the buckets of what fails with a severity, the oldest first."""
    for name, _, _ in AGES:
        yield Status.FAIL.value, severity, name
