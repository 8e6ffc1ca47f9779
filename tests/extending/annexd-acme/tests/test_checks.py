"""Each check on both sides of its edge."""

from datetime import UTC, datetime, timedelta

import pytest
from collector.core.checks import Status

from annexd_acme.checks import mfa_enabled, seen_recently, sso_required
from annexd_acme.connector import Policy, User

NOW = datetime(2026, 3, 1, tzinfo=UTC)


@pytest.mark.parametrize(("required", "status"), [(True, Status.PASS), (False, Status.FAIL)])
def test_single_sign_on_is_required(required: bool, status: Status) -> None:
    assert sso_required(Policy(sso_required=required)).status is status


@pytest.mark.parametrize(("mfa", "status"), [(True, Status.PASS), (False, Status.FAIL)])
def test_a_second_factor_is_there(mfa: bool, status: Status) -> None:
    assert mfa_enabled(User(id="ann", mfa=mfa, last_seen_at=NOW)).status is status


@pytest.mark.parametrize(
    ("seen", "status"),
    [
        (NOW - timedelta(days=90), Status.PASS),
        (NOW - timedelta(days=90, seconds=1), Status.FAIL),
        (None, Status.FAIL),
    ],
)
def test_a_user_was_seen_within_the_limit(seen: datetime | None, status: Status) -> None:
    assert seen_recently(User(id="ann", mfa=True, last_seen_at=seen), now=NOW).status is status
