"""Checks of people, administrators, tokens, passwords and settings: the edge on both sides, none at all, not read."""

from __future__ import annotations

from typing import Any

import pytest

from collector.core.checks import Check, Status
from connectors.okta.applications.certificates import SignedApp, TrustedKey, signing_certs_not_expiring
from connectors.okta.applications.identity_providers import IdentityProvider
from connectors.okta.network.anonymizers import anonymizers_blocked
from connectors.okta.network.behaviors import Behavior, behavior_detection_used
from connectors.okta.network.devices import DeviceAssurance, device_assurance_used
from connectors.okta.network.threats import ThreatInsight, threat_insight_blocking
from connectors.okta.network.zones import Zone
from connectors.okta.organization import settings as organization_settings
from connectors.okta.organization.collector import OwnIdentity, collector_read_only
from connectors.okta.organization.log_events import REPORTED, LogEvent, suspicious_activity_reporting_available
from connectors.okta.organization.log_streams import LogStream, log_streaming_enabled
from connectors.okta.organization.settings import Organization
from connectors.okta.organization.tokens import ApiToken, api_tokens_limited
from connectors.okta.people.administrators import super_admin_count_limited
from connectors.okta.people.factors import AdministratorFactors, admins_have_strong_factor
from connectors.okta.people.groups import Group
from connectors.okta.people.users import User, inactive_users_suspended, staged_users_not_stale
from connectors.okta.signon import passwords
from connectors.okta.signon.authenticators import Authenticator, phishing_resistant_available, weak_disabled
from connectors.okta.signon.enrollment import EnrollmentPolicy, enrollment_mfa_required
from connectors.okta.signon.lifecycle import LifecyclePolicy, inactivity_automation_active
from connectors.okta.signon.passwords import PasswordPolicy
from tests.connectors.github.judging import (
    FAIL,
    NOTHING,
    PASS,
    UNKNOWN,
    CompleteSet,
    UnreadSet,
    ago,
    status,
    unread,
    verdict,
    view,
)
from tests.connectors.okta import estate
from tests.connectors.okta.judging import (
    a_session_policy,
    a_user,
    a_zone,
    an_access_policy,
    an_assignment,
    an_organization,
)


@pytest.mark.parametrize(
    ("check", "kind", "others"),
    [
        (inactive_users_suspended, User, 0),
        (staged_users_not_stale, User, 0),
        (admins_have_strong_factor, AdministratorFactors, 1),
        (api_tokens_limited, ApiToken, 2),
        (passwords.password_policy_strong, PasswordPolicy, 0),
        (passwords.password_lockout_configured, PasswordPolicy, 0),
        (enrollment_mfa_required, EnrollmentPolicy, 0),
        (threat_insight_blocking, ThreatInsight, 1),
        (collector_read_only, OwnIdentity, 0),
        (organization_settings.support_access_off, Organization, 0),
        (organization_settings.admin_console_session_timeout, Organization, 0),
    ],
)
def test_what_was_not_read_is_neither_good_nor_bad(check: Check[...], kind: type[Any], others: int) -> None:
    """Evidence that was erased, or is not as Okta describes it, decides nothing."""
    assert status(check, unread(kind), *[CompleteSet()] * others) is UNKNOWN


@pytest.mark.parametrize(
    ("check", "sets"),
    [
        (phishing_resistant_available, 1),
        (weak_disabled, 1),
        (super_admin_count_limited, 2),
        (log_streaming_enabled, 1),
        (anonymizers_blocked, 1),
        (behavior_detection_used, 3),
        (device_assurance_used, 2),
        (inactivity_automation_active, 2),
        (signing_certs_not_expiring, 3),
        (suspicious_activity_reporting_available, 1),
    ],
)
def test_a_list_that_was_not_read_whole_decides_nothing(check: Check[...], sets: int) -> None:
    """On Classic Engine, for example, there are no authenticators to list."""
    assert status(check, *[UnreadSet()] * sets) is UNKNOWN


@pytest.mark.parametrize(
    ("state", "login", "activated", "expected"),
    [
        ("ACTIVE", ago(90), ago(400), PASS),
        ("ACTIVE", ago(90.1), ago(400), FAIL),
        ("LOCKED_OUT", ago(91), ago(400), FAIL),
        ("PASSWORD_EXPIRED", ago(91), ago(400), FAIL),
        ("RECOVERY", ago(91), ago(400), FAIL),
        # Activated again since: the time counts from there.
        ("ACTIVE", ago(400), ago(20), PASS),
        ("ACTIVE", None, ago(20), PASS),
        ("ACTIVE", None, ago(91), FAIL),
        ("ACTIVE", None, None, FAIL),
        ("SUSPENDED", ago(400), ago(400), PASS),
        ("DEPROVISIONED", ago(400), ago(400), PASS),
        ("STAGED", None, None, PASS),
        ("PROVISIONED", None, None, PASS),
        ("SOMETHING_NEW", ago(1), ago(1), UNKNOWN),
    ],
)
def test_idle_accounts(state: str, login: str | None, activated: str | None, expected: Status) -> None:
    """Never is not a time of last use."""
    user = a_user(status=state, lastLogin=login, activated=activated, created=ago(500))

    assert status(inactive_users_suspended, user) is expected


