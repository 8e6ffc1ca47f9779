"""Situations that other tools for Google Workspace were publicly reported wrong on, each as it would come to annexd."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from collector.core.checks import Status
from collector.core.errors import Unavailable, Unexpected
from connectors.googleworkspace._policy.people import units_of
from connectors.googleworkspace._sdk.client import LOOKUP, Workspace
from connectors.googleworkspace.directory.domains import Domain, dmarc_records, email_records
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.directory.users import User, enrolled, inactive_suspended
from connectors.googleworkspace.identity.sso import SsoAssignment
from connectors.googleworkspace.policy import policies
from connectors.googleworkspace.policy.apps import api_access_restricted, less_secure_apps_off
from connectors.googleworkspace.policy.gmail import auto_forwarding_off
from connectors.googleworkspace.policy.policies import Policy
from connectors.googleworkspace.policy.rules import alert_rules_active
from connectors.googleworkspace.policy.sharing import calendar_sharing_limited
from connectors.googleworkspace.policy.sign_in import no_telephone, two_step_enforced
from tests.connectors.googleworkspace.double import Double
from tests.connectors.googleworkspace.estate import furnish
from tests.connectors.googleworkspace.judging import (
    BERLIN,
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    ago,
    every,
    of_policies,
    one,
    policy_status,
    status,
    units,
    users,
    verdict,
)
from tests.connectors.googleworkspace.shapes import ROOT, a_policy, a_unit, a_user

PRIMARY = "calendar.primary_calendar_max_allowed_external_sharing"
SECONDARY = "calendar.secondary_calendar_max_allowed_external_sharing"
ENFORCEMENT = "security.two_step_verification_enforcement"
FORWARDING = "gmail.auto_forwarding"


def test_googles_own_policy_beside_the_administrators() -> None:
    """cisagov/ScubaGoggles#1099: of two policies for the root, orders 201 and 101, the wrong one was reported."""
    own = a_policy(PRIMARY, {"maxAllowedExternalSharing": "EXTERNAL_ALL_INFO_READ_WRITE"}, order=201.0)
    googles = a_policy(PRIMARY, {"maxAllowedExternalSharing": "EXTERNAL_FREE_BUSY_ONLY"}, order=101.0, origin="SYSTEM")
    secondary = a_policy(SECONDARY, {"maxAllowedExternalSharing": "EXTERNAL_FREE_BUSY_ONLY"})

    assert policy_status(calendar_sharing_limited, googles, own, secondary) is FAIL
    assert policy_status(calendar_sharing_limited, own, googles, secondary) is FAIL


@pytest.mark.parametrize("order", [[0, 1], [1, 0]])
def test_a_unit_does_not_stand_for_the_company(order: list[int]) -> None:
    """prowler-cloud/prowler#10658 and #10683: the last policy that was listed decided, whomever it applied to."""
    both = [
        a_policy(FORWARDING, {"enableAutoForwarding": False}, order=101.0),
        a_policy(FORWARDING, {"enableAutoForwarding": True}, unit=BERLIN, order=202.0),
    ]

    assert policy_status(auto_forwarding_off, *(both[number] for number in order)) is FAIL


def test_a_group_does_not_hide_a_failure_of_the_company() -> None:
    """prowler-cloud/prowler#12692: an override for one group made a proven failure undecided."""
    off = a_policy(ENFORCEMENT, {"enforcedFrom": "1970-01-01T00:00:00Z"})
    on_for_group = a_policy(ENFORCEMENT, {"enforcedFrom": "2024-01-01T00:00:00Z"}, unit="", group="01g", order=301.0)

    found = of_policies(two_step_enforced, off, on_for_group, more=(users(a_user("ada")),))

    assert found.status is FAIL
    assert "the company as a whole" in found.reason


def test_settings_of_gmail_by_group() -> None:
    """cisagov/ScubaGoggles#197: settings by group were left out."""
    group = a_policy(FORWARDING, {"enableAutoForwarding": True}, unit="", group="01g", order=301.0)

    assert policy_status(auto_forwarding_off, a_policy(FORWARDING, {"enableAutoForwarding": False}), group) is FAIL


