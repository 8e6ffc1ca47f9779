"""Corrective actions as machines read them, and as the pages for people are made from."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct

from collector.core.departures import ClosureReason
from collector.core.isms.actions import ActionState, count_actions
from collector.core.plain_text import plural
from collector.report.company.retest import NEVER, STILL, Retest, retests

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.core.isms.actions import Action
    from collector.report.state.assessment import Assessment


class ActionView(Struct, frozen=True, kw_only=True):
    """One action. `late`: its day, or that of its review, has passed. `retest` is None where no check speaks of it."""

    id: str
    state: str
    late: bool
    deviation: str
    check: str | None
    source: str | None
    scope: tuple[str, ...]
    subject: str | None
    found_on: date
    origin: str
    correction: str
    extent: str
    cause: str | None
    action: str | None
    owner: str
    due: date
    controls: tuple[str, ...]
    done_on: date | None
    review_on: date | None
    reviewed_on: date | None
    reviewed_by: str | None
    result: str | None
    closed_on: date | None
    closed_by: str | None
    retest: Retest | None
    contradictions: tuple[str, ...]


class ActionsView(Struct, frozen=True, kw_only=True, tag="annexd.actions/1", tag_field="schema"):
    """What `annexd actions --json` prints. `counts` is by state; `late` in it is of all states."""

    at: datetime
    as_of: datetime | None
    stated: bool
    counts: dict[str, int]
    contradictions: int
    actions: list[ActionView]


def actions_view(assessment: Assessment, states: Iterable[str] = ()) -> ActionsView:
    """Return the actions that were known, what asks for somebody first."""
    reading, actions = assessment.reading, assessment.company.actions
    day, wanted = reading.at.date(), tuple(states)
    seen = retests(reading, actions)
    made = [action_view(one, day, seen.get(one.id)) for one in actions if one.was_found_by(day)]
    order = [state.value for state in ActionState]
    made.sort(key=lambda one: (order.index(one.state), one.due, one.id))
    return ActionsView(
        at=reading.at,
        as_of=reading.as_of,
        stated=bool(actions),
        counts=count_actions(actions, day),
        contradictions=sum(len(one.contradictions) for one in made),
        actions=[one for one in made if not wanted or one.state in wanted],
    )


def action_view(one: Action, day: date, retest: Retest | None) -> ActionView:
    """Return one action as it stands on a day; what was done later is not in it."""
    state = one.state(day)
    reviewed = one.reviewed_on is not None and one.reviewed_on <= day
    closed = state is ActionState.CLOSED
    return ActionView(
        id=one.id,
        state=state.value,
        late=one.is_overdue(day),
        deviation=one.deviation or _about(one),
        check=one.check,
        source=one.source,
        scope=one.scope,
        subject=one.subject,
        found_on=one.found_on,
        origin=one.origin,
        correction=one.correction,
        extent=one.extent,
        cause=one.cause,
        action=one.action,
        owner=one.owner,
        due=one.due,
        controls=one.controls,
        done_on=one.done_on if one.done_on is not None and one.done_on <= day else None,
        review_on=one.review_on,
        reviewed_on=one.reviewed_on if reviewed else None,
        reviewed_by=one.reviewed_by if reviewed else None,
        result=one.result if reviewed else None,
        closed_on=one.closed_on if closed else None,
        closed_by=one.closed_by if closed else None,
        retest=retest,
        contradictions=tuple(_contradictions(one, day, retest)),
    )


def _about(one: Action) -> str:
    place = f"{one.source}: {'/'.join(one.scope)}" if one.scope else f"{one.source}"
    match one.subject:
        case None:
            return f"{one.check} in {place}"
        case "":
            return f"{one.check} in {place}: the scope itself"
        case _:
            return f"{one.check} in {place}: {one.subject}"


def _contradictions(one: Action, day: date, retest: Retest | None) -> Iterator[str]:
    if retest is None:
        return
    closed = one.state(day) is ActionState.CLOSED
    if closed and retest.outcome == STILL:
        yield f"closed on {one.closed_on}, and {retest.counts[STILL]} of its findings still fail"
    if closed and retest.outcome == ClosureReason.UNKNOWN.value:
        yield f"closed on {one.closed_on}, and what became of it is not established"
    reviewed = one.reviewed_on is not None and one.reviewed_on <= day
    if reviewed and not closed and one.result == "effective" and retest.outcome == STILL:
        yield f"reviewed as effective on {one.reviewed_on}, and {retest.counts[STILL]} of its findings still fail"


def retest_text(retest: Retest) -> str:
    """Write what annexd saw since, for people."""
    if retest.outcome == NEVER:
        return "annexd has not seen this fail since the deviation was found: it cannot say whether anything was mended"
    day = "" if retest.since is None else f" since {retest.since.date()}"
    subjects = plural(sum(retest.counts.values()), "subject")
    counts = "" if len(retest.counts) == 1 else ": " + ", ".join(f"{n} {word}" for word, n in retest.counts.items())
    gone = "; that is not the same as fixed" if retest.outcome in _NOT_FIXED else ""
    return f"{retest.outcome}{day} ({subjects}{counts}){gone}"


_NOT_FIXED = {ClosureReason.GONE.value, ClosureReason.RULE.value, ClosureReason.LIMIT.value, ClosureReason.SCOPE.value}