def test_a_service_account_may_be_exempt() -> None:
    """It signs in by a token, which moves no time of last sign-in."""
    user = a_user(lastLogin=ago(200), activated=ago(300), created=ago(300))

    assert status(inactive_users_suspended, user, exempt=("00u1@acme.example",)) is PASS
    assert status(inactive_users_suspended, user, exempt=("00u1",)) is FAIL


@pytest.mark.parametrize(
    ("state", "changed", "expected"),
    [
        ("STAGED", ago(30), PASS),
        ("STAGED", ago(30.1), FAIL),
        ("PROVISIONED", ago(31), FAIL),
        ("RECOVERY", ago(31), FAIL),
        ("PASSWORD_EXPIRED", ago(31), FAIL),
        ("ACTIVE", ago(400), PASS),
        ("DEPROVISIONED", ago(400), PASS),
        ("SOMETHING_NEW", ago(400), UNKNOWN),
        ("STAGED", None, FAIL),
    ],
)
def test_accounts_that_nobody_took(state: str, changed: str | None, expected: Status) -> None:
    """Where the change of status has no time, that of the creation counts."""
    assert status(staged_users_not_stale, a_user(status=state, statusChanged=changed, created=ago(40))) is expected


def people(number: int, **but: Any) -> list[User]:
    """So many people."""
    return [a_user(f"00u{n}", **but) for n in range(number)]


@pytest.mark.parametrize(("number", "expected"), [(0, FAIL), (1, FAIL), (2, PASS), (5, PASS), (6, FAIL)])
def test_super_administrators_are_neither_too_few_nor_too_many(number: int, expected: Status) -> None:
    """One alone cannot be stood in for."""
    assignments = CompleteSet(*(an_assignment(f"00u{n}") for n in range(number)), an_assignment("00u9", "ORG_ADMIN"))

    assert status(super_admin_count_limited, assignments, CompleteSet(*people(10))) is expected


def test_super_administrators_by_group_count_once() -> None:
    """Somebody may have the role in two ways, and who cannot sign in is none."""
    group = an_assignment("00g1", principal="group", name="Admins", members=["00u0", "00u1", "00u2"])
    direct = an_assignment("00u0")
    lesser = an_assignment("00g2", "ORG_ADMIN", principal="group", name="Others", members=["00u3", "00u4"])
    users = CompleteSet(*people(2), a_user("00u2", status="SUSPENDED"), *people(5)[3:])
    found = verdict(super_admin_count_limited, CompleteSet(group, direct, lesser), users)

    assert found.status is PASS
    assert found.reason.startswith("2 ")
    assert status(super_admin_count_limited, CompleteSet(group, direct), users, at_least=3) is FAIL
    inactive = an_assignment("00u1", roles=[estate.a_role(status="INACTIVE")])
    assert status(super_admin_count_limited, CompleteSet(inactive), users) is FAIL


def test_super_administrators_who_are_nobody_known() -> None:
    """A number that leaves somebody out would be too small; an application is named, and is nobody's account."""
    app = an_assignment("0oa1", principal="client", name="Terraform")
    two = CompleteSet(an_assignment("00u0"), an_assignment("00u1"), app)
    found = verdict(super_admin_count_limited, two, CompleteSet(*people(2)))

    assert found.status is PASS
    assert "Terraform" in found.reason
    assert status(super_admin_count_limited, two, CompleteSet(*people(1))) is UNKNOWN


def enrolled(*kinds: str, state: str = "ACTIVE") -> AdministratorFactors:
    """The factors of an administrator."""
    return view(AdministratorFactors, id="00u1", factors=[estate.a_factor(kind, status=state) for kind in kinds])


