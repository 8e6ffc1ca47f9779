"""One reading of each measure at a moment. What could not be seen is never a number."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median
from typing import TYPE_CHECKING

from collector.company.built_in_measures import MEASURES
from collector.core.checks import Status
from collector.core.departures import ClosureReason
from collector.core.isms.actions import count_actions
from collector.core.isms.exceptions import AcceptedExceptions
from collector.core.isms.measures import MeasurePoint
from collector.report.company.owed_records import records_missing
from collector.report.periods.collections_made import observations_made
from collector.report.state.tags import body_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from collector.core.departures import Departure
    from collector.core.tally import FindingCounts
    from collector.report.state.assessment import Assessment

FIXED_WITHIN = timedelta(days=90)
"""How far back the time to fix is measured."""

_KEYS = "aws.iam.credential_report"


@dataclass(frozen=True)
class Moment:
    """The data of the readings at a moment. `departures` are all findings that were failing around it."""

    assessment: Assessment
    departures: Sequence[Departure]

    @property
    def at(self) -> datetime:
        """The moment."""
        return self.assessment.reading.at

    def tallies(self, *checks: str) -> list[FindingCounts]:
        """Return the counts of these checks; those without findings are left out."""
        found = self.assessment.evidence.tallies
        return [found[check] for check in checks if check in found]

    def share(self, part: int, whole: int, unknown: int = 0) -> MeasurePoint:
        """Return a of b; no share where something of it is not established."""
        doubt = f"{part} of {whole} seen, {unknown} could not be" if unknown else ""
        if whole == 0:
            doubt = "nothing of it could be seen" if unknown else "there was nothing of the kind"
        return MeasurePoint(
            at=self.at,
            value=None if doubt else part / whole,
            part=part,
            whole=whole,
            not_established=unknown,
            why=doubt,
        )

    def number(self, value: float, unknown: int = 0) -> MeasurePoint:
        """Return a number; with what is not established beside it, it is the least that it can be."""
        why = f"at least: {unknown} not established" if unknown else ""
        return MeasurePoint(at=self.at, value=value, not_established=unknown, why=why)

    def nothing(self, why: str, unknown: int = 0) -> MeasurePoint:
        """Return that there is no number, and why."""
        return MeasurePoint(at=self.at, value=None, not_established=unknown, why=why)


def readings(moment: Moment) -> Mapping[str, MeasurePoint]:
    """Return a reading of every measure."""
    return {id_: _OF[id_](moment) for id_ in MEASURES}


def _share_of(measure: str) -> Callable[[Moment], MeasurePoint]:
    def read(moment: Moment) -> MeasurePoint:
        found = moment.tallies(*MEASURES[measure].source)
        if not found:
            return moment.nothing("nobody has looked")
        good = sum(tally.passes for tally in found)
        judged = good + sum(tally.fails + tally.accepted for tally in found)
        return moment.share(good, judged, sum(tally.unknown for tally in found))

    return read


def _has_evidence(tallies: Iterable[FindingCounts]) -> bool:
    """Whether anything was seen at all: where all is unknown, none is no number."""
    return any(tally.findings > tally.unknown or tally.lost for tally in tallies)


def _oldest_key(moment: Moment) -> MeasurePoint:
    found = moment.tallies(*MEASURES["oldest_access_key"].source)
    if not found:
        return moment.nothing("nobody has looked")
    ages = list(_key_ages(moment))
    if found[0].unknown:
        seen = f"; the oldest of those seen is {max(ages)} days old" if ages else ""
        return moment.nothing(f"not all keys could be seen{seen}", found[0].unknown)
    return moment.number(max(ages)) if ages else moment.nothing("there was no active key")


def _key_ages(moment: Moment) -> Iterator[int]:
    reading = moment.assessment.reading
    for name, freshness in reading.freshness.items():
        if _KEYS not in freshness.source.collections:
            continue
        for stored in reading.store.resources(_KEYS, source=name, as_of=reading.as_of):
            if not reading.decides(name, stored.task.scope):
                continue
            body = {} if stored.blob is None else body_of(stored.blob)
            for number in (1, 2):
                made = str(body.get(f"access_key_{number}_last_rotated", ""))
                if body.get(f"access_key_{number}_active") == "true" and re.match(r"\d{4}-", made):
                    yield (moment.at - datetime.fromisoformat(made)).days


def _open_of(severity: str) -> Callable[[Moment], MeasurePoint]:
    def read(moment: Moment) -> MeasurePoint:
        reading = moment.assessment.reading
        found = [
            tally
            for id_, tally in moment.assessment.evidence.tallies.items()
            if (check := reading.check(id_)) is not None and check.severity == severity
        ]
        if not _has_evidence(found):
            return moment.nothing("nobody has looked")
        unknown = sum(tally.unknown - tally.lost for tally in found)
        return moment.number(sum(tally.fails + tally.lost for tally in found), unknown)

    return read


def _oldest_open(moment: Moment) -> MeasurePoint:
    made = moment.assessment
    if not _has_evidence(made.evidence.tallies.values()):
        return moment.nothing("nobody has looked")
    accepting = AcceptedExceptions(made.company.exceptions, moment.at.date(), made.failing, made.files.logged)
    since = [
        current.failing_since or current.state.since
        for current in made.reading.findings()
        # A finding last seen failing is open until it is seen otherwise.
        if (current.last is Status.FAIL or current.failing_since is not None)
        and made.reading.decides(current.id.source, current.id.scope)
        and accepting.covers(current.id) is None
    ]
    return moment.number((moment.at - min(since)).days) if since else moment.nothing("no open deviation was seen")


def _days_to_fix(moment: Moment) -> MeasurePoint:
    if not _has_evidence(moment.assessment.evidence.tallies.values()):
        return moment.nothing("nobody has looked")
    days = [
        (departure.left_at - departure.since).total_seconds() / timedelta(days=1).total_seconds()
        for departure in moment.departures
        if departure.how is ClosureReason.FIXED
        and moment.assessment.reading.decides(departure.id.source, departure.id.scope)
        and departure.left_at is not None
        and moment.at - FIXED_WITHIN < departure.left_at <= moment.at
    ]
    if not days:
        return moment.nothing(f"nothing was fixed in the {FIXED_WITHIN.days} days before")
    return moment.number(round(median(days), 1))


def _systems(moment: Moment) -> MeasurePoint:
    coverage = moment.assessment.evidence.coverage
    if not coverage.listed:
        return moment.nothing("there is no list of the systems in scope")
    # A system that was not seen is known not to have been seen: nothing of this is not established.
    return moment.share(coverage.seen, coverage.required)


def _observations(moment: Moment) -> MeasurePoint:
    found = observations_made(moment.assessment.reading)
    if not found.planned:
        return moment.nothing("nothing was planned in these days")
    # What saw nothing was made, and no target is met by it.
    return MeasurePoint(
        at=moment.at,
        value=(found.made - found.blind) / found.planned,
        part=found.made,
        whole=found.planned,
        why=found.blind_text,
    )


def _alerts(moment: Moment) -> MeasurePoint:
    found = moment.tallies(*MEASURES["alerts_over_sla"].source)
    if not _has_evidence(found):
        return moment.nothing("nobody has looked")
    unknown = sum(tally.unknown - tally.lost for tally in found)
    return moment.number(sum(tally.fails + tally.accepted + tally.lost for tally in found), unknown)


def _actions_late(moment: Moment) -> MeasurePoint:
    actions = moment.assessment.company.actions
    if not actions:
        return moment.nothing("there is no register of corrective actions")
    return moment.number(count_actions(actions, moment.at.date())["late"])


def _records_missing(moment: Moment) -> MeasurePoint:
    return moment.number(records_missing(moment.assessment))


_OF: Mapping[str, Callable[[Moment], MeasurePoint]] = {
    "console_users_with_mfa": _share_of("console_users_with_mfa"),
    "oldest_access_key": _oldest_key,
    **{f"open_deviations_{severity}": _open_of(severity) for severity in ("critical", "high", "medium", "low")},
    "oldest_open_deviation": _oldest_open,
    "days_to_mend": _days_to_fix,
    "systems_seen": _systems,
    "observations_made": _observations,
    "changes_reviewed": _share_of("changes_reviewed"),
    "alerts_over_sla": _alerts,
    "actions_late": _actions_late,
    "records_missing": _records_missing,
}


def earliest(moments: Iterable[datetime]) -> datetime:
    """Return from when on the history is needed for the time to fix."""
    return min(moments) - FIXED_WITHIN
