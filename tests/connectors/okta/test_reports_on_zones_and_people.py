"""What people reported of zones, enrolment, administrators and applications on Okta, each with the value that is right.

Named by repository and number, as in `test_reported_situations.py`.
"""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Status
from connectors.okta._policy.verification import asked
from connectors.okta.network.anonymizers import anonymizers_blocked
from connectors.okta.network.threats import ThreatInsight, threat_insight_blocking
from connectors.okta.organization.tokens import ApiToken, api_tokens_limited
from connectors.okta.people.administrators import super_admin_count_limited
from connectors.okta.people.groups import Group
from connectors.okta.signon.authenticators import Authenticator, weak_disabled
from connectors.okta.signon.enrollment import EnrollmentPolicy, enrollment_mfa_required
from connectors.okta.signon.lifecycle import LifecyclePolicy, inactivity_automation_active
from connectors.okta.signon.second_factor import apps_not_password_only, global_session_mfa
from tests.connectors.github.judging import FAIL, PASS, UNKNOWN, CompleteSet, UnreadSet, ago, status, view
from tests.connectors.okta import estate
from tests.connectors.okta.judging import (
    a_session_policy,
    a_user,
    a_zone,
    an_access_policy,
    an_app,
    an_assignment,
    an_organization,
)

EVERYWHERE = [{"type": "CIDR", "value": "0.0.0.0/0"}]
COUNTRY: dict[str, Any] = {"type": "DYNAMIC", "gateways": None, "locations": [{"country": "US"}]}
OPERATOR: dict[str, Any] = {"type": "DYNAMIC", "gateways": None, "asns": ["64500"]}
PROXIES: dict[str, Any] = {
    "type": "DYNAMIC_V2",
    "gateways": None,
    "ipServiceCategories": {"include": ["ALL_ANONYMIZERS"]},
}


def required(**enroll: Any) -> EnrollmentPolicy:
    """A policy that requires a security key in some way, and asks everybody for it."""
    settings = {
        "type": "AUTHENTICATORS",
        "authenticators": [{"key": "webauthn", "enroll": {"self": "REQUIRED", **enroll}}],
    }
    return view(EnrollmentPolicy, **estate.an_enrollment_policy(settings=settings), rules=[estate.an_enrollment_rule()])


@pytest.mark.parametrize(
    ("grace", "expected"),
    [
        (None, PASS),
        ({"type": "BY_DATE_TIME", "expiry": ago(-30)}, FAIL),
        ({"type": "BY_DATE_TIME", "expiry": ago(1)}, PASS),
        ({"type": "BY_SKIP_COUNT", "skipCount": 3}, FAIL),
        ({"type": "SOMETHING_NEW"}, FAIL),
    ],
)
def test_what_may_be_put_off_is_not_required_yet(grace: Any, expected: Status) -> None:
    """okta/terraform-provider-okta#2874, okta/okta-developer-docs#5858: required, with a grace period beside it."""
    policy = required(gracePeriod=grace)

    assert status(enrollment_mfa_required, policy) is expected
    assert status(enrollment_mfa_required, policy, grace_allowed=True) is PASS


def test_a_factor_that_is_required_at_once_bears_one_that_is_not() -> None:
    """Of two strong authenticators one is enough."""
    later = {"key": "webauthn", "enroll": {"self": "REQUIRED", "gracePeriod": {"type": "BY_SKIP_COUNT"}}}
    now = {"key": "okta_verify", "enroll": {"self": "REQUIRED"}}
    policy = view(
        EnrollmentPolicy,
        **estate.an_enrollment_policy(settings={"type": "AUTHENTICATORS", "authenticators": [later, now]}),
        rules=[estate.an_enrollment_rule()],
    )

    assert status(enrollment_mfa_required, policy) is PASS