@pytest.mark.parametrize(
    ("factors", "user", "expected"),
    [
        (enrolled("webauthn"), {}, PASS),
        (enrolled("push", "signed_nonce"), {}, PASS),
        (enrolled("u2f"), {}, PASS),
        (enrolled("push", "sms"), {}, FAIL),
        (enrolled(), {}, FAIL),
        (enrolled("webauthn", state="PENDING_ACTIVATION"), {}, FAIL),
        (enrolled("webauthn", state="INACTIVE"), {}, FAIL),
        (enrolled("claims_provider"), {}, UNKNOWN),
        (enrolled("push"), {"status": "SUSPENDED"}, NOTHING),
        (enrolled("webauthn"), {"status": "DEPROVISIONED"}, NOTHING),
        (enrolled(), {"status": "STAGED"}, NOTHING),
        (enrolled("webauthn"), {"status": "SOMETHING_NEW"}, UNKNOWN),
        (enrolled("push"), {"status": "LOCKED_OUT"}, FAIL),
        (enrolled("push"), {"id": "00u2"}, UNKNOWN),
    ],
)
def test_administrators_have_a_factor_that_cannot_be_relayed(
    factors: AdministratorFactors, user: dict[str, Any], expected: Status
) -> None:
    """Enrolled and active; of somebody who cannot sign in there is nothing to say."""
    assert (
        status(admins_have_strong_factor, factors, CompleteSet(view(User, **{**estate.a_user(), **user}))) is expected
    )


def a_token(**but: Any) -> ApiToken:
    """A token that works from a zone."""
    return view(ApiToken, **{**estate.a_token("00T1"), "lastUpdated": ago(1), "expiresAt": ago(-29), **but})


ZONES = CompleteSet(a_zone("nzo1"), a_zone("nzo2", gateways=[{"type": "CIDR", "value": "0.0.0.0/0"}]))


@pytest.mark.parametrize(
    ("token", "expected"),
    [
        (a_token(), PASS),
        (a_token(lastUpdated=ago(30)), PASS),
        (a_token(lastUpdated=ago(30.1)), FAIL),
        (a_token(userId="00u1"), FAIL),
        (a_token(userId="00u2"), FAIL),
        (a_token(network={"connection": "ANYWHERE"}), FAIL),
        (a_token(network={"connection": "ZONE", "include": ["nzo2"]}), FAIL),
        (a_token(network={"connection": "ZONE", "include": ["nzo1", "nzo2"]}), FAIL),
        (a_token(network={"connection": "ZONE", "include": [], "exclude": ["nzo1"]}), FAIL),
        (a_token(network={"connection": "ZONE", "include": ["nzo404"]}), UNKNOWN),
        (a_token(network={"connection": "NEW"}), UNKNOWN),
        (a_token(network=None), UNKNOWN),
        (a_token(network={}), UNKNOWN),
        # What is wrong already does not wait for what is not shown.
        (a_token(network=None, userId="00u1"), FAIL),
        (a_token(network=None, lastUpdated=ago(31)), FAIL),
        (a_token(expiresAt=ago(1), network={"connection": "ANYWHERE"}, userId="00u1"), NOTHING),
        (a_token(expiresAt=None), PASS),
    ],
)
def test_api_tokens(token: ApiToken, expected: Status) -> None:
    """Its owner's rights are its own, by group too."""
    group = an_assignment("00g1", principal="group", name="Admins", members=["00u2"])
    assignments = CompleteSet(an_assignment("00u1"), group, an_assignment("00u9", "ORG_ADMIN"))

    assert status(api_tokens_limited, token, ZONES, assignments) is expected


def test_a_token_whose_owner_is_not_known() -> None:
    """Without the roles nobody says that the owner is none of the super administrators."""
    assert status(api_tokens_limited, a_token(), ZONES, UnreadSet()) is UNKNOWN
    assert status(api_tokens_limited, a_token(lastUpdated=ago(99)), ZONES, UnreadSet()) is FAIL
    assert status(api_tokens_limited, a_token(), UnreadSet(), CompleteSet()) is UNKNOWN


def a_password_policy(
    *, length: Any = 12, common: Any = True, history: Any = 5, attempts: Any = 10, provider: Any = "OKTA", **but: Any
) -> PasswordPolicy:
    """A password policy at the edge."""
    dictionary = {"common": {"exclude": common}} if common is not None else None
    password = {
        "complexity": {"minLength": length, "dictionary": dictionary},
        "age": {"historyCount": history},
        "lockout": {"maxAttempts": attempts},
    }
    conditions = {"authProvider": {"provider": provider}}
    return view(
        PasswordPolicy,
        **estate.a_policy("PASSWORD", "00p1", **{"conditions": conditions, **but}),
        settings={"password": password},
    )


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (a_password_policy(), PASS),
        (a_password_policy(length=11), FAIL),
        (a_password_policy(length=None), FAIL),
        (a_password_policy(common=False), FAIL),
        (a_password_policy(common=None), FAIL),
        (a_password_policy(history=4), FAIL),
        (a_password_policy(history=None), FAIL),
        (a_password_policy(length=30, history=24), PASS),
        (a_password_policy(length=6, status="INACTIVE"), NOTHING),
        (a_password_policy(length=6, provider="ACTIVE_DIRECTORY"), UNKNOWN),
        (a_password_policy(provider="LDAP"), UNKNOWN),
        (a_password_policy(length=6, provider="ANY"), FAIL),
        (a_password_policy(length=6, conditions=None), FAIL),
    ],
)
def test_passwords(policy: PasswordPolicy, expected: Status) -> None:
    """Okta applies its own rules to passwords that it keeps; a directory has others."""
    assert status(passwords.password_policy_strong, policy) is expected