def test_enforcement_where_nobody_may_enrol() -> None:
    """cisagov/ScubaGoggles#789: a unit that may not turn 2-step verification on was taken for one that has it."""
    on = a_policy(ENFORCEMENT, {"enforcedFrom": "2024-01-01T00:00:00Z"})
    may_not = a_policy(
        "security.two_step_verification_enrollment", {"allowEnrollment": False}, unit=BERLIN, order=202.0
    )

    found = of_policies(two_step_enforced, on, may_not, more=(users(a_user("ada")),))

    assert found.status is FAIL
    assert "/Sales/Berlin" in found.reason


@pytest.mark.parametrize(
    ("check", "more", "status_"),
    [
        (auto_forwarding_off, (), FAIL),
        (no_telephone, (), FAIL),
        (calendar_sharing_limited, (), FAIL),
        (less_secure_apps_off, (), PASS),
        (two_step_enforced, (users(a_user("ada", isEnforcedIn2Sv=False)),), FAIL),
        (api_access_restricted, (), UNKNOWN),
    ],
)
def test_a_company_that_has_changed_nothing(check: Any, more: tuple[Any, ...], status_: Status) -> None:
    """cisagov/ScubaGoggles#705 and #617, prowler-cloud/prowler#10727: what nobody has set is not listed."""
    assert policy_status(check, more=more) is status_


def test_a_service_whose_state_is_not_listed() -> None:
    """cisagov/ScubaGoggles#670: without a licence of Gmail there is no state of it, and no forwarding either."""
    assert verdict(auto_forwarding_off, every(Policy, []), units()).status is UNKNOWN
    off = a_policy(FORWARDING, {"enableAutoForwarding": False})
    assert verdict(auto_forwarding_off, every(Policy, [off]), units()).status is PASS


def test_a_policy_without_a_unit_is_the_companys() -> None:
    """cisagov/ScubaGoggles#605: in rare cases Google names no unit."""
    bare = a_policy(FORWARDING, {"enableAutoForwarding": True}, unit="", order=201.0)

    found = of_policies(auto_forwarding_off, a_policy(FORWARDING, {"enableAutoForwarding": False}), bare)

    assert bare["policyQuery"] == {"query": "", "sortOrder": 201.0}
    assert found.status is FAIL


def test_a_company_without_units_of_its_own() -> None:
    """cisagov/ScubaGoggles#691: the root was not found where there is no other unit."""
    tree = units_of(every(OrgUnit, [a_unit("/", ROOT)]))
    own = every(Policy, [a_policy(FORWARDING, {"enableAutoForwarding": False})])

    assert tree.root == ROOT
    assert verdict(auto_forwarding_off, own, every(OrgUnit, [a_unit("/", ROOT)])).status is PASS


def test_a_unit_that_was_deleted_lately() -> None:
    """cisagov/ScubaGoggles, policy_api.py: policies of units that are gone linger, and were left out unseen."""
    gone = a_policy(FORWARDING, {"enableAutoForwarding": False}, unit="03gone", order=301.0)

    assert policy_status(auto_forwarding_off, a_policy(FORWARDING, {"enableAutoForwarding": False}), gone) is PASS
    assert policy_status(auto_forwarding_off, gone) is FAIL


def test_rules_that_google_does_not_show() -> None:
    """cisagov/ScubaGoggles#1001: rules that were changed are not all shown, so their absence says nothing."""
    assert policy_status(alert_rules_active) is UNKNOWN


def test_a_page_of_policies_that_fails() -> None:
    """prowler-cloud/prowler#10683: half a list was taken for a whole one."""
    double = Double(page_size=2)
    furnish(double)
    double.wrong[policies.LIST] = lambda request: (
        httpx.Response(500, json={}) if "pageToken" in request.url.params else None
    )
    from connectors.googleworkspace._sdk.client import connect
    from tests.connectors.aws.wires import CountingWire
    from tests.connectors.googleworkspace.double import CUSTOMER, settings

    with double.serving(), pytest.raises(Unavailable):
        list(policies.policies(connect(settings(), (CUSTOMER,), CountingWire())))


