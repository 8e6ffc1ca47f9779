"""How people prove who they are: 2-step verification, passwords, account recovery, sessions.

Defaults are those that Google documents for fields that no policy sets, on the page "Policy API concepts", section
"Default field values" (https://docs.cloud.google.com/identity/docs/concepts/policy-api-concepts#default_field_values).
Where it documents none, what is not set is unknown.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from collector.core.checks import All, Verdict, check, failed, unknown
from collector.core.spans import show_span
from connectors.googleworkspace._policy.judging import Rule, Values, judge
from connectors.googleworkspace._policy.reducing import Reducer, Setting
from connectors.googleworkspace.directory.orgunits import OrgUnit
from connectors.googleworkspace.directory.users import User
from connectors.googleworkspace.policy.of_customer import all_policies
from connectors.googleworkspace.policy.policies import Policy

ENROLLMENT = Setting("security.two_step_verification_enrollment", defaults={"allowEnrollment": True})
ENFORCEMENT = Setting("security.two_step_verification_enforcement")
FACTORS = Setting("security.two_step_verification_enforcement_factor", defaults={"allowedSignInFactorSet": "ALL"})
GRACE = Setting("security.two_step_verification_grace_period")
PASSWORD = Setting("security.password")
RECOVERY = Setting("security.super_admin_account_recovery", Reducer.MERGE, defaults={"enableAccountRecovery": False})
SESSIONS = Setting("security.session_controls")
ADVANCED_PROTECTION = Setting("security.advanced_protection_program")

ALLOWED_FACTORS = FACTORS("allowedSignInFactorSet")
PHISHING_RESISTANT = frozenset({"PASSKEY_ONLY", "PASSKEY_PLUS_IP_BOUND_SECURITY_CODE", "PASSKEY_PLUS_SECURITY_CODE"})
WITHOUT_TELEPHONE = PHISHING_RESISTANT | {"NO_TELEPHONY"}
FACTOR_SETS = WITHOUT_TELEPHONE | {"ALL"}

_LONGEST_GRACE = timedelta(days=183)
"""The longest time that new users can be given to enrol: six months."""


@check(
    "googleworkspace_policy_2sv_enforced",
    title="2-step verification is enforced in every unit",
    severity="critical",
    fix="Turn enforcement of 2-step verification on for the whole company, and remove exceptions of units and groups",
)
def two_step_enforced(policies: All[Policy], units: All[OrgUnit], users: All[User], *, now: datetime) -> Verdict:
    enforced_from, enrollment = ENFORCEMENT("enforcedFrom"), ENROLLMENT("allowEnrollment")

    def not_enforced(values: Values) -> str | None:
        if not values.flag(enrollment):
            return "users may not turn 2-step verification on, so it is enforced for nobody"
        start = values.moment(enforced_from)
        if start is None:
            return "2-step verification is not enforced"
        return f"2-step verification is enforced from {start:%Y-%m-%d} on, which is to come" if start > now else None

    verdict = judge(all_policies(policies, units), [Rule((enforced_from, enrollment), not_enforced)])
    if verdict.status.value == "fail":
        return verdict
    # Google says of each user whether it is enforced; one for whom it is not settles what the policies leave open, and
    # contradicts what they say, but for new users, who have some time to enrol.
    not_enforced_for = [user for user in users if user.is_active and not user.is_enforced]
    of_policies_alone = verdict.status.value == "pass"
    if of_policies_alone:
        not_enforced_for = [user for user in not_enforced_for if now - user.creation_time > _LONGEST_GRACE]
    if not not_enforced_for:
        return verdict
    first = min(user.primary_email for user in not_enforced_for)
    said = f"2-step verification is not enforced for {len(not_enforced_for)} active users, such as {first}"
    return (
        unknown(f"the policies say that it is, and yet {said} by Google's word") if of_policies_alone else failed(said)
    )


@check(
    "googleworkspace_policy_2sv_no_sms",
    title="Text or voice codes are not allowed",
    severity="medium",
    fix="Allow any method except codes by text or phone call, or only security keys, for 2-step verification",
)
def no_telephone(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    def by_telephone(values: Values) -> str | None:
        allowed = values.word(ALLOWED_FACTORS, FACTOR_SETS)
        return None if allowed in WITHOUT_TELEPHONE else values.shown(ALLOWED_FACTORS)

    return judge(all_policies(policies, units), [Rule((ALLOWED_FACTORS,), by_telephone)])


@check(
    "googleworkspace_policy_2sv_grace_limited",
    title="New-user enrolment period is short",
    severity="low",
    fix="Shorten the time that new users have to enrol in 2-step verification",
)
def grace_limited(policies: All[Policy], units: All[OrgUnit], *, max_grace: timedelta = timedelta(days=7)) -> Verdict:
    grace = GRACE("enrollmentGracePeriod")

    def too_long(values: Values) -> str | None:
        span = values.span(grace)
        if span <= max_grace:
            return None
        return f"new users have {show_span(span)} to enrol; {show_span(max_grace)} are allowed"

    return judge(all_policies(policies, units), [Rule((grace,), too_long)])


@check(
    "googleworkspace_policy_super_admin_recovery_off",
    title="Super admin self-recovery is off",
    severity="high",
    fix="Turn off that super admins may recover their account themselves",
)
def super_admin_recovery(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    recovery = RECOVERY("enableAccountRecovery")

    def may_recover(values: Values) -> str | None:
        return "super admins may recover their account by phone or mail" if values.flag(recovery) else None

    return judge(all_policies(policies, units), [Rule((recovery,), may_recover)])


@check(
    "googleworkspace_policy_password_strong",
    title="Password policy meets the minimum standard",
    severity="medium",
    fix="Require strong passwords of the length that the company's rule asks for, at the next sign-in, without reuse",
)
def password_strong(policies: All[Policy], units: All[OrgUnit], *, min_length: int = 12) -> Verdict:
    length, strength = PASSWORD("minimumLength"), PASSWORD("allowedStrength")
    reuse, at_login = PASSWORD("allowReuse"), PASSWORD("enforceRequirementsAtLogin")

    def too_short(values: Values) -> str | None:
        shortest = values.number(length)
        return (
            None if shortest >= min_length else f"passwords may have {shortest} characters; {min_length} are asked for"
        )

    def weak(values: Values) -> str | None:
        return "weak passwords are allowed" if values.word(strength, {"STRONG", "WEAK"}) == "WEAK" else None

    def reused(values: Values) -> str | None:
        return "passwords may be used again" if values.flag(reuse) else None

    def old_ones_stay(values: Values) -> str | None:
        return None if values.flag(at_login) else "older passwords that do not meet the rule stay valid"

    rules = [
        Rule((length,), too_short),
        Rule((strength,), weak),
        Rule((reuse,), reused),
        Rule((at_login,), old_ones_stay),
    ]
    return judge(all_policies(policies, units), rules)


@check(
    "googleworkspace_policy_session_length_limited",
    title="Web sessions expire",
    severity="medium",
    fix="Limit the duration of web sessions",
)
def session_limited(
    policies: All[Policy], units: All[OrgUnit], *, max_session: timedelta = timedelta(hours=12)
) -> Verdict:
    duration = SESSIONS("webSessionDuration")

    def too_long(values: Values) -> str | None:
        span = values.span(duration)
        if span <= timedelta(0):
            return f"web sessions last {values.shown(duration)}, which is no limit"
        return (
            None
            if span <= max_session
            else f"web sessions last {show_span(span)}; {show_span(max_session)} are allowed"
        )

    return judge(all_policies(policies, units), [Rule((duration,), too_long)])


@check(
    "googleworkspace_policy_advanced_protection_available",
    title="Advanced Protection is available to sensitive users",
    severity="low",
    fix="Let users enrol in the Advanced Protection Program",
)
def advanced_protection(policies: All[Policy], units: All[OrgUnit]) -> Verdict:
    enrol = ADVANCED_PROTECTION("enableAdvancedProtectionSelfEnrollment")

    def may_not(values: Values) -> str | None:
        return None if values.flag(enrol) else "users may not enrol in the Advanced Protection Program"

    return judge(all_policies(policies, units), [Rule((enrol,), may_not)])