@pytest.mark.parametrize(
    ("attempts", "expected"), [(1, PASS), (10, PASS), (11, FAIL), (0, FAIL), (None, UNKNOWN), (-1, FAIL)]
)
def test_lockout(attempts: int | None, expected: Status) -> None:
    """Zero is never."""
    assert status(passwords.password_lockout_configured, a_password_policy(attempts=attempts)) is expected
    assert status(passwords.password_lockout_configured, a_password_policy(attempts=0, status="INACTIVE")) is NOTHING


def an_authenticator(key: str, *methods: str, use: str | None = None, state: str = "ACTIVE") -> Authenticator:
    """An authenticator with active methods."""
    settings = {} if use is None else {"settings": {"allowedFor": use}}
    active = [{"type": method, "status": "ACTIVE"} for method in methods]
    return view(Authenticator, **estate.an_authenticator(key, status=state, **settings), methods=active)


@pytest.mark.parametrize(
    ("authenticators", "expected"),
    [
        ([an_authenticator("webauthn", "webauthn")], PASS),
        ([an_authenticator("webauthn", state="INACTIVE")], FAIL),
        ([an_authenticator("smart_card_idp", "cert")], PASS),
        ([an_authenticator("okta_verify", "push", "signed_nonce")], PASS),
        ([an_authenticator("okta_verify", "push", "totp")], FAIL),
        ([an_authenticator("google_otp", "otp"), an_authenticator("phone_number", "sms")], FAIL),
        ([], FAIL),
    ],
)
def test_something_that_cannot_be_relayed_is_there(authenticators: list[Authenticator], expected: Status) -> None:
    """Okta Verify is so by FastPass alone."""
    assert status(phishing_resistant_available, CompleteSet(*authenticators)) is expected


@pytest.mark.parametrize(
    ("authenticators", "expected"),
    [
        ([an_authenticator("webauthn", "webauthn")], PASS),
        ([an_authenticator("phone_number", "sms", use="any")], FAIL),
        ([an_authenticator("phone_number", "sms", use="sso")], FAIL),
        ([an_authenticator("phone_number", "sms", use="recovery")], PASS),
        ([an_authenticator("phone_number", "sms", use="none")], PASS),
        ([an_authenticator("phone_number", use="any")], PASS),
        ([an_authenticator("phone_number", "sms", use="any", state="INACTIVE")], PASS),
        ([an_authenticator("okta_email", "email", use="any")], FAIL),
        ([an_authenticator("security_question", "security_question", use="sso")], FAIL),
        ([an_authenticator("okta_email", "email")], UNKNOWN),
        ([an_authenticator("okta_email", "email", use="new")], UNKNOWN),
        ([an_authenticator("okta_email", "email"), an_authenticator("phone_number", "sms", use="any")], FAIL),
    ],
)
def test_weak_authenticators(authenticators: list[Authenticator], expected: Status) -> None:
    """For recovery they may stay."""
    assert status(weak_disabled, CompleteSet(*authenticators)) is expected


def enrollment(requirements: Any, *when: str, at: str | None = None, **but: Any) -> EnrollmentPolicy:
    """An enrolment policy with rules, the first of them for a place."""
    body = estate.an_enrollment_policy(settings=requirements, **but)
    rules = [estate.an_enrollment_rule(moment, priority=number) for number, moment in enumerate(when)]
    if at is not None:
        rules[0]["conditions"] = {"network": {"connection": "ZONE", "include": [at]}}
    for rule in rules:
        if not rule["actions"]["enroll"]["self"]:
            rule["actions"] = {}
    return view(EnrollmentPolicy, **body, rules=rules)


def authenticators(**required: str) -> dict[str, Any]:
    """The settings of a policy on Identity Engine."""
    listed = [{"key": key, "enroll": {"self": word}} for key, word in required.items()]
    return {"type": "AUTHENTICATORS", "authenticators": listed}


def factors(**required: str) -> dict[str, Any]:
    """The settings of a policy on Classic Engine."""
    return {"factors": {key: {"enroll": {"self": word}} for key, word in required.items()}}