def test_a_resolver_that_is_away(google: Double, client: Workspace) -> None:
    """cisagov/ScubaGoggles#147: without the DNS every domain passed."""
    google.wrong[LOOKUP] = lambda _request: httpx.Response(200, json={"Status": 2, "TC": False})

    with pytest.raises(Unexpected):
        dmarc_records(client, {"domainName": "acme.example"})


def a_domain(name: str, dmarc: dict[str, str], *, spf: str = "v=spf1 ~all", parent: str = "") -> Domain:
    """A domain with its DMARC records, its own first."""
    body: dict[str, Any] = {
        "domainName": name,
        "verified": True,
        "spf": [{"name": name, "texts": [spf] if spf else []}],
        "dkim": [{"name": f"google._domainkey.{name}", "texts": [] if parent else ["v=DKIM1; p=MIIB"]}],
        "dmarc": [{"name": f"_dmarc.{place}", "texts": [text] if text else []} for place, text in dmarc.items()],
    }
    return one(Domain, body | ({"parentDomainName": parent} if parent else {}))


@pytest.mark.parametrize(("policy", "status_"), [("p=reject; sp=none", FAIL), ("p=none; sp=reject", PASS)])
def test_what_a_domain_above_says_of_those_below(policy: str, status_: Status) -> None:
    """cisagov/ScubaGoggles#1180: `p` was read where `sp` decides."""
    below = a_domain("mail.acme.example", {"mail.acme.example": "", "acme.example": f"v=DMARC1; {policy}"})
    above = a_domain("acme.example", {"acme.example": f"v=DMARC1; {policy}"})

    assert email_records.judge(below, [below, above]).status is status_  # type: ignore[arg-type]  # a list will do


@pytest.mark.parametrize(("text", "status_"), [("v=DMARC1; p=reject", PASS), ("", FAIL), ("v=DMARC1; p=none", FAIL)])
def test_an_alias_needs_dmarc_and_nothing_else(text: str, status_: Status) -> None:
    """cisagov/ScubaGoggles#763: aliases were left out; mail from them is sent and signed by their domain."""
    alias = a_domain("acme.net", {"acme.net": text}, spf="", parent="acme.example")

    assert status(email_records, alias, every(Domain, [])) is status_


def test_a_sign_in_that_the_list_has_lost() -> None:
    """GAM-team/GAM#444, googleapis/google-api-dotnet-client#1341: times of sign-in come and go in lists."""
    lost = a_user("ada", lastLoginTime="1970-01-01T00:00:00.000Z", creationTime=ago(900), agreedToTerms=True)
    never = a_user("bob", lastLoginTime="1970-01-01T00:00:00.000Z", creationTime=ago(900), agreedToTerms=False)

    assert status(inactive_suspended, one(User, {"mail": "", **lost})) is UNKNOWN
    assert status(inactive_suspended, one(User, {"mail": "", **never})) is FAIL


def test_a_suspended_user_is_nobody_who_signs_in() -> None:
    """slashdevops/idp-scim-sync#40: suspended users were taken for enabled ones."""
    user = one(User, {"mail": "", **a_user("ada", suspended=True, isEnrolledIn2Sv=False)})

    assert status(enrolled, user, every(SsoAssignment, []), units()) is NOTHING


def test_apps_that_nobody_has_configured() -> None:
    """cisagov/ScubaGoggles and another tool take UNSPECIFIED_UBER_BLOCK for opposites; the console shows it as open."""
    setting = "api_controls.unconfigured_third_party_apps"

    assert policy_status(api_access_restricted, a_policy(setting, {"accessLevel": "UNSPECIFIED_UBER_BLOCK"})) is FAIL
    assert (
        policy_status(api_access_restricted, a_policy(setting, {"accessLevel": "ACCESS_LEVEL_UNSPECIFIED"})) is UNKNOWN
    )