@pytest.mark.parametrize(
    ("exempt", "gateways", "blocklist", "insight"),
    [
        (True, EVERYWHERE, FAIL, FAIL),
        (None, EVERYWHERE, UNKNOWN, UNKNOWN),
        (False, EVERYWHERE, PASS, PASS),
        (True, [{"type": "CIDR", "value": "104.28.0.0/16"}], PASS, PASS),
    ],
)
def test_the_zone_that_goes_past_every_blocklist_is_named_by_okta(
    exempt: bool | None, gateways: Any, blocklist: Status, insight: Status
) -> None:
    """okta/terraform-provider-okta#2221 and #2271: `useAsExemptList` tells it apart, where the feature is on."""
    zone = a_zone("nzo9", system=True, gateways=gateways, useAsExemptList=exempt)
    zones = CompleteSet(view(type(zone), **estate.an_enhanced_zone()), zone)

    assert status(anonymizers_blocked, zones) is blocklist
    assert status(threat_insight_blocking, view(ThreatInsight, action="block", excludeZones=[]), zones) is insight


@pytest.mark.parametrize(("zone", "expected"), [(COUNTRY, FAIL), (PROXIES, FAIL), (OPERATOR, UNKNOWN), ({}, PASS)])
def test_zones_of_places_and_services_are_nobodys_own(zone: dict[str, Any], expected: Status) -> None:
    """okta/terraform-provider-okta#476: dynamic zones have countries, operators and kinds of proxies."""
    insight = view(ThreatInsight, action="block", excludeZones=["nzo1"])

    assert status(threat_insight_blocking, insight, CompleteSet(a_zone(**zone))) is expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [(COUNTRY, UNKNOWN), (PROXIES, UNKNOWN), (OPERATOR, UNKNOWN), ({"status": "INACTIVE"}, UNKNOWN), ({}, PASS)],
)
def test_a_token_is_bound_by_a_zone_that_is_in_force(zone: dict[str, Any], expected: Status) -> None:
    """prowler-cloud/prowler#11464: any zone that was known made a token restricted."""
    token = view(ApiToken, **{**estate.a_token("00T1"), "lastUpdated": ago(1), "expiresAt": ago(-29)})

    assert status(api_tokens_limited, token, CompleteSet(a_zone(**zone)), CompleteSet()) is expected


def test_two_zones_for_policies_do_not_block() -> None:
    """okta/okta-developer-docs#2278, prowler-cloud/prowler#11463: of two usages only one blocks."""
    blocking = a_zone(**{**PROXIES, "usage": "BLOCKLIST"})

    assert status(anonymizers_blocked, CompleteSet(a_zone(**PROXIES))) is FAIL
    assert status(anonymizers_blocked, CompleteSet(a_zone(**PROXIES), blocking)) is PASS


def test_a_rule_that_refuses_whoever_is_outside() -> None:
    """articulate/terraform-provider-okta#236: a zone may be excluded without any being included."""
    deny = estate.a_session_rule(
        "a",
        1,
        actions={"signon": {"access": "DENY", "requireFactor": False}},
        conditions={"network": {"connection": "ZONE", "include": [], "exclude": ["nzo1"]}},
    )
    policy = CompleteSet(a_session_policy(deny, estate.a_session_rule("b", 2, factor=False)))
    organization, nothing = an_organization("v1"), UnreadSet()

    for limits, expected in (({}, FAIL), ({"one_factor_zones": ("nzo1",)}, PASS)):
        found = status(global_session_mfa, policy, CompleteSet(a_zone()), organization, nothing, nothing, **limits)
        assert found is expected


def judged(*rules: dict[str, Any], **but: Any) -> Status:
    """Return what is said of an application with a policy of these rules, where a session needs no second factor."""
    return status(
        apps_not_password_only,
        an_app(**but),
        CompleteSet(a_session_policy(estate.a_session_rule(factor=False))),
        CompleteSet(),
        an_organization(),
        CompleteSet(an_access_policy(*rules)),
    )