@pytest.mark.parametrize(
    ("policy", "expected"),
    [
        (enrollment(authenticators(webauthn="REQUIRED"), "LOGIN"), PASS),
        (enrollment(authenticators(okta_verify="REQUIRED"), "CHALLENGE"), PASS),
        (enrollment(authenticators(okta_verify="OPTIONAL"), "LOGIN"), FAIL),
        (enrollment(authenticators(okta_password="REQUIRED", phone_number="REQUIRED"), "LOGIN"), FAIL),
        (enrollment(authenticators(), "LOGIN"), FAIL),
        (enrollment(authenticators(webauthn="REQUIRED"), "NEVER"), FAIL),
        # The first rule is for everybody, so that nobody comes upon the second.
        (enrollment(authenticators(webauthn="REQUIRED"), "LOGIN", "NEVER"), PASS),
        (enrollment(authenticators(webauthn="REQUIRED"), "NEVER", "LOGIN"), FAIL),
        (enrollment(authenticators(webauthn="REQUIRED"), "LOGIN", at="nzo1"), UNKNOWN),
        (enrollment(authenticators(webauthn="REQUIRED"), "NEVER", "LOGIN", at="nzo1"), FAIL),
        (enrollment(authenticators(webauthn="REQUIRED"), ""), UNKNOWN),
        (enrollment(authenticators(webauthn="REQUIRED")), FAIL),
        (enrollment(authenticators(), "LOGIN", status="INACTIVE"), NOTHING),
        (enrollment(factors(okta_push="REQUIRED"), "LOGIN"), PASS),
        (enrollment(factors(fido_webauthn="REQUIRED"), "LOGIN"), PASS),
        (enrollment(factors(okta_sms="REQUIRED"), "LOGIN"), FAIL),
        (enrollment({"type": "NEW"}, "LOGIN"), UNKNOWN),
        (enrollment(None, "LOGIN"), UNKNOWN),
    ],
)
def test_enrolment(policy: EnrollmentPolicy, expected: Status) -> None:
    """Required, and asked for."""
    assert status(enrollment_mfa_required, policy) is expected


def an_automation(status_after: str = "SUSPENDED", **but: Any) -> LifecyclePolicy:
    """An automation with what it does."""
    return view(LifecyclePolicy, **estate.an_automation(**but), rules=[estate.a_lifecycle_rule(status_after)])


def people_but(kind: str, name: str) -> dict[str, Any]:
    """Everybody who is idle for 35 days but a group or a user."""
    people: dict[str, Any] = {"users": {"inactivity": {"number": 35, "unit": "DAYS"}}, "groups": {"include": ["00g1"]}}
    return {"people": {**people, kind: {**people[kind], "exclude": [name]}}}


EVERYBODY = CompleteSet(view(Group, **estate.a_group()), view(Group, **estate.a_group("00g2", "Team")))


@pytest.mark.parametrize(
    ("automations", "expected"),
    [
        ([an_automation(days=90)], PASS),
        ([an_automation(days=91)], FAIL),
        ([an_automation("DEPROVISIONED", days=35)], PASS),
        ([an_automation("ACTIVE", days=35)], FAIL),
        ([an_automation(days=35, status="INACTIVE")], FAIL),
        ([an_automation(days=35, groups=("00g2",))], UNKNOWN),
        ([an_automation(days=35, groups=("00g2",)), an_automation(days=60)], PASS),
        ([an_automation(conditions=None)], FAIL),
        ([an_automation(conditions=people_but("groups", "00g2"))], UNKNOWN),
        ([an_automation(conditions=people_but("users", "00u1"))], UNKNOWN),
        ([], FAIL),
    ],
)
def test_automations(automations: list[LifecyclePolicy], expected: Status) -> None:
    """For everybody, soon enough, and with an end to the access."""
    assert status(inactivity_automation_active, CompleteSet(*automations), EVERYBODY) is expected


def test_automations_for_groups_that_were_not_read() -> None:
    """Whether a group is that of everybody its list says."""
    assert status(inactivity_automation_active, CompleteSet(an_automation()), UnreadSet()) is UNKNOWN
    assert status(inactivity_automation_active, CompleteSet(), UnreadSet()) is FAIL


@pytest.mark.parametrize(
    ("streams", "expected"),
    [(["ACTIVE"], PASS), (["INACTIVE", "ACTIVE"], PASS), (["INACTIVE"], FAIL), ([], UNKNOWN)],
)
def test_log_streams(streams: list[str], expected: Status) -> None:
    """Without any, something may pull the log; one that was switched off no longer does what it was made for."""
    listed = [view(LogStream, id=str(n), name="s", type="t", status=state) for n, state in enumerate(streams)]

    assert status(log_streaming_enabled, CompleteSet(*listed)) is expected


@pytest.mark.parametrize(
    ("action", "exempt", "expected"),
    [
        ("block", (), PASS),
        ("audit", (), FAIL),
        ("none", (), FAIL),
        ("block", ("nzo1",), PASS),
        ("block", ("nzo2",), FAIL),
        ("block", ("nzo404",), UNKNOWN),
    ],
)
def test_threat_insight(action: str, exempt: tuple[str, ...], expected: Status) -> None:
    """An exemption for everywhere blocks nobody."""
    settings = view(ThreatInsight, action=action, excludeZones=exempt)

    assert status(threat_insight_blocking, settings, ZONES) is expected


