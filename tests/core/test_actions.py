"""Corrective actions: where each stands on a day, and what cannot be written down."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from collector.core.findings import FindingId
from collector.core.isms.actions import Action, ActionState, count_actions

DAY = date(2026, 3, 1)


def an_action(**but: Any) -> Action:
    """An action that is open and due on the day."""
    usual: dict[str, Any] = {
        "id": "CA-1",
        "check": "played_repo_protected",
        "source": "code",
        "found_on": date(2026, 2, 1),
        "correction": "protected by hand",
        "extent": "looked for everywhere",
        "owner": "Ann",
        "due": DAY,
    }
    return Action(**usual | but)


REVIEWED = {
    "cause": "made by hand",
    "action": "made by code",
    "done_on": date(2026, 2, 10),
    "reviewed_on": date(2026, 2, 20),
    "reviewed_by": "Bob",
    "result": "effective",
}
CLOSED = REVIEWED | {"closed_on": date(2026, 2, 25), "closed_by": "Bob"}


@pytest.mark.parametrize(
    ("but", "state", "late"),
    [
        ({}, ActionState.OPEN, False),
        ({"due": date(2026, 2, 28)}, ActionState.OVERDUE, True),
        ({"done_on": DAY}, ActionState.TO_REVIEW, False),
        ({"done_on": date(2026, 3, 2), "due": date(2026, 2, 28)}, ActionState.OVERDUE, True),
        ({"done_on": date(2026, 2, 2), "review_on": date(2026, 2, 28)}, ActionState.TO_REVIEW, True),
        ({"done_on": date(2026, 2, 2), "review_on": DAY}, ActionState.TO_REVIEW, False),
        (REVIEWED | {"review_on": date(2026, 2, 15)}, ActionState.TO_REVIEW, False),
        (REVIEWED | {"result": "not effective"}, ActionState.NOT_EFFECTIVE, False),
        (REVIEWED | {"result": "not effective", "due": date(2026, 2, 28)}, ActionState.NOT_EFFECTIVE, True),
        (CLOSED, ActionState.CLOSED, False),
        (CLOSED | {"closed_on": date(2026, 3, 2), "due": date(2026, 2, 15)}, ActionState.TO_REVIEW, False),
    ],
)
def test_where_an_action_stands(but: dict[str, Any], state: ActionState, late: bool) -> None:
    """What was done later does not count on a day, and each day is still in time."""
    action = an_action(**but)

    assert (action.state(DAY), action.is_overdue(DAY)) == (state, late)


def test_an_action_is_counted_from_the_day_of_its_deviation() -> None:
    """Before that nobody knew."""
    counts = count_actions([an_action(), an_action(found_on=date(2026, 3, 2), due=date(2026, 3, 3))], DAY)

    assert counts == {"overdue": 0, "not effective": 0, "to be reviewed": 0, "open": 1, "closed": 0, "late": 0}


@pytest.mark.parametrize(
    ("but", "key"),
    [
        ({"deviation": "in words too"}, "deviation"),
        ({"check": None}, "deviation"),
        ({"check": None, "deviation": "badges"}, "source"),
        ({"source": None}, "source"),
        ({"due": date(2026, 1, 31)}, "due"),
        ({"done_on": date(2026, 1, 31)}, "done_on"),
        (REVIEWED | {"done_on": None}, "reviewed_on"),
        (REVIEWED | {"result": None}, "result"),
        (CLOSED | {"closed_by": None}, "closed_by"),
        (CLOSED | {"closed_by": " ANN "}, "closed_by"),
        (CLOSED | {"cause": None}, "cause"),
        (CLOSED | {"action": None}, "action"),
        (CLOSED | {"result": "not effective"}, "result"),
        (CLOSED | {"closed_on": date(2026, 2, 19)}, "closed_on"),
    ],
)
def test_what_cannot_be(but: dict[str, Any], key: str) -> None:
    """Closed means looked at, by somebody else, with a cause."""
    assert key in {found for found, _ in an_action(**but).faults()}


def test_a_closed_action_with_all_of_it_has_no_fault() -> None:
    """Else nothing could ever be closed."""
    assert list(an_action(**CLOSED).faults()) == []


@pytest.mark.parametrize(
    ("but", "speaks"),
    [
        ({}, True),
        ({"subject": "docs"}, True),
        ({"subject": "core"}, False),
        ({"subject": ""}, False),
        ({"scope": ("acme",)}, True),
        ({"scope": ("globex",)}, False),
        ({"source": "other"}, False),
    ],
)
def test_which_findings_it_is_about(but: dict[str, Any], speaks: bool) -> None:
    """Without a subject every one in the scope; "" is the scope itself."""
    id_ = FindingId("played_repo_protected", "code", ("acme", "api"), "docs")

    assert an_action(**but).matches(id_) is speaks
