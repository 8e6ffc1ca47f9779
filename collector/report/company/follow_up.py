"""What annexd itself has seen since of the deviations that corrective actions are about."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.checks import Status
from collector.core.departures import ClosureReason, Departures
from collector.core.facts import Judged
from collector.core.history import KeepsHistory
from collector.setup.check_digest.carried import carried

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from collector.core.departures import Departure
    from collector.core.findings import FindingId
    from collector.core.isms.actions import Action
    from collector.report.state.known import Reading

STILL = "still fails"
NEVER = "never seen failing"

_LOOK_BACK = timedelta(days=1)
"""A deviation is written down on the day on which it was seen, or on the next one."""

_BY_WEIGHT = (
    STILL,
    ClosureReason.UNKNOWN,
    ClosureReason.RULE,
    ClosureReason.LIMIT,
    ClosureReason.SCOPE,
    ClosureReason.GONE,
    ClosureReason.FIXED,
)


class FollowUp(Struct, frozen=True, kw_only=True):
    """The outcome of the findings of one action. `outcome` leaves most open; `since` is its oldest day.

    `counts` has every outcome with the number of subjects.
    """

    outcome: str
    since: datetime | None
    counts: dict[str, int]


def follow_ups(reading: Reading, actions: Iterable[Action]) -> Mapping[str, FollowUp]:
    """Return for each action that is about a check what was seen since; actions in words have none."""
    about = [action for action in actions if action.check is not None and action.was_found_by(reading.at.date())]
    if not about:
        return {}
    found = tuple(departures_of(reading, about))
    return {action.id: _follow_up(action, found, _current(reading, action)) for action in about}


def departures_of(reading: Reading, about: Iterable[Action]) -> Iterable[Departure]:
    """Return every time that one of these deviations was failing, from a day before the first was found."""
    actions = tuple(about)
    first = min(action.found_on for action in actions)
    start = datetime.combine(first, time(), UTC) - _LOOK_BACK
    return failures_since(reading, start, lambda id_: any(action.matches(id_) for action in actions))


def failures_since(reading: Reading, start: datetime, wanted: Callable[[FindingId], bool]) -> Iterable[Departure]:
    """Return every time that a finding was failing between a moment and that of the reading."""
    store = reading.store
    if not isinstance(store, KeepsHistory):
        return ()
    walk = Departures(store.findings(as_of=start), store.history.rules(as_of=start), wanted, carried)
    for event in store.history.events(since=start, until=reading.at):
        if isinstance(event, Judged):
            walk.take(event)
    return tuple(walk.found())


def _current(reading: Reading, action: Action) -> Mapping[FindingId, Status]:
    """Return how its findings count now: what was seen too long ago is not established."""
    return {
        statuses.id: statuses.status
        for statuses in reading.findings(check=action.check, source=action.source)
        if action.matches(statuses.id)
    }


def _follow_up(action: Action, found: Iterable[Departure], statuses: Mapping[FindingId, Status]) -> FollowUp:
    last: dict[FindingId, Departure] = {}
    for departure in found:
        if action.matches(departure.id):
            last[departure.id] = departure
    if not last:
        return FollowUp(outcome=NEVER, since=None, counts={})
    outcomes = {id_: _outcome(departure, statuses.get(id_)) for id_, departure in last.items()}
    counts = Counter(outcomes.values())
    worst = next(str(word) for word in _BY_WEIGHT if counts[str(word)])
    days = [_day(last[id_]) for id_, outcome in outcomes.items() if outcome == worst]
    return FollowUp(outcome=worst, since=min(days), counts=dict(sorted(counts.items())))


def _outcome(departure: Departure, now: Status | None) -> str:
    if now is Status.FAIL:
        return STILL
    # Whatever was seen before, it is not known today.
    if now is Status.UNKNOWN or departure.how is None:
        return ClosureReason.UNKNOWN.value
    return departure.how.value


def _day(departure: Departure) -> datetime:
    return departure.since if departure.left_at is None else departure.left_at