def test_threat_insight_with_zones_that_were_not_read() -> None:
    """How far an exemption goes the zone says, and one of them may be exempt without being named."""
    assert status(threat_insight_blocking, view(ThreatInsight, action="none", excludeZones=[]), UnreadSet()) is FAIL
    assert status(threat_insight_blocking, view(ThreatInsight, action="block", excludeZones=[]), UnreadSet()) is UNKNOWN
    assert (
        status(threat_insight_blocking, view(ThreatInsight, action="block", excludeZones=["z"]), UnreadSet()) is UNKNOWN
    )


def blocking(**but: Any) -> Zone:
    """The zone that Okta makes for anonymisers."""
    return view(Zone, **estate.an_enhanced_zone(**but))


def categories(*include: str, exclude: tuple[str, ...] = ()) -> dict[str, Any]:
    """The kinds of services that are in a zone."""
    return {"ipServiceCategories": {"include": list(include), "exclude": list(exclude)}}


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        (blocking(), PASS),
        (blocking(**categories("ALL_IP_SERVICES")), PASS),
        (blocking(status="INACTIVE"), FAIL),
        (blocking(usage="POLICY"), FAIL),
        (blocking(**categories("NORD_VPN")), FAIL),
        (blocking(**categories("ALL_ANONYMIZERS_EXCEPT_TOR")), FAIL),
        (blocking(**categories("ALL_ANONYMIZERS", exclude=("APPLE_ICLOUD_RELAY_PROXY",))), FAIL),
        (blocking(**categories()), FAIL),
        (blocking(locations={"include": [{"country": "CH"}], "exclude": []}), FAIL),
        (a_zone(usage="BLOCKLIST"), FAIL),
        (a_zone(type="DYNAMIC", usage="BLOCKLIST", gateways=None, proxyType="Any"), PASS),
        (a_zone(type="DYNAMIC", usage="BLOCKLIST", gateways=None, proxyType="NotTorAnonymizer"), FAIL),
        (a_zone(type="DYNAMIC", usage="BLOCKLIST", gateways=None, proxyType="Any", asns=["1"]), FAIL),
    ],
)
def test_anonymisers(zone: Zone, expected: Status) -> None:
    """All of them, everywhere, before any policy."""
    assert status(anonymizers_blocked, CompleteSet(a_zone(), zone)) is expected


@pytest.mark.parametrize(
    ("zone", "expected"),
    [
        ({"gateways": [{"type": "CIDR", "value": "10.0.0.0/8"}]}, False),
        ({"gateways": [{"type": "CIDR", "value": "10.0.0.0/7"}]}, True),
        ({"gateways": [{"type": "CIDR", "value": "198.51.100.7"}]}, False),
        ({"gateways": [{"type": "RANGE", "value": "198.51.100.1-198.51.100.9"}]}, False),
        ({"gateways": [{"type": "RANGE", "value": "1.0.0.0 - 200.0.0.0"}]}, True),
        ({"gateways": [{"type": "CIDR", "value": "::/0"}]}, True),
        # A registry's for a continent, and what it gives to one company.
        ({"gateways": [{"type": "CIDR", "value": "2a00::/12"}]}, True),
        ({"gateways": [{"type": "CIDR", "value": "2a00::/29"}]}, False),
        ({"gateways": [{"type": "CIDR", "value": "what"}]}, True),
        ({"type": "DYNAMIC", "gateways": None, "locations": None, "asns": None, "proxyType": None}, True),
        ({"type": "DYNAMIC", "gateways": None, "locations": [{"country": "CH"}]}, False),
        ({"type": "DYNAMIC", "gateways": None, "proxyType": "Tor"}, False),
        ({"type": "DYNAMIC", "gateways": None, "proxyType": "Any"}, False),
        ({"type": "DYNAMIC_V2", "gateways": None, "locations": {"include": [], "exclude": ["x"]}}, True),
        ({"type": "DYNAMIC_V2", "gateways": None, "asns": {"include": ["23457"]}}, False),
        ({"type": "DYNAMIC_V2", "gateways": None, "ipServiceCategories": {"include": ["NORD_VPN"]}}, False),
    ],
)
def test_zones_that_hold_most_of_the_internet(zone: dict[str, Any], expected: bool) -> None:
    """Whatever they are called."""
    assert a_zone(**zone).is_everywhere is expected


def a_behavior(state: str = "ACTIVE") -> Behavior:
    """A behaviour."""
    return view(Behavior, id="b1", name="New City", type="ANOMALOUS_LOCATION", status=state)


