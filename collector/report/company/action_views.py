"""Corrective actions as machines read them, and as the pages for people are made from."""

from __future__ import annotations

from datetime import date, datetime
from typing import TYPE_CHECKING

from msgspec import Struct, field

from collector.core.departures import ClosureReason
from collector.core.isms.actions import ActionState, count_actions
from collector.core.plain_text import plural
from collector.report.company.follow_up import NEVER, STILL, FollowUp, follow_ups

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from collector.core.isms.actions import Action
    from collector.report.state.assessment import Assessment


class ActionView(Struct, frozen=True, kw_only=True):
    """One action. `late`: its day, or that of its review, has passed. `follow_up` is None where it names no check."""

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
    follow_up: FollowUp | None = field(name="retest")
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
    """Return the actions known at the moment, those that need somebody first."""
    reading, actions = assessment.reading, assessment.company.actions
    day, wanted = reading.at.date(), tuple(states)
    seen = follow_ups(reading, actions)
    made = [action_view(action, day, seen.get(action.id)) for action in actions if action.was_found_by(day)]
    order = [state.value for state in ActionState]
    made.sort(key=lambda view: (order.index(view.state), view.due, view.id))
    return ActionsView(
        at=reading.at,
        as_of=reading.as_of,
        stated=bool(actions),
        counts=count_actions(actions, day),
        contradictions=sum(len(view.contradictions) for view in made),
        actions=[view for view in made if not wanted or view.state in wanted],
    )


def action_view(action: Action, day: date, follow_up: FollowUp | None) -> ActionView:
    """Return an action as it was on a day, without what was done later."""
    state = action.state(day)
    reviewed = action.reviewed_on is not None and action.reviewed_on <= day
    closed = state is ActionState.CLOSED
    return ActionView(
        id=action.id,
        state=state.value,
        late=action.is_overdue(day),
        deviation=action.deviation or _about(action),
        check=action.check,
        source=action.source,
        scope=action.scope,
        subject=action.subject,
        found_on=action.found_on,
        origin=action.origin,
        correction=action.correction,
        extent=action.extent,
        cause=action.cause,
        action=action.action,
        owner=action.owner,
        due=action.due,
        controls=action.controls,
        done_on=action.done_on if action.done_on is not None and action.done_on <= day else None,
        review_on=action.review_on,
        reviewed_on=action.reviewed_on if reviewed else None,
        reviewed_by=action.reviewed_by if reviewed else None,
        result=action.result if reviewed else None,
        closed_on=action.closed_on if closed else None,
        closed_by=action.closed_by if closed else None,
        follow_up=follow_up,
        contradictions=tuple(_contradictions(action, day, follow_up)),
    )


def _about(action: Action) -> str:
    place = f"{action.source}: {'/'.join(action.scope)}" if action.scope else f"{action.source}"
    match action.subject:
        case None:
            return f"{action.check} in {place}"
        case "":
            return f"{action.check} in {place}: as a whole"
        case _:
            return f"{action.check} in {place}: {action.subject}"


def _contradictions(action: Action, day: date, follow_up: FollowUp | None) -> Iterator[str]:
    if follow_up is None:
        return
    closed = action.state(day) is ActionState.CLOSED
    if closed and follow_up.outcome == STILL:
        yield f"closed on {action.closed_on}, and {follow_up.counts[STILL]} of its findings still fail"
    if closed and follow_up.outcome == ClosureReason.UNKNOWN.value:
        yield f"closed on {action.closed_on}, and what became of it is not established"
    reviewed = action.reviewed_on is not None and action.reviewed_on <= day
    if reviewed and not closed and action.result == "effective" and follow_up.outcome == STILL:
        yield f"reviewed as effective on {action.reviewed_on}, and {follow_up.counts[STILL]} of its findings still fail"


def follow_up_text(follow_up: FollowUp) -> str:
    """Return the follow-up of an action for people."""
    if follow_up.outcome == NEVER:
        return "annexd has not seen this fail since the deviation was found, so it cannot say whether it was fixed"
    day = "" if follow_up.since is None else f" since {follow_up.since.date()}"
    subjects = plural(sum(follow_up.counts.values()), "resource")
    counts = (
        "" if len(follow_up.counts) == 1 else ": " + ", ".join(f"{n} {word}" for word, n in follow_up.counts.items())
    )
    gone = "; that is not the same as fixed" if follow_up.outcome in _NOT_FIXED else ""
    return f"{follow_up.outcome}{day} ({subjects}{counts}){gone}"


_NOT_FIXED = {ClosureReason.GONE.value, ClosureReason.RULE.value, ClosureReason.LIMIT.value, ClosureReason.SCOPE.value}
