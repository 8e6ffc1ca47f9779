"""Take each OAuth scope, and each privilege of the administrator, away in turn: nothing may change but to unknown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from collector.core.checks import Status
from collector.setup.loading import connector
from connectors.googleworkspace._sdk.scopes import CALLS, CHROMEOS, MOBILE, OPTIONAL, READ_ONLY
from tests.connectors.googleworkspace.double import Double, not_an_admin, settings
from tests.connectors.googleworkspace.estate import furnish, settle
from tests.sweep.comparing import assert_only_towards_unknown, lost
from tests.sweep.scanning import Scanned, scan

pytest.importorskip("googleapiclient", reason="needs annexd[google]")

WORKSPACE = connector("googleworkspace")
SCOPES = (*READ_ONLY, *OPTIONAL)
# Evidence that is kept for people: no verdict touches it.
UNTOUCHED = {
    "https://www.googleapis.com/auth/admin.reports.audit.readonly",
    "https://www.googleapis.com/auth/apps.alerts",
    MOBILE,
    CHROMEOS,
}


@dataclass(frozen=True)
class Swept:
    """The made-up company, from which a test takes rights away."""

    double: Double
    folder: Path

    def without(self, *, scope: str = "", calls: frozenset[str] = frozenset()) -> Scanned:
        """Scan without a scope, or with these calls refused."""
        self.double.scopes = set(SCOPES) - {scope}
        self.double.wrong = dict.fromkeys(calls, not_an_admin)
        return scan(WORKSPACE, settings(group_settings=True, user_security=True, alerts=True), self.folder)


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Swept]:
    """The company, furnished once."""
    double = Double(now=lambda: datetime.now(UTC))
    furnish(double)
    settle(double)
    with double.serving():
        yield Swept(double, tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def base(swept: Swept) -> Scanned:
    """What is seen with every scope; scanned once."""
    return swept.without()


def test_the_company_has_good_and_bad(base: Scanned) -> None:
    """A sweep over a company where nothing can be lost would prove nothing."""
    statuses = {status: sum(verdict.status is status for verdict in base.verdicts.values()) for status in Status}

    assert statuses[Status.PASS] > 10
    assert statuses[Status.FAIL] > 10
    assert {check for check, _, _ in base.verdicts} == set(WORKSPACE.checks)


@pytest.mark.parametrize("scope", SCOPES)
def test_a_scope_taken_away_only_makes_unknown(scope: str, swept: Swept, base: Scanned) -> None:
    """And the reason of each verdict that is lost names the scope."""
    limited_view = swept.without(scope=scope)

    assert_only_towards_unknown(base, limited_view)
    gone = list(lost(base, limited_view))
    assert bool(gone) is (scope not in UNTOUCHED), f"who noticed that {scope} is missing: {gone}"
    assert [where for where in gone if scope not in limited_view.verdicts[where].reason] == []


@pytest.mark.deep
@pytest.mark.parametrize("scope", SCOPES)
def test_a_privilege_taken_away_only_makes_unknown(scope: str, swept: Swept, base: Scanned) -> None:
    """The scope is authorized, and the administrator may not read what it is for."""
    refused = frozenset(call for call, (_, needed) in CALLS.items() if needed == scope)

    limited_view = swept.without(calls=refused)

    assert_only_towards_unknown(base, limited_view)
    assert bool(list(lost(base, limited_view))) is (scope not in UNTOUCHED)