def test_behaviour_that_a_rule_acts_on() -> None:
    """By name in an expression, or by id in a rule of the session."""
    risk = a_session_policy(estate.a_session_rule(conditions={"risk": {"behaviors": ["b1"]}}))
    off = a_session_policy(estate.a_session_rule(conditions={"risk": {"behaviors": ["b1"]}}, status="INACTIVE"))
    text = {"elCondition": {"condition": "security.behaviors.contains('New City')"}}
    app = an_access_policy(estate.an_app_rule("a", 1, conditions=text), estate.an_app_rule())
    plain = an_access_policy(estate.an_app_rule())
    none: CompleteSet = CompleteSet()

    assert status(behavior_detection_used, CompleteSet(a_behavior()), CompleteSet(risk), none) is PASS
    assert status(behavior_detection_used, CompleteSet(a_behavior()), CompleteSet(off), none) is FAIL
    # One that somebody never comes upon, or that asks for nothing, acts on nothing.
    asks_nothing = estate.a_session_rule(factor=False, conditions={"risk": {"behaviors": ["b1"]}})
    before = estate.a_session_rule("a", 1), estate.a_session_rule("b", 2, conditions={"risk": {"behaviors": ["b1"]}})
    for policy in (a_session_policy(asks_nothing), a_session_policy(*before)):
        assert status(behavior_detection_used, CompleteSet(a_behavior()), CompleteSet(policy), none) is FAIL
    # What an expression does with a name only Okta can say: it may say that it is not so.
    assert status(behavior_detection_used, CompleteSet(a_behavior()), none, CompleteSet(app)) is UNKNOWN
    assert status(behavior_detection_used, CompleteSet(a_behavior()), none, CompleteSet(plain)) is FAIL
    assert status(behavior_detection_used, CompleteSet(a_behavior("INACTIVE")), CompleteSet(risk), none) is FAIL
    assert status(behavior_detection_used, CompleteSet(a_behavior()), none, UnreadSet()) is UNKNOWN


def test_device_assurance_of_sensitive_applications() -> None:
    """That some rule asks for it says nothing of those that matter."""
    known = CompleteSet(view(DeviceAssurance, id="d1", name="Mac", platform="MACOS"))
    asking = estate.an_app_rule("a", 1, conditions={"device": {"assurance": {"include": ["d1"]}}})
    refusing = estate.an_app_rule(actions={"appSignOn": {"access": "DENY"}})
    half = CompleteSet(an_access_policy(asking, estate.an_app_rule(), name="Payroll"))
    whole = CompleteSet(an_access_policy(asking, refusing, name="Payroll"))
    none = CompleteSet(an_access_policy(estate.an_app_rule(), name="Payroll"))

    assert status(device_assurance_used, known, whole) is UNKNOWN
    assert status(device_assurance_used, known, none) is FAIL
    assert status(device_assurance_used, known, whole, sensitive_policies=("Payroll",)) is PASS
    assert status(device_assurance_used, known, half, sensitive_policies=("Payroll",)) is FAIL
    assert status(device_assurance_used, known, whole, sensitive_policies=("Payroll", "Bank")) is FAIL
    assert status(device_assurance_used, CompleteSet(), whole, sensitive_policies=("Payroll",)) is FAIL


def a_signed_app(kid: str | None = "kid-1", state: str = "ACTIVE", **ends: str | None) -> SignedApp:
    """An application that Okta signs for."""
    keys = [{"kid": name.replace("_", "-"), "expiresAt": end} for name, end in ends.items()]
    return view(SignedApp, id="0oa1", label="Wiki", status=state, kid=kid, keys=keys)


def an_idp(kid: str = "idp-1", **but: Any) -> IdentityProvider:
    """A provider that is trusted by a certificate."""
    trust = {"type": "SAML2", "credentials": {"trust": {"kid": kid}}}
    return view(IdentityProvider, **{**estate.an_idp(), "protocol": trust, **but})


@pytest.mark.parametrize(
    ("apps", "idps", "expected"),
    [
        ([a_signed_app(kid_1=ago(-30))], [], PASS),
        ([a_signed_app(kid_1=ago(-29.9))], [], FAIL),
        ([a_signed_app(kid_1=ago(1))], [], FAIL),
        # The old one may end.
        ([a_signed_app(kid_1=ago(-400), kid_2=ago(1))], [], PASS),
        ([a_signed_app(state="INACTIVE", kid_1=ago(1))], [], NOTHING),
        ([a_signed_app(kid=None, kid_1=ago(-400))], [], UNKNOWN),
        ([a_signed_app(kid_1=None)], [], UNKNOWN),
        ([a_signed_app()], [], UNKNOWN),
        ([a_signed_app()], [an_idp("idp-2")], FAIL),
        ([], [an_idp()], PASS),
        ([], [an_idp("idp-2")], FAIL),
        ([], [an_idp("idp-404")], UNKNOWN),
        ([], [an_idp("idp-2", status="INACTIVE")], NOTHING),
        ([], [an_idp(protocol={"type": "OIDC", "credentials": {"client": {}}})], NOTHING),
        ([], [], NOTHING),
    ],
)
def test_certificates(apps: list[SignedApp], idps: list[IdentityProvider], expected: Status) -> None:
    """Those in use."""
    ends = [("idp-1", ago(-400)), ("idp-2", ago(-10))]
    trusted = CompleteSet(*(view(TrustedKey, kid=kid, expiresAt=end) for kid, end in ends))

    assert status(signing_certs_not_expiring, CompleteSet(*apps), CompleteSet(*idps), trusted) is expected