def test_a_rule_that_refuses_everybody_hides_the_catch_all_rule() -> None:
    """okta/terraform-provider-okta#1251 and #1749: the last rule cannot be changed, so another is put before it."""
    refuse = estate.an_app_rule("z", 98, actions={"appSignOn": {"access": "DENY"}})
    catch_all = estate.an_app_rule(by=estate.assurance("1FA"))

    assert judged(estate.an_app_rule("a", 1), refuse, catch_all) is PASS
    assert judged(estate.an_app_rule("a", 1, status="INACTIVE"), catch_all) is FAIL


@pytest.mark.parametrize(
    ("possession", "two"),
    [
        ({"userVerification": "REQUIRED"}, True),
        ({"userVerification": "OPTIONAL"}, False),
        ({"userPresence": "REQUIRED"}, False),
        ({"userVerification": "REQUIRED", "required": False}, False),
    ],
)
def test_a_pin_or_a_biometric_is_a_factor_of_a_second_kind(possession: dict[str, Any], two: bool) -> None:
    """Okta documents the option for passwordless sign-in, which has one authenticator and two factors."""
    assert asked(estate.assurance("1FA", {"possession": possession})).two_factors is two
    assert asked(estate.assurance("1FA", {"possession": possession}, {})).two_factors is False


def test_service_applications_with_all_rights_count() -> None:
    """okta/okta-developer-docs#4315: service apps were given the role of a super administrator by themselves."""
    people = [an_assignment(f"00u{n}") for n in range(4)]
    apps = [an_assignment(f"0oa{n}", principal="client", name=f"App {n}") for n in range(2)]
    users = CompleteSet(*(a_user(f"00u{n}") for n in range(4)))

    assert status(super_admin_count_limited, CompleteSet(*people, apps[0]), users) is PASS
    assert status(super_admin_count_limited, CompleteSet(*people, *apps), users) is FAIL
    # Nobody is stood in for by a program.
    assert status(super_admin_count_limited, CompleteSet(people[0], *apps), users) is FAIL


def test_a_super_administrator_of_a_status_that_is_not_known() -> None:
    """A status that was added is neither that of somebody who signs in nor of somebody who cannot."""
    admins = CompleteSet(*(an_assignment(f"00u{n}") for n in range(3)))
    users = CompleteSet(a_user("00u0"), a_user("00u1"), a_user("00u2", status="NEW"))

    assert status(super_admin_count_limited, admins, users) is UNKNOWN


@pytest.mark.parametrize(
    ("methods", "expected"),
    [({"sms": "ACTIVE", "voice": "INACTIVE"}, FAIL), ({"sms": "INACTIVE", "voice": "INACTIVE"}, PASS)],
)
def test_methods_of_a_phone_are_switched_one_by_one(methods: dict[str, str], expected: Status) -> None:
    """okta/terraform-provider-okta#829, #1212, #2438: an authenticator is active, and each method by itself."""
    listed = [{"type": kind, "status": state} for kind, state in methods.items()]
    phone = view(
        Authenticator, **estate.an_authenticator("phone_number", settings={"allowedFor": "any"}), methods=listed
    )

    assert status(weak_disabled, CompleteSet(phone)) is expected


def test_an_automation_that_leaves_somebody_out() -> None:
    """prowler-cloud/prowler#11496: one automation for the group of everybody was enough, whomever it left out."""
    people: dict[str, Any] = {
        "users": {"inactivity": {"number": 35, "unit": "DAYS"}},
        "groups": {"include": ["00g1"], "exclude": ["00g2"]},
    }
    automation = view(
        LifecyclePolicy, **estate.an_automation(conditions={"people": people}), rules=[estate.a_lifecycle_rule()]
    )
    groups = CompleteSet(
        *(view(Group, **estate.a_group(f"00g{n}", name)) for n, name in ((1, "Everyone"), (2, "Service")))
    )

    assert status(inactivity_automation_active, CompleteSet(automation), groups) is UNKNOWN
