"""Take each scope and role of Okta away in turn: nothing may change but to unknown, and the reason names the right."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path

import httpx
import pytest

from collector.core.checks import Status
from collector.setup.loading import connector
from connectors.okta._sdk.operations import (
    ACCESS_POLICIES,
    API_TOKENS,
    LOGS,
    ME,
    PASSWORD_POLICIES,
    SCOPES,
    SIGN_ON_POLICIES,
    USER_FACTORS,
    USERS,
)
from connectors.okta._sdk.settings import Settings
from tests.connectors.okta import estate
from tests.connectors.okta.played import PlayedOkta, refused, settings
from tests.sweep.comparing import assert_only_towards_unknown, lost
from tests.sweep.scanning import Scanned, scan

OKTA = connector("okta")
ROLE = "role permission okta.iam.read"

EVIDENCE_ONLY = {
    "okta.authorizationServers.read", "okta.eventHooks.read", "okta.inlineHooks.read", "okta.trustedOrigins.read",
}  # fmt: skip
"""Scopes of kinds that no check judges."""


@dataclass(frozen=True)
class Declared:
    """A call with a permission that it needs by a declaration."""

    permission: str
    call: str


def declared() -> Iterator[Declared]:
    """Yield what the declarations name for a source that signs in as an API service app."""
    for kind, collection in OKTA.connector.collections.items():
        parts = OKTA.connector.parts.get(kind, [])
        for calls, permissions in [
            (collection.calls, collection.permissions),
            *((part.calls, part.permissions) for part in parts),
        ]:
            for call in calls:
                if call in SCOPES and call != ME:
                    yield Declared(SCOPES[call], call)
                    if ROLE in permissions and SCOPES[call] == "okta.roles.read":
                        yield Declared(ROLE, call)


DECLARED = sorted(set(declared()), key=str)
PERMISSIONS = sorted({each.permission for each in DECLARED})
CALLS = sorted({each.call for each in DECLARED})


def an_organization(okta: PlayedOkta) -> None:
    """Furnish an organization in which much is good and much is bad."""
    estate.furnish(okta, 3)
    okta.answers[USERS] = lambda query: (
        [estate.a_user("00x1", status="DEPROVISIONED")]
        if "filter" in query
        else [
            estate.a_user("00u1", lastLogin="2030-01-01T00:00:00.000Z"),
            estate.a_user("00u2", lastLogin="2020-01-01T00:00:00.000Z", activated=None),
            estate.a_user("00u3", status="STAGED"),
        ]
    )
    okta.answers[USER_FACTORS] = [estate.a_factor("push")]
    okta.answers["GET /api/v1/users/00u1/factors"] = [estate.a_factor()]
    okta.answers[API_TOKENS] = [
        estate.a_token("00T1", lastUpdated="2030-01-01T00:00:00.000Z", expiresAt="2030-01-31T00:00:00.000Z"),
        estate.a_token("00T2", network={"connection": "ANYWHERE"}, expiresAt="2030-01-31T00:00:00.000Z"),
    ]
    okta.answers[PASSWORD_POLICIES] = [
        estate.a_password_policy("00p1"),
        estate.a_password_policy("00p2", settings=_short()),
    ]
    okta.answers[SIGN_ON_POLICIES] = [
        estate.a_policy("OKTA_SIGN_ON", "00s1", 1, conditions={"people": {"groups": {"include": ["00g2"]}}}),
        estate.a_policy("OKTA_SIGN_ON", "00s2", 2, system=True),
    ]
    okta.answers["GET /api/v1/policies/00s1/rules"] = [estate.a_session_rule("0ps1")]
    okta.answers["GET /api/v1/policies/00s2/rules"] = [estate.a_session_rule("0ps2", factor=False)]
    okta.answers[ACCESS_POLICIES] = [estate.a_policy("ACCESS_POLICY", f"rst{n}") for n in (1, 2)]
    okta.answers["GET /api/v1/policies/rst2/rules"] = [estate.an_app_rule(by=estate.assurance("1FA"))]
    okta.answers["GET /api/v1/apps"] = [
        *okta.answers["GET /api/v1/apps"],
        estate.an_app("0oaweak", "rst2", label="Weak"),
    ]
    reported = "user.account.report_suspicious_activity_by_enduser"
    okta.answers[LOGS] = lambda query: (
        [estate.an_event("r1", reported), estate.an_event("e1")]
        if reported in query["filter"]
        else [estate.an_event("d1")]
    )


def _short() -> dict[str, object]:
    return {
        "password": {
            "complexity": {"minLength": 8, "dictionary": {"common": {"exclude": False}}},
            "age": {"historyCount": 0},
            "lockout": {"maxAttempts": 0},
        }
    }


@dataclass(frozen=True)
class Swept:
    """The organization, from which a test takes rights away, and what is seen with those that there are."""

    folder: Path

    def without(self, take: Callable[[PlayedOkta], None]) -> Scanned:
        """Scan with something taken away."""
        with PlayedOkta(date=format_datetime(datetime.now(UTC), usegmt=True)) as okta:
            an_organization(okta)
            take(okta)
            return scan(OKTA, _SETTINGS, self.folder)

    def refusing(self, calls: list[str], response: httpx.Response) -> Scanned:
        """Scan with these calls refused."""

        def take(okta: PlayedOkta) -> None:
            for call in calls:
                okta.wrong[call] = lambda _call, _request, _answer: httpx.Response(
                    response.status_code, content=response.content, headers={"content-type": "application/json"}
                )

        return self.without(take)


_SETTINGS: Settings = settings()


@pytest.fixture(scope="module")
def swept(tmp_path_factory: pytest.TempPathFactory) -> Swept:
    """A folder for the stores of all scans."""
    return Swept(tmp_path_factory.mktemp("sweep"))


@pytest.fixture(scope="module")
def base(swept: Swept) -> Scanned:
    """What is seen with every right; scanned once."""
    return swept.without(lambda _okta: None)


def test_the_organization_has_good_and_bad(base: Scanned) -> None:
    """A sweep over an organization where nothing can be lost would prove nothing."""
    found = {status: sum(said.status is status for said in base.verdicts.values()) for status in Status}

    assert found[Status.PASS] > 15
    assert found[Status.FAIL] > 6
    assert {check for check, _, _ in base.verdicts} == set(OKTA.checks)
    assert {seen.observation.outcome.value for seen in base.seen} == {"complete"}


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_a_permission_taken_away_only_makes_unknown(permission: str, swept: Swept, base: Scanned) -> None:
    """Neither a pass nor a fail comes of what could not be seen."""
    calls = [each.call for each in DECLARED if each.permission == permission]
    without = swept.refusing(calls, refused())

    assert_only_towards_unknown(base, without)
    gone = list(lost(base, without))
    assert bool(gone) is (permission not in EVIDENCE_ONLY), f"who noticed that {permission} is missing: {gone}"
    assert [where for where in gone if permission not in without.verdicts[where].reason] == []


def test_a_scope_that_was_not_granted_is_named(swept: Swept, base: Scanned) -> None:
    """Okta then gives no token for it, and says so at another address than that of the list."""
    # Tokens are kept for settings; for these no token was asked for yet.
    fresh = settings(window=timedelta(days=89))
    with PlayedOkta(date=format_datetime(datetime.now(UTC), usegmt=True)) as okta:
        an_organization(okta)
        okta.granted.discard("okta.users.read")
        without = scan(OKTA, fresh, swept.folder)

    assert_only_towards_unknown(base, without)
    gone = list(lost(base, without))
    assert {check for check, _, _ in gone} >= {"okta_inactive_users_suspended", "okta_super_admin_count_limited"}
    assert [where for where in gone if "okta.users.read" not in without.verdicts[where].reason] == []


REFUSALS = {
    "feature": refused(401, "E0000015", "You do not have permission to access the feature you are requesting"),
    "gone": refused(404, "E0000007", "Not found"),
    "failed": refused(400, "E0000001", "Api validation failed"),
}


@pytest.mark.deep
@pytest.mark.parametrize("how", sorted(REFUSALS))
@pytest.mark.parametrize("call", CALLS)
def test_a_refused_call_only_makes_unknown(call: str, how: str, swept: Swept, base: Scanned) -> None:
    """A plan without the feature, a thing that is gone, and a request that is not understood are no good news."""
    assert_only_towards_unknown(base, swept.refusing([call], REFUSALS[how]))


def test_classic_engine_only_makes_unknown(swept: Swept, base: Scanned) -> None:
    """What Classic Engine does not have is missing there, and nothing passes for that."""

    def take(okta: PlayedOkta) -> None:
        okta.answers["GET /.well-known/okta-organization"]["pipeline"] = "v1"
        for call in CALLS:
            if any(word in call for word in ("ACCESS_POLICY", "authenticators", "device-assurances")):
                okta.wrong[call] = lambda _call, _request, _answer: refused(404, "E0000008", "not found")
        for app in okta.answers["GET /api/v1/apps"]:
            app["_links"] = {}

    classic = swept.without(take)

    changed = {where for where in base.verdicts if classic.verdicts.get(where) != base.verdicts[where]}
    assert {classic.verdicts[where].status for where in changed if where in classic.verdicts} <= {
        Status.UNKNOWN,
        Status.FAIL,
    }
    assert {check for check, _, _ in changed} >= {"okta_policy_admin_console_mfa", "okta_policy_dashboard_mfa"}