def test_reports_of_people() -> None:
    """One that was made shows that it can be done; none shows nothing."""
    report = view(LogEvent, **estate.an_event("e1", REPORTED))
    other = view(LogEvent, **estate.an_event("e2"))

    assert status(suspicious_activity_reporting_available, CompleteSet(other, report)) is PASS
    assert status(suspicious_activity_reporting_available, CompleteSet(other)) is UNKNOWN


@pytest.mark.parametrize(
    ("support", "expected"),
    [
        ({"support": "DISABLED"}, PASS),
        ({"support": "ENABLED", "expiration": ago(-1)}, FAIL),
        ({"support": "ENABLED", "expiration": ago(-1), "caseNumber": "7"}, FAIL),
        ({"support": "ENABLED", "expiration": ago(0)}, PASS),
        ({"support": "ENABLED", "expiration": None}, FAIL),
        ({"support": "NEW"}, UNKNOWN),
    ],
)
def test_support(support: dict[str, Any], expected: Status) -> None:
    """Access that has ended is none."""
    assert status(organization_settings.support_access_off, an_organization(support=support)) is expected


@pytest.mark.parametrize(("minutes", "expected"), [(5, PASS), (15, PASS), (16, FAIL), (0, FAIL)])
def test_the_admin_console_times_out(minutes: int, expected: Status) -> None:
    """A limit of the Admin Console, beside that of the session."""
    console = {"sessionIdleTimeoutMinutes": minutes, "sessionMaxLifetimeMinutes": 720}
    org = an_organization(admin_console=console)

    assert status(organization_settings.admin_console_session_timeout, org) is expected


def an_identity(*scopes: str, roles: Any = (), sign_in: str = "api_service_app") -> OwnIdentity:
    """What annexd signs in with."""
    grants = [{"scopeId": scope, "status": "ACTIVE"} for scope in scopes]
    return view(OwnIdentity, id="0oac", sign_in=sign_in, grants=grants, roles=list(roles))


def a_custom_role(*labels: str) -> dict[str, Any]:
    """A custom role with permissions."""
    return estate.a_role("CUSTOM", permissions=[{"label": label} for label in labels])


@pytest.mark.parametrize(
    ("identity", "expected"),
    [
        (an_identity("okta.users.read", "okta.apps.read"), PASS),
        (an_identity("okta.users.read.self"), PASS),
        (an_identity(), UNKNOWN),
        (an_identity("okta.users.read", "okta.apps.manage"), FAIL),
        (an_identity("okta.users.read", roles=[estate.a_role()]), PASS),
        (an_identity(sign_in="api_token", roles=[estate.a_role("READ_ONLY_ADMIN")]), PASS),
        (an_identity(sign_in="api_token", roles=[estate.a_role("READ_ONLY_ADMIN"), estate.a_role("APP_ADMIN")]), FAIL),
        (an_identity(sign_in="api_token", roles=[estate.a_role()]), FAIL),
        (an_identity(sign_in="api_token", roles=[a_custom_role("okta.users.read", "okta.iam.read")]), PASS),
        (an_identity(sign_in="api_token", roles=[a_custom_role("okta.users.read", "okta.users.manage")]), FAIL),
        (an_identity(sign_in="api_token", roles=[estate.a_role("CUSTOM")]), FAIL),
        (an_identity(sign_in="api_token"), UNKNOWN),
    ],
)
def test_the_collector_only_reads(identity: OwnIdentity, expected: Status) -> None:
    """The scopes of an app bound what its role may do; a token has none, and is as strong as its owner."""
    assert status(collector_read_only, identity) is expected


def test_a_token_is_called_the_lesser_way() -> None:
    """Also where its owner can only read."""
    good = verdict(collector_read_only, an_identity(sign_in="api_token", roles=[estate.a_role("READ_ONLY_ADMIN")]))
    app = verdict(collector_read_only, an_identity("okta.users.read"))

    assert "API token" in good.reason
    assert "API token" not in app.reason
