"""Corrective actions (clause 10.2): deviation, cause, action, review of the effect, and their states on a day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from enum import StrEnum
from typing import Literal

from msgspec import Struct

from collector.core.controls import NonEmptyStr
from collector.core.findings import FindingId
from collector.core.scopes import within

Origin = Literal["annexd", "internal audit", "certification audit", "incident", "management review", "other"]
"""How a deviation was found."""

Result = Literal["effective", "not effective"]
"""The result of the review of an action's effect."""


class ActionState(StrEnum):
    """The state of an action on a day, the most urgent first."""

    OVERDUE = "overdue"  # its due day has passed, and it was not carried out
    NOT_EFFECTIVE = "not effective"  # reviewed, and the cause is still there
    TO_REVIEW = "to be reviewed"  # carried out; its effect was not reviewed
    OPEN = "open"
    CLOSED = "closed"


class Action(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One corrective action. The deviation is a check with its source and scope, or `deviation` in words.

    `subject` is the key of a resource, "" the scope as a whole; None means every subject in the scope. `correction` is
    what was done at once, `extent` where else the same was looked for, `action` what removes the cause.
    """

    id: NonEmptyStr
    deviation: NonEmptyStr | None = None
    check: NonEmptyStr | None = None
    source: NonEmptyStr | None = None
    scope: tuple[NonEmptyStr, ...] = ()
    subject: str | None = None
    found_on: date
    origin: Origin = "annexd"
    correction: NonEmptyStr
    extent: NonEmptyStr
    cause: NonEmptyStr | None = None
    action: NonEmptyStr | None = None
    owner: NonEmptyStr
    due: date
    controls: tuple[NonEmptyStr, ...] = ()
    done_on: date | None = None
    review_on: date | None = None
    reviewed_on: date | None = None
    reviewed_by: NonEmptyStr | None = None
    result: Result | None = None
    closed_on: date | None = None
    closed_by: NonEmptyStr | None = None

    def was_found_by(self, day: date) -> bool:
        """Return whether the deviation had been found by a day."""
        return self.found_on <= day

    def state(self, day: date) -> ActionState:
        """Return the state on a day; what was done later does not count."""
        if self.closed_on is not None and self.closed_on <= day:
            return ActionState.CLOSED
        if self.reviewed_on is not None and self.reviewed_on <= day and self.result == "not effective":
            return ActionState.NOT_EFFECTIVE
        if self.done_on is not None and self.done_on <= day:
            return ActionState.TO_REVIEW
        return ActionState.OVERDUE if self.due < day else ActionState.OPEN

    def is_overdue(self, day: date) -> bool:
        """Return whether its due day has passed, or the day on which its effect was to be reviewed."""
        match self.state(day):
            case ActionState.OVERDUE:
                return True
            case ActionState.TO_REVIEW:
                reviewed = self.reviewed_on is not None and self.reviewed_on <= day
                return not reviewed and self.review_on is not None and self.review_on < day
            case _:
                return self.state(day) is ActionState.NOT_EFFECTIVE and self.due < day

    def matches(self, id_: FindingId) -> bool:
        """Return whether the action is about a finding."""
        if (id_.check, id_.source) != (self.check, self.source) or not within(id_.scope, self.scope):
            return False
        return self.subject is None or self.subject == id_.subject

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield each error in the entry as (key, reason)."""
        yield from self._faults_of_deviation()
        if self.due < self.found_on:
            yield "due", "it is due before the deviation was found"
        for earlier, later in (("found_on", "done_on"), ("done_on", "reviewed_on"), ("reviewed_on", "closed_on")):
            yield from self._order(earlier, later)
        review = (self.reviewed_on, self.reviewed_by, self.result)
        if any(value is not None for value in review) and None in review:
            yield "result", "a review of the effect has a day, a person and a result: reviewed_on, reviewed_by, result"
        if (self.closed_on is None) != (self.closed_by is None):
            yield "closed_by", "what is closed has a day and a person: closed_on and closed_by"
        if self.closed_on is not None:
            yield from self._faults_of_closing()

    def _faults_of_deviation(self) -> Iterator[tuple[str, str]]:
        if (self.check is None) == (self.deviation is None):
            yield "deviation", "an action is about a check with its source, or about a deviation in words; one of them"
        if self.check is not None and self.source is None:
            yield "source", "a check says something in a source; nothing says in which"
        if self.check is None and (self.source is not None or self.scope or self.subject is not None):
            yield "source", "a place without a check"

    def _order(self, earlier: str, later: str) -> Iterator[tuple[str, str]]:
        first, second = getattr(self, earlier), getattr(self, later)
        if second is None:
            return
        if first is None:
            yield later, f"nothing says {earlier}, which comes before it"
        elif second < first:
            yield later, f"{second} is before {earlier}, {first}"

    def _faults_of_closing(self) -> Iterator[tuple[str, str]]:
        if self.cause is None:
            yield "cause", "it is closed, and nothing says what the cause was"
        if self.action is None:
            yield "action", "it is closed, and nothing says what was done about the cause"
        if self.result == "not effective":
            yield "result", "it is closed, and its review says that it did not help"
        if self.closed_by is not None and self.closed_by.strip().casefold() == self.owner.strip().casefold():
            yield "closed_by", "whoever carries out an action does not close it"


def count_actions(actions: Iterable[Action], day: date) -> dict[str, int]:
    """Return the counts by state of the actions found by a day; `late` counts the overdue ones of all states."""
    known = [action for action in actions if action.was_found_by(day)]
    counted = {state.value: sum(action.state(day) is state for action in known) for state in ActionState}
    return counted | {"late": sum(action.is_overdue(day) for action in known)}
