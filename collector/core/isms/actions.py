"""Corrective actions (clause 10.2): what deviated, why, what is done about it, and whether that helped."""

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
"""Where a deviation came to light."""

Result = Literal["effective", "not effective"]
"""What the review of an action's effect came to."""


class ActionState(StrEnum):
    """Where an action stands on a day, in the order in which it asks for somebody."""

    OVERDUE = "overdue"  # its day has passed, and nothing says that it was carried out
    NOT_EFFECTIVE = "not effective"  # reviewed, and the cause is still there
    TO_REVIEW = "to be reviewed"  # carried out; whether it helped, nobody has looked
    OPEN = "open"
    CLOSED = "closed"


class Action(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One corrective action. The deviation is what a check says in a place, or words where no check speaks of it.

    `subject` is the key of a resource, "" the scope itself; left out, every subject in the scope. `correction` is what
    was done at once, `extent` where else the same was looked for, `action` what takes away the cause.
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

    def known(self, day: date) -> bool:
        """Whether the deviation had been found by a day."""
        return self.found_on <= day

    def state(self, day: date) -> ActionState:
        """Return where it stands on a day; what was done later does not count then."""
        if self.closed_on is not None and self.closed_on <= day:
            return ActionState.CLOSED
        if self.reviewed_on is not None and self.reviewed_on <= day and self.result == "not effective":
            return ActionState.NOT_EFFECTIVE
        if self.done_on is not None and self.done_on <= day:
            return ActionState.TO_REVIEW
        return ActionState.OVERDUE if self.due < day else ActionState.OPEN

    def is_overdue(self, day: date) -> bool:
        """Whether its own day has passed, or the one on which its effect was to be reviewed."""
        match self.state(day):
            case ActionState.OVERDUE:
                return True
            case ActionState.TO_REVIEW:
                reviewed = self.reviewed_on is not None and self.reviewed_on <= day
                return not reviewed and self.review_on is not None and self.review_on < day
            case _:
                return self.state(day) is ActionState.NOT_EFFECTIVE and self.due < day

    def speaks_of(self, id_: FindingId) -> bool:
        """Whether a finding is one that it is about."""
        if (id_.check, id_.source) != (self.check, self.source) or not within(id_.scope, self.scope):
            return False
        return self.subject is None or self.subject == id_.subject

    def faults(self) -> Iterator[tuple[str, str]]:
        """Yield what is wrong with it: the key, and why."""
        yield from self._faults_of_deviation()
        if self.due < self.found_on:
            yield "due", "it is due before the deviation was found"
        for earlier, later in (("found_on", "done_on"), ("done_on", "reviewed_on"), ("reviewed_on", "closed_on")):
            yield from self._order(earlier, later)
        together = (self.reviewed_on, self.reviewed_by, self.result)
        if any(one is not None for one in together) and None in together:
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
        first, then = getattr(self, earlier), getattr(self, later)
        if then is None:
            return
        if first is None:
            yield later, f"nothing says {earlier}, which comes before it"
        elif then < first:
            yield later, f"{then} is before {earlier}, {first}"

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
    """Count by state those that were known on a day; `late` is of all states whose day has passed."""
    known = [one for one in actions if one.known(day)]
    counted = {state.value: sum(one.state(day) is state for one in known) for state in ActionState}
    return counted | {"late": sum(one.is_overdue(day) for one in known)}
