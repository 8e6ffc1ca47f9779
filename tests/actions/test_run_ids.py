"""Names of runs."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from collector.actions.run_ids import run_id

moments = st.datetimes(min_value=datetime(1971, 1, 1), max_value=datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001  made aware


@given(at=moments)
def test_a_run_id_is_a_uuid_of_version_7(at: datetime) -> None:
    """Other tools know what it is, and when it was made."""
    made = UUID(run_id(at))

    assert (made.version, made.variant) == (7, "specified in RFC 4122")
    assert made.int >> 80 == int(at.timestamp() * 1000)


@given(at=moments, later=st.integers(min_value=1, max_value=10**9))
def test_run_ids_are_in_the_order_of_their_runs(at: datetime, later: int) -> None:
    """A list of runs sorted as text is sorted by time."""
    assert run_id(at) < run_id(at + timedelta(milliseconds=later))


def test_two_runs_of_one_moment_differ() -> None:
    """Two sources may be scanned by two processes at once."""
    at = datetime(2026, 3, 1, tzinfo=UTC)

    assert run_id(at) != run_id(at)
