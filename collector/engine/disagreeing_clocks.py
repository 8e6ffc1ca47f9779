"""As of when evidence is judged, and what is said where this machine's clock and the platform's disagree on that.

A check is given when its evidence was observed. Where the two clocks were further apart than the limit it is judged by
both, and a verdict stands only where both come to it: a clock that is behind makes a key younger than it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from collector.core.checks import Status, Verdict
from collector.core.clocks import apart

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime, timedelta

    from collector.core.tasks import Observation


@dataclass(frozen=True, slots=True)
class TaskMoments:
    """As of when the resources of one task are judged.

    `at` is when its basis was observed and `newest` when its latest observation was, by this machine's clock; `offs`
    are by how much that clock was ahead of the platform's, where they disagreed.
    """

    at: datetime
    newest: datetime
    offs: tuple[timedelta, ...] = ()

    def of(self, seen_at: datetime | None) -> tuple[datetime, ...]:
        """Return the moments to judge a resource at that was seen then: by this machine's clock, by the platform's.

        A resource of a list that was read in part may be newer than the last whole one. Nothing was seen after the
        latest observation: a date that says so was made by a clock that was ahead.
        """
        at = self.at
        if seen_at is not None and seen_at > at:
            at = max(at, min(seen_at, self.newest))
        return (at, *(at - off for off in self.offs)) if self.offs else (at,)


def moments_of(basis: Observation, latest: Observation) -> TaskMoments:
    """Return as of when the resources of a task are judged, by its basis and its latest observation."""
    offs = dict.fromkeys(off for off in (basis.clock_off, latest.clock_off) if off)
    return TaskMoments(basis.ended_at, latest.ended_at, tuple(offs))


def agreed(verdicts: Sequence[Verdict], moments: Sequence[datetime]) -> Verdict:
    """Return the verdict of which the clocks leave no doubt, of those at each of the moments; unknown where they do."""
    first = verdicts[0]
    for verdict, moment in zip(verdicts, moments, strict=True):
        if verdict.status is not first.status:
            ours, theirs = (each.status.value.replace("_", " ") for each in (first, verdict))
            return Verdict(
                Status.UNKNOWN,
                f"{apart(moments[0], moment)}, and the verdict depends on it: {ours} by the one, {theirs} by the other",
            )
    return verdicts[min(1, len(verdicts) - 1)]
