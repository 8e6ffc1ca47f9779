"""Exceptions: from when on they count, and that less of a record never makes them count more."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from collector.core.findings import FindingId
from collector.core.isms.exceptions import Acceptance, AcceptedExceptions, ExceptionKind, first_logged
from tests.golden_parts import compare_part

DAY = date(2026, 3, 10)
NOON = datetime(2026, 3, 10, 12, tzinfo=UTC)
FINDING = FindingId("vendor_thing_ok", "code", (), "docs")


def an_exception(**but: Any) -> Acceptance:
    """One exception, in order unless a test says otherwise."""
    return replace(
        Acceptance(
            id="EX-1",
            kind=ExceptionKind.RISK_ACCEPTED,
            check="vendor_thing_ok",
            source="code",
            subject="docs",
            reason="nothing is built from it",
            owner="Ann",
            approver="Bob",
            approval_ref="T-7",
            approved_on=date(2026, 2, 1),
            expires=date(2026, 12, 31),
        ),
        **but,
    )


@pytest.mark.parametrize(
    ("logged", "counts"),
    [
        (None, False),
        (NOON + timedelta(days=1), False),
        (NOON, True),
        (NOON - timedelta(days=90), True),
    ],
)
def test_it_counts_from_the_later_of_approval_and_leaf(logged: datetime | None, counts: bool) -> None:
    """An approval that was written down afterwards accepts nothing backwards."""
    assert an_exception().in_effect(DAY, logged) is counts
    assert an_exception(approved_on=DAY + timedelta(days=1)).in_effect(DAY, logged) is False
    assert an_exception(expires=DAY - timedelta(days=1)).in_effect(DAY, logged) is False


@pytest.mark.parametrize(
    ("but", "is_the_same"),
    [
        ({"reason": "said in other words"}, True),
        ({"subject": "demo"}, False),
        ({"approved_on": date(2026, 2, 2)}, False),
        ({"expires": date(2026, 12, 30)}, False),
        ({"approver": "Eve"}, False),
        ({"approval_ref": "T-8"}, False),
        ({"max_subjects": 7}, False),
        ({"kind": ExceptionKind.FALSE_POSITIVE}, False),
        ({"renewals": 1}, False),
    ],
)
def test_only_another_reason_leaves_it_the_same(but: dict[str, Any], is_the_same: bool) -> None:
    """Whoever widens an exception needs a leaf for it; whoever mends its wording does not."""
    found = first_logged([an_exception(**but)], [(NOON, [an_exception()])])

    assert found == ({"EX-1": NOON} if is_the_same else {})


def test_the_first_leaf_that_had_it_counts() -> None:
    """Recording a file again for another entry makes nothing late."""
    record = [(NOON - timedelta(days=2), [an_exception()]), (NOON, [an_exception(), an_exception(id="EX-2")])]

    assert first_logged([an_exception()], record) == {"EX-1": NOON - timedelta(days=2)}


_EXCEPTION = st.builds(
    an_exception,
    subject=st.sampled_from(["docs", "demo"]),
    approved_on=st.dates(DAY - timedelta(days=3), DAY + timedelta(days=1)),
    expires=st.dates(DAY - timedelta(days=1), DAY + timedelta(days=3)),
)
_STATE = st.tuples(
    st.datetimes(datetime(2026, 3, 5), datetime(2026, 3, 13), timezones=st.just(UTC)),  # noqa: DTZ001  given below
    st.lists(_EXCEPTION, max_size=2),
)


@given(now=_EXCEPTION, record=st.lists(_STATE, max_size=5), left_out=st.sets(st.integers(0, 4)))
def test_less_of_the_record_never_covers_more(
    now: Acceptance, record: list[tuple[datetime, list[Acceptance]]], left_out: set[int]
) -> None:
    """Neither a leaf that is taken away nor an earlier moment may turn an open deviation into an accepted one."""
    less = [logged for number, logged in enumerate(record) if number not in left_out]
    earlier = [logged for logged in record if logged[0] <= NOON]

    covers = [
        AcceptedExceptions([now], DAY, {}, first_logged([now], states)).covers(FINDING) is not None
        for states in (record, less, earlier)
    ]

    assert covers[0] or not any(covers[1:])


def test_one_that_is_not_in_the_log_says_so_beside_the_deviation() -> None:
    """Somebody believes that it is accepted."""
    accepting = AcceptedExceptions([an_exception()], DAY, {}, {})

    assert accepting.covers(FINDING) is None
    assert "EX-1" in accepting.why_not_covered(FINDING)
    compare_part("core/exception_texts", "not in the log", accepting.why_not_covered(FINDING))
